#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/llama_cpp/tensor_split/cut.hpp"
#include "runtime/llama_cpp/tensor_split/layer.hpp"

namespace vramcalc::llama_cpp::tensor_split {

// Steps of attention that is not recurrent: whole groups of query heads, and whole blocks.
struct AttentionSteps {
  std::uint64_t queries = 1, gated_queries = 1, keys = 1, heads = 1;
};

AttentionSteps attention_steps(const Layer& layer, std::size_t gpus);

// Does nothing to tensors of other parts of the layer.
void cut_attention(Cut& cut, const Tensor& tensor, const Layer& layer, const AttentionSteps& steps,
                   bool gated_queries);

}  // namespace vramcalc::llama_cpp::tensor_split
