#pragma once

#include <optional>
#include <string_view>

#include "vramcalc/runtime.hpp"

// What an answer about a model of data/ needs does not change from start to start, so it is computed once,
// while the program is built: by the same functions, for llama.cpp's default workload.
namespace vramcalc {

struct ModelFigures {
  Parameters parameters;
  KnownFigures known;
};

// Of the catalog's model of that id as it is embedded; empty where nothing was computed, as in a build
// without VRAMCALC_FIGURES.
std::optional<ModelFigures> model_figures(std::string_view model_id, std::span<const FileType> file_types);

// How they are computed.
ModelFigures derive_figures(const Model& model, std::span<const FileType> file_types);

}  // namespace vramcalc
