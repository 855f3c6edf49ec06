#pragma once

#include <string>
#include <utility>
#include <vector>

#include "deployment/formats/pod_spec.hpp"

// What the scripts of a pod say about models beside the command that starts the engine.
namespace vramcalc::deployment {

// Paths that a container fills with a model of the hub: `hf download MODEL --local-dir PATH`.
std::vector<std::pair<std::string, Word>> downloaded_models(const Yaml& spec, const Documents& documents);
// Models that `ollama pull` and `ollama run` name.
std::vector<Word> pulled_models(const Yaml& spec, const Documents& documents);

}  // namespace vramcalc::deployment
