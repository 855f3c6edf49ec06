#pragma once

#include "source/gguf_keys.hpp"
#include "source/layer_tensors.hpp"
#include "vramcalc/architecture.hpp"

namespace vramcalc::source {

// Gives every block what its own layer of the file has: heads and widths from the keys, since these size the
// cache; biases, norms, gates and experts from the tensors that are there.
void set_from_tensors(Architecture& architecture, const GgufKeys& keys, const TensorIndex& tensors);

}  // namespace vramcalc::source
