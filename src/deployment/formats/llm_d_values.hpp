#pragma once

#include "deployment/formats.hpp"

namespace vramcalc::deployment {

// Values of llm-d's chart for model servers (llm-d-modelservice): modelArtifacts, decode and prefill.
bool is_llm_d_values(const Yaml& values);
void read_llm_d_values(const Documents& documents, Reading& reading);

}  // namespace vramcalc::deployment
