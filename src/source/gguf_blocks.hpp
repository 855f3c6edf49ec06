#pragma once

#include "source/gguf_keys.hpp"
#include "source/layer_tensors.hpp"
#include "vramcalc/architecture.hpp"

namespace vramcalc::source {

// Sets every block from its own layer in the file: heads and widths from the keys, since they size the cache;
// biases, norms, gates and experts from the tensors present.
void set_from_tensors(Architecture& architecture, const GgufKeys& keys, const TensorIndex& tensors);

}  // namespace vramcalc::source
