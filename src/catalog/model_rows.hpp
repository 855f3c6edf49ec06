#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "catalog/text_store.hpp"
#include "vramcalc/catalog.hpp"

namespace vramcalc::catalog {

using ReadModel = std::function<Model(const nlohmann::json& entry)>;

// A list of models → rows, each with its JSON for later. `read` returns the whole model, for its counts, so
// an impossible shape is found now and not when the model is used.
std::vector<ModelRow> read_model_rows(const nlohmann::json& list, const std::string& file,
                                      const ReadModel& read, TextStore& store);

// The entry with that id in a list of models, or null.
const nlohmann::json* find_entry(const nlohmann::json& list, std::string_view id);

}  // namespace vramcalc::catalog
