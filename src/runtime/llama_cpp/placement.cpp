#include "vramcalc/llama_cpp/placement.hpp"

#include <fmt/format.h>

namespace vramcalc::llama_cpp {
namespace {

// common/common.h (LLM_FFN_EXPS_REGEX) and common/fit.cpp of llama.cpp 0.5.0.
std::string_view names_of(TensorOverride::Part part) {
  switch (part) {
    case TensorOverride::Part::named: return "";
    case TensorOverride::Part::experts: return "ffn_(up|down|gate_up|gate)_(ch|)exps";
    case TensorOverride::Part::feed_forward: return "ffn_(gate|up|gate_up|down).*";
    case TensorOverride::Part::feed_forward_but_up: return "ffn_(gate|gate_up|down).*";
    case TensorOverride::Part::feed_forward_down: return "ffn_down.*";
  }
  return "";
}

}  // namespace

std::string pattern_of(const TensorOverride& moved) {
  if (moved.part == TensorOverride::Part::named) return moved.pattern;
  if (!moved.layer) return fmt::format("\\.{}", names_of(moved.part));
  return fmt::format("blk\\.{}\\.{}", *moved.layer, names_of(moved.part));
}

TensorOverride experts_on_host() { return {}; }

std::vector<TensorOverride> experts_on_host(std::uint32_t layers) {
  std::vector<TensorOverride> moved(layers);
  for (std::uint32_t layer = 0; layer < layers; ++layer) moved[layer].layer = layer;
  return moved;
}

}  // namespace vramcalc::llama_cpp
