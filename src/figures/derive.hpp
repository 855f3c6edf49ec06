#pragma once

#include <span>

#include "runtime/llama_cpp/precomputed.hpp"
#include "vramcalc/figures.hpp"

// The two steps of derive_figures.
namespace vramcalc::figures {

// What models of one shape share, such as fine-tunes with their base, and nearly all of the time is for:
// everything but the weights.
Precomputed of_shape(const Architecture& architecture);

ModelFigures of_model(const Model& model, const Precomputed& of_shape, std::span<const FileType> file_types);

}  // namespace vramcalc::figures
