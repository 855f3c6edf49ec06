#include "runtime/llama_cpp/recurrent_state.hpp"

#include "runtime/llama_cpp/device_bytes.hpp"
#include "vramcalc/weights.hpp"

namespace vramcalc::llama_cpp {
namespace {

// Elements per sequence and layer: the tail of the convolution and the actual state.
struct State {
  std::uint64_t convolution = 0;
  std::uint64_t recurrence = 0;
};

std::uint64_t tail(std::uint32_t kernel) { return kernel > 0 ? kernel - 1 : 0; }

struct StateOf {
  std::uint64_t hidden_size;

  State operator()(const Mamba1& mamba) const {
    return {tail(mamba.conv_kernel) * mamba.inner, std::uint64_t{mamba.state} * mamba.inner};
  }
  State operator()(const Mamba2& mamba) const {
    const std::uint64_t channels = mamba.inner() + 2ull * mamba.groups * mamba.state;
    return {tail(mamba.conv_kernel) * channels, std::uint64_t{mamba.state} * mamba.inner()};
  }
  State operator()(const ParallelMamba2Attention& both) const { return (*this)(both.mamba); }
  State operator()(const GatedDeltaNet& net) const {
    const std::uint64_t inner = std::uint64_t{net.value_heads} * net.value_head_dim;
    const std::uint64_t channels = inner + 2ull * net.key_heads * net.key_head_dim;
    return {tail(net.conv_kernel) * channels, net.key_head_dim * inner};
  }
  State operator()(const KimiDeltaAttention& kda) const {
    const std::uint64_t inner = std::uint64_t{kda.heads} * kda.head_dim;
    return {3 * tail(kda.conv_kernel) * inner, inner * kda.head_dim};
  }
  State operator()(const LightningAttention& lightning) const {
    return {0, std::uint64_t{lightning.heads} * lightning.head_dim * lightning.head_dim};
  }
  State operator()(const ShortConvolution& convolution) const {
    return {tail(convolution.kernel) * hidden_size, 0};
  }
  template <class KeepsNone>
  State operator()(const KeepsNone&) const {
    return {};
  }
};

// DeepSeek V4's compressors keep the tokens of the unfinished block: twice for ratio 4, whose blocks overlap,
// and separately for the indexer (src/llama-kv-cache-dsv4.cpp).
Bytes compressor_bytes(const CompressedAttention& attention, std::uint32_t sequences) {
  if (attention.compress_ratio == 0) return {};
  const bool overlapping = attention.indexer.has_value();
  const std::uint64_t rows = overlapping ? 2ull * attention.compress_ratio : attention.compress_ratio;
  const std::uint64_t width =
      overlapping ? 2ull * attention.head_dim + 2ull * attention.indexer->key_length : attention.head_dim;
  return Bytes(2 * 4 * rows * width) * sequences;
}

Bytes state_of(const Block& block, const StateOf& widths, std::uint32_t sequences) {
  Bytes total;
  const State state = std::visit(widths, block.attention);
  for (std::uint64_t elements : {state.convolution, state.recurrence})
    if (elements != 0) total += device_bytes(ElementType::f32, Shape{elements, sequences});
  if (const auto* compressed = std::get_if<CompressedAttention>(&block.attention))
    total += compressor_bytes(*compressed, sequences);
  return total;
}

}  // namespace

std::vector<Bytes> recurrent_state_of_layers(const Architecture& architecture, std::uint32_t sequences) {
  std::vector<Bytes> layers;
  for (const Block& block : architecture.blocks)
    layers.push_back(block.mtp ? Bytes(0) : state_of(block, StateOf{architecture.hidden_size}, sequences));
  return layers;
}

Bytes recurrent_state_bytes(const Architecture& architecture, std::uint32_t sequences) {
  Bytes total;
  for (const Bytes layer : recurrent_state_of_layers(architecture, sequences)) total += layer;
  return total;
}

}  // namespace vramcalc::llama_cpp
