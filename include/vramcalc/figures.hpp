#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "vramcalc/file_type.hpp"
#include "vramcalc/model.hpp"

// Figures of the catalog's models under llama.cpp's defaults, which the build computes once, with the same
// functions that the program uses.
namespace vramcalc {

struct Precomputed;

struct ModelFigures {
  Parameters parameters;
  std::shared_ptr<const Precomputed> known;
};

// The figures of an embedded model; empty if none were computed, as in a build without VRAMCALC_FIGURES.
std::optional<ModelFigures> model_figures(std::string_view model_id, std::span<const FileType> file_types);

// Computes those figures.
ModelFigures derive_figures(const Model& model, std::span<const FileType> file_types);

}  // namespace vramcalc
