#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "vramcalc/model.hpp"

namespace vramcalc::catalog {

// An entry of data/models/*.json → a Model. `architectures` is data/architectures.json; errors name `file`,
// the entry and the field.
// The identity without the shape, also for incomplete entries.
Model read_identity(const nlohmann::json& entry, const std::string& file);

// The base of a variant, by id.
using BaseOf = std::function<Model(const std::string& id)>;

// Identity and shape. A variant takes the shape of its base, found by `base_of`. An entry that is marked
// incomplete is refused (unsupported) with its reason.
Model read_model(const nlohmann::json& entry, const nlohmann::json& architectures, const std::string& file,
                 const BaseOf& base_of);

}  // namespace vramcalc::catalog
