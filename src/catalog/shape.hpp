#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "vramcalc/architecture.hpp"

namespace vramcalc::catalog {

// A config (Hugging Face field names) → the shape that it describes.
//
// `architectures` is data/architectures.json: a row per model_type, with the fields shared by all its models
// and the layout that a config does not give (wiring, names of norms, what the converter keeps). The config's
// own fields win. The code reads only the merged fields and knows no model_type.
//
// Errors (bad_file) name `file`, `entry` and the field. Every field must be known and used by the shape.
Architecture read_architecture(const nlohmann::json& config, const nlohmann::json& architectures,
                               const std::string& file, const std::string& entry);

// The same for a config with more fields: `unused` receives those that the shape did not read.
Architecture read_architecture(const nlohmann::json& config, const nlohmann::json& architectures,
                               const std::string& file, const std::string& entry,
                               std::vector<std::string>& unused);

}  // namespace vramcalc::catalog
