#pragma once

#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "deployment/yaml.hpp"

namespace vramcalc::deployment {

// The models of a llama-swap configuration: a name or an alias, and its place in the file.
using ModelPlaces = std::unordered_map<std::string_view, std::size_t>;

// Which models llama-swap may have running at once, by its groups or its matrix: sets of their places. Empty
// if there are too many sets to list, or the matrix cannot be read.
using ModelSets = std::vector<std::vector<std::size_t>>;
std::optional<ModelSets> models_at_once(const Yaml& document, const ModelPlaces& places, std::size_t models);

}  // namespace vramcalc::deployment
