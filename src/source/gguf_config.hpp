#pragma once

#include <nlohmann/json.hpp>

#include "source/gguf.hpp"
#include "source/gguf_keys.hpp"
#include "source/gguf_rows.hpp"
#include "source/layer_tensors.hpp"

namespace vramcalc::source {

// How many layers a file has, and which of them predict further tokens.
struct GgufLayers {
  std::uint32_t trunk = 0;
  std::uint32_t mtp = 0;
  std::uint32_t all() const { return trunk + mtp; }
};
GgufLayers gguf_layers(const GgufKeys& keys, const TensorIndex& tensors);

// The config from which a GGUF could have been converted: keys become the fields of the catalog's shapes
// (catalog/shape.hpp), and the kind of each layer is read off its tensors. It says what the layers share;
// what each has for itself follows in set_from_tensors.
nlohmann::json gguf_config(const GgufKeys& keys, const TensorIndex& tensors, const GgufRow& row);

}  // namespace vramcalc::source
