#pragma once

#include "model/tensor_list.hpp"

namespace vramcalc {

// The rows of the embedding in one form, since the converter trims or pads some vocabularies.
std::uint64_t vocabulary_of(const Architecture&, Form);

// Tensors outside the layers: embeddings, final norm, output, rope tables, per-layer inputs.
void append_ends(TensorList&, const Architecture&);

// Kimi K3: a score that weights earlier states of the residual stream.
void append_residual_score(TensorList&, Role score, Role norm, std::uint64_t hidden_size);

// One layer of the trunk, and one multi-token-prediction layer.
void append_block(TensorList&, const Architecture&, const Block&, std::int32_t layer);
void append_mtp_block(TensorList&, const Architecture&, const Block&, std::int32_t layer);

// The checkpoint before conversion, including prediction layers.
std::vector<Tensor> checkpoint_tensors(const Architecture&);

}  // namespace vramcalc
