#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "vramcalc/architecture.hpp"

namespace vramcalc::catalog {

// A config (Hugging Face field names) → the shape that it describes.
//
// `architectures` is data/architectures.json: a row a model_type, with the fields that are the same for all
// its models and the layout that a config does not say (wiring, names of norms, what the converter keeps).
// The config's own fields win. What the code reads is the merged fields alone: no model_type is known here.
//
// Errors (bad_file) name `file`, `entry` and the field. Every field must be known and used by the shape.
Architecture read_architecture(const nlohmann::json& config, const nlohmann::json& architectures,
                               const std::string& file, const std::string& entry);

// The same of a config that says more than a shape: `unused` gets the fields that the shape did not ask for.
Architecture read_architecture(const nlohmann::json& config, const nlohmann::json& architectures,
                               const std::string& file, const std::string& entry,
                               std::vector<std::string>& unused);

}  // namespace vramcalc::catalog
