#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "vramcalc/estimate.hpp"
#include "vramcalc/extras.hpp"
#include "vramcalc/llama_cpp/options.hpp"

namespace vramcalc::llama_cpp {

// How the main model is placed, and the same placement with what it leaves free on each GPU.
struct MainModel {
  const Placement& placement;
  const Placement& left;
  const Quantization& quantization;
};

// A projector, adapter or draft model, or the context of the model's prediction layers: its terms at a
// context of the main model, and their sum on the GPU.
struct Companion {
  std::function<std::vector<PlaceEstimate>(std::uint64_t context, Backend, Reasons)> terms;
  std::function<Amount(std::uint64_t context, Backend)> gpu;
  // For a main model spread over several GPUs or the host; null if the companion is always on the first GPU.
  std::function<std::vector<PlaceEstimate>(std::uint64_t context, const MainModel&, Reasons)> spread;
};

}  // namespace vramcalc::llama_cpp
