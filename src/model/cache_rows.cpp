#include "model/cache_rows.hpp"

namespace vramcalc {
namespace {

std::uint64_t tail(std::uint32_t kernel) { return kernel > 0 ? kernel - 1 : 0; }

struct StateOf {
  std::uint64_t hidden_size;

  SequenceState operator()(const Mamba1& mamba) const {
    return {mamba.inner, tail(mamba.conv_kernel), std::uint64_t{mamba.state} * mamba.inner};
  }
  SequenceState operator()(const Mamba2& mamba) const {
    const std::uint64_t channels = mamba.inner() + 2ull * mamba.groups * mamba.state;
    return {channels, tail(mamba.conv_kernel), std::uint64_t{mamba.state} * mamba.inner()};
  }
  SequenceState operator()(const ParallelMamba2Attention& both) const { return (*this)(both.mamba); }
  SequenceState operator()(const GatedDeltaNet& net) const {
    const std::uint64_t inner = std::uint64_t{net.value_heads} * net.value_head_dim;
    const std::uint64_t channels = inner + 2ull * net.key_heads * net.key_head_dim;
    return {channels, tail(net.conv_kernel), net.key_head_dim * inner};
  }
  SequenceState operator()(const KimiDeltaAttention& kda) const {
    const std::uint64_t inner = std::uint64_t{kda.heads} * kda.head_dim;
    return {3 * inner, tail(kda.conv_kernel), inner * kda.head_dim};
  }
  SequenceState operator()(const LightningAttention& lightning) const {
    return {0, 0, std::uint64_t{lightning.heads} * lightning.head_dim * lightning.head_dim};
  }
  SequenceState operator()(const ShortConvolution& convolution) const {
    return {hidden_size, tail(convolution.kernel), 0};
  }
  template <class KeepsNone>
  SequenceState operator()(const KeepsNone&) const {
    return {};
  }
};

}  // namespace

TokenRow token_row(const GroupedQueryAttention& attention) {
  const std::uint64_t heads = attention.kv_heads;
  return {heads * attention.key_length, heads * attention.value_length};
}

TokenRow token_row(const LatentAttention& attention) {
  if (attention.absorbed) return {std::uint64_t{attention.kv_lora_rank} + attention.qk_rope_head_dim, 0};
  const std::uint64_t heads = attention.heads;
  return {heads * (attention.qk_nope_head_dim + attention.qk_rope_head_dim), heads * attention.v_head_dim};
}

SequenceState sequence_state(const Attention& attention, std::uint32_t hidden_size) {
  return std::visit(StateOf{hidden_size}, attention);
}

const GroupedQueryAttention* grouped_query_part(const Attention& attention) {
  if (const auto* plain = std::get_if<GroupedQueryAttention>(&attention)) return plain;
  if (const auto* parallel = std::get_if<ParallelMamba2Attention>(&attention)) return &parallel->attention;
  if (const auto* sparse = std::get_if<BlockSparseAttention>(&attention)) return &sparse->attention;
  return nullptr;
}

}  // namespace vramcalc
