#include "runtime/llama_cpp/recurrent_state.hpp"

#include "runtime/llama_cpp/device_bytes.hpp"
#include "runtime/shared/cache_rows.hpp"
#include "vramcalc/weights.hpp"

namespace vramcalc::llama_cpp {
namespace {

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

Bytes state_of(const Block& block, std::uint32_t hidden_size, std::uint32_t sequences) {
  Bytes total;
  const SequenceState state = sequence_state(block.attention, hidden_size);
  for (std::uint64_t elements : {state.convolution(), state.recurrence})
    if (elements != 0) total += device_bytes(ElementType::f32, Shape{elements, sequences});
  if (const auto* compressed = std::get_if<CompressedAttention>(&block.attention))
    total += compressor_bytes(*compressed, sequences);
  return total;
}

}  // namespace

std::vector<Bytes> recurrent_state_of_layers(const Architecture& architecture, std::uint32_t sequences) {
  std::vector<Bytes> layers;
  for (const Block& block : architecture.blocks)
    layers.push_back(block.mtp ? Bytes(0) : state_of(block, architecture.hidden_size, sequences));
  return layers;
}

Bytes recurrent_state_bytes(const Architecture& architecture, std::uint32_t sequences) {
  Bytes total;
  for (const Bytes layer : recurrent_state_of_layers(architecture, sequences)) total += layer;
  return total;
}

}  // namespace vramcalc::llama_cpp
