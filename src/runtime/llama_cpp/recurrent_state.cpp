#include "runtime/llama_cpp/recurrent_state.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "model/cache_rows.hpp"
#include "runtime/llama_cpp/device_bytes.hpp"
#include "vramcalc/weights.hpp"

namespace vramcalc::llama_cpp {
namespace {

// The architectures whose states can be rolled back (src/llama-arch.cpp, llm_arch_supports_rs_rollback); for
// others llama.cpp keeps only the current state.
constexpr std::array<std::string_view, 10> with_rollback = {
    "bailingmoe3", "deepseek4",      "kimi-k3", "lfm2",      "lfm2moe",
    "nemotron_h",  "nemotron_h_moe", "qwen35",  "qwen35moe", "qwen4exp"};

// DeepSeek V4's compressors keep the tokens of the unfinished block: twice for ratio 4, whose blocks overlap,
// and separately for the indexer (src/llama-kv-cache-dsv4.cpp).
Bytes compressor_bytes(const CompressedAttention& attention, std::uint64_t sequences) {
  if (attention.compress_ratio == 0) return {};
  const bool overlapping = attention.indexer.has_value();
  const std::uint64_t rows = overlapping ? 2ull * attention.compress_ratio : attention.compress_ratio;
  const std::uint64_t width =
      overlapping ? 2ull * attention.head_dim + 2ull * attention.indexer->key_length : attention.head_dim;
  return Bytes(2 * 4 * rows * width) * sequences;
}

// `rows` states: those of every sequence.
Bytes state_of(const Block& block, std::uint32_t hidden_size, std::uint64_t rows) {
  Bytes total;
  const SequenceState state = sequence_state(block.attention, hidden_size);
  for (std::uint64_t elements : {state.convolution(), state.recurrence})
    if (elements != 0) total += device_bytes(ElementType::f32, Shape{elements, rows});
  if (const auto* compressed = std::get_if<CompressedAttention>(&block.attention))
    total += compressor_bytes(*compressed, rows);
  return total;
}

}  // namespace

bool keeps_rollback_states(const Architecture& architecture) {
  return std::ranges::find(with_rollback, architecture.gguf_name) != with_rollback.end();
}

std::vector<Bytes> recurrent_state_of_layers(const Architecture& architecture,
                                             const ResolvedContext& resolved) {
  const std::uint64_t rows = std::uint64_t{resolved.sequences} * resolved.states_per_sequence;
  std::vector<Bytes> layers;
  for (const Block& block : architecture.blocks)
    layers.push_back(block.mtp || rows == 0 ? Bytes(0) : state_of(block, architecture.hidden_size, rows));
  return layers;
}

Bytes recurrent_state_bytes(const Architecture& architecture, const ResolvedContext& resolved) {
  Bytes total;
  for (const Bytes layer : recurrent_state_of_layers(architecture, resolved)) total += layer;
  return total;
}

}  // namespace vramcalc::llama_cpp
