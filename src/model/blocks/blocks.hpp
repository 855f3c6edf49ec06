#pragma once

#include "model/tensor_list.hpp"

// One function, in its own file, per kind of block part, which appends the tensors of that part. Names and
// shapes are those that llama.cpp 0.5.0 loads (src/models/, load_arch_tensors) and its converter writes
// (conversion/).
namespace vramcalc {

struct BlockContext {
  std::uint64_t hidden_size = 0;
  std::uint64_t vocab_size = 0;
  NormKind norm = NormKind::rms;
};

void append(TensorList&, const BlockContext&, const GroupedQueryAttention&);
void append(TensorList&, const BlockContext&, const LatentAttention&);
void append(TensorList&, const BlockContext&, const GatedDeltaNet&);
void append(TensorList&, const BlockContext&, const KimiDeltaAttention&);
void append(TensorList&, const BlockContext&, const LightningAttention&);
void append(TensorList&, const BlockContext&, const Mamba1&);
void append(TensorList&, const BlockContext&, const Mamba2&);
void append(TensorList&, const BlockContext&, const ParallelMamba2Attention&);
void append(TensorList&, const BlockContext&, const ShortConvolution&);
void append(TensorList&, const BlockContext&, const BlockSparseAttention&);
void append(TensorList&, const BlockContext&, const CompressedAttention&);
void append(TensorList&, const BlockContext&, const CrossAttention&);

void append(TensorList&, const BlockContext&, const DenseFeedForward&);
void append(TensorList&, const BlockContext&, const MixtureOfExperts&);

// Parts that a block does not have.
inline void append(TensorList&, const BlockContext&, const NoAttention&) {}
inline void append(TensorList&, const BlockContext&, const NoFeedForward&) {}

// A checked product of two widths.
inline std::uint64_t times(std::uint64_t a, std::uint64_t b) { return checked_multiply(a, b); }

}  // namespace vramcalc
