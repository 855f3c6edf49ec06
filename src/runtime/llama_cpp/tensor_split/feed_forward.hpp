#pragma once

#include "runtime/llama_cpp/tensor_split/cut.hpp"
#include "runtime/llama_cpp/tensor_split/layer.hpp"

namespace vramcalc::llama_cpp::tensor_split {

// Does nothing to tensors of other parts of the layer.
void cut_feed_forward(Cut& cut, const Tensor& tensor, const Layer& layer);

}  // namespace vramcalc::llama_cpp::tensor_split
