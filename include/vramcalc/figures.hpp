#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "vramcalc/file_type.hpp"
#include "vramcalc/model.hpp"

// What an answer about a model of data/ needs does not change from start to start, so it is computed once,
// while the program is built: by the same functions, for llama.cpp's defaults.
namespace vramcalc {

struct Precomputed;

struct ModelFigures {
  Parameters parameters;
  std::shared_ptr<const Precomputed> known;
};

// Of the catalog's model of that id as it is embedded; empty where nothing was computed, as in a build
// without VRAMCALC_FIGURES.
std::optional<ModelFigures> model_figures(std::string_view model_id, std::span<const FileType> file_types);

// How they are computed.
ModelFigures derive_figures(const Model& model, std::span<const FileType> file_types);

}  // namespace vramcalc
