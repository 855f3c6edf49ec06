#include "vramcalc/tensor.hpp"

namespace vramcalc {
namespace {

constexpr std::string_view layer_prefix = "blk.";

// "blk.12.attn_q.weight" → 12, and -1 without a number. Numbers that are too long stay larger than any layer
// count, so they are refused later.
std::int32_t layer_of(std::string_view name) {
  constexpr std::int32_t beyond_any_model = 999'999'999;
  if (!name.starts_with(layer_prefix)) return -1;
  std::int32_t layer = 0;
  std::size_t digits = 0;
  for (char c : name.substr(layer_prefix.size())) {
    if (c < '0' || c > '9') return c == '.' && digits > 0 ? layer : -1;
    ++digits;
    layer = layer < beyond_any_model / 10 ? layer * 10 + (c - '0') : beyond_any_model;
  }
  return -1;
}

}  // namespace

Tensor tensor_named(std::string name, const Shape& shape) {
  Tensor tensor;
  tensor.layer = layer_of(name);
  std::string_view part = name;
  if (tensor.layer >= 0) part.remove_prefix(part.find('.', layer_prefix.size()) + 1);
  tensor.kind = tensor_kind(part);
  tensor.name = std::move(name);
  tensor.shape = shape;
  return tensor;
}

}  // namespace vramcalc
