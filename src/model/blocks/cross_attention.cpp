#include "model/blocks/blocks.hpp"

namespace vramcalc {

// No GGUF has this kind (llama.cpp 0.5.0 has no converter for Llama 3.2 Vision), so the names are ours.
void append(TensorList& list, const BlockContext& context, const CrossAttention& cross) {
  append(list, context, cross.attention);
  list.add({Role::cross_attn_gate, Component::parameter}, {1});
  list.add({Role::cross_ffn_gate, Component::parameter}, {1});
}

}  // namespace vramcalc
