#pragma once

#include "deployment/formats.hpp"
#include "deployment/formats/pod_spec.hpp"

// What the charts and the operator of the vLLM production stack make of their settings.
namespace vramcalc::deployment {

// The command for a model, with the flags of its vllmConfig and lmcacheConfig.
std::vector<Word> stack_command(const Word& model, const Yaml& spec, const Documents& documents);

}  // namespace vramcalc::deployment
