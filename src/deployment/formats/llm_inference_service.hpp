#pragma once

#include "deployment/formats.hpp"

namespace vramcalc::deployment {

// KServe's LLMInferenceService: vLLM on the pods of a template, with a pool of its own for prefill.
void read_llm_inference_service(const Documents& documents, Reading& reading);

}  // namespace vramcalc::deployment
