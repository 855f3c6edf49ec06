#include "runtime/llama_cpp/kv_cache.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "model/cache_rows.hpp"
#include "runtime/llama_cpp/context.hpp"
#include "runtime/llama_cpp/device_bytes.hpp"
#include "vramcalc/error.hpp"
#include "vramcalc/weights.hpp"

namespace vramcalc::llama_cpp {
namespace {

// Without flash attention V is stored transposed, and every layer uses the widest V of all layers, including
// those of multi-token prediction (src/llama-kv-cache.cpp).
std::uint64_t widest_value(const Architecture& architecture) {
  std::uint64_t widest = 0;
  for (const Block& block : architecture.blocks)
    if (const auto* attention = grouped_query_part(block.attention))
      widest = std::max(widest, token_row(*attention).values);
  return widest;
}

// The cache is laid out before "auto" is resolved (src/llama-context.cpp).
bool stores_transposed(const Architecture& architecture, const ContextParams& params,
                       const ResolvedContext& resolved) {
  const bool switched_off =
      params.flash_attention != FlashAttention::automatic || architecture.graph.never_flash_attention;
  return !resolved.flash_attention && switched_off;
}

// Blocks must divide a head only if flash attention may be used (src/llama-context.cpp,
// llama_init_from_model), and otherwise a whole row.
bool blocks_divide_heads(const Architecture& architecture, const ContextParams& params) {
  return params.flash_attention != FlashAttention::off && !architecture.graph.never_flash_attention;
}

// Collects the tensors of one layer after another.
class CacheLayout {
 public:
  CacheLayout(const Architecture& architecture, const ContextParams& params, const ResolvedContext& resolved)
      : workload_(params),
        resolved_(resolved),
        transposed_value_width_(stores_transposed(architecture, params, resolved) ? widest_value(architecture)
                                                                                  : 0),
        blocks_divide_heads_(blocks_divide_heads(architecture, params)) {}

  void enter(std::uint32_t layer) { layer_ = layer; }

  void operator()(const GroupedQueryAttention& attention) {
    if (attention.reuses_cache_of) return;
    const bool windowed = attention.window.has_value();
    const std::uint64_t cells =
        windowed ? window_cells(*attention.window, resolved_, workload_.swa_full) : resolved_.cells;
    const auto [keys, own_values] = token_row(attention);
    const std::uint64_t values = transposed_value_width_ ? transposed_value_width_ : own_values;
    require_divisible(workload_.cache_type_k, attention.key_length, keys, "key");
    require_divisible(workload_.cache_type_v, attention.value_length, values, "value");
    add(workload_.cache_type_k, keys, cells, windowed);
    add(workload_.cache_type_v, values, cells, windowed);
  }

  void operator()(const LatentAttention& attention) {
    const TokenRow row = token_row(attention);
    add(workload_.cache_type_k, row.keys, resolved_.cells);
    if (!attention.absorbed) add(workload_.cache_type_v, row.values, resolved_.cells);
    if (attention.absorbed && workload_.rules.latent_values == Applies::yes)
      add(workload_.cache_type_v, attention.kv_lora_rank, resolved_.cells);
    // The prediction layers attend to all cells, with or without an indexer (src/models/glm-dsa.cpp).
    if (attention.indexer && !workload_.predicts)
      add(workload_.cache_type_k, attention.indexer->key_length, resolved_.cells);
  }

  void operator()(const ParallelMamba2Attention& both) { (*this)(both.attention); }

  // The index cache has a V as wide as its K, which nothing reads (src/llama-kv-cache-msa.cpp).
  void operator()(const BlockSparseAttention& sparse) {
    (*this)(sparse.attention);
    add(workload_.cache_type_k, sparse.index_dim, resolved_.cells);
    add(workload_.cache_type_v, sparse.index_dim, resolved_.cells);
  }

  // Every sequence has its own stream over the whole context, even with a unified cache
  // (src/llama-kv-cache-dsv4.cpp).
  void operator()(const CompressedAttention& attention) {
    const std::uint64_t window =
        std::min<std::uint64_t>(resolved_.cells, std::uint64_t{attention.window} + resolved_.ubatch);
    add_a_sequence(attention.head_dim, round_up(window, cell_step), true);
    if (attention.compress_ratio == 0) return;
    const std::uint64_t compressed =
        (resolved_.cells + attention.compress_ratio - 1) / attention.compress_ratio;
    add_a_sequence(attention.head_dim, round_up(compressed, cell_step), false);
    if (attention.indexer)
      add_a_sequence(attention.indexer->key_length, round_up(compressed, cell_step), false);
  }

  template <class HoldsNoCache>
  void operator()(const HoldsNoCache&) {}

  std::vector<CacheTensor> take() { return std::move(tensors_); }

 private:
  void add(ElementType type, std::uint64_t row, std::uint64_t cells, bool windowed = false) {
    tensors_.push_back({layer_, type, row, cells, resolved_.streams, windowed});
  }
  void add_a_sequence(std::uint64_t row, std::uint64_t cells, bool windowed) {
    tensors_.push_back({layer_, workload_.cache_type_k, row, cells, resolved_.sequences, windowed});
  }

  void require_divisible(ElementType type, std::uint64_t head, std::uint64_t row, const char* which) const {
    const std::uint32_t block = layout_of(type).block_elements;
    const std::uint64_t width = blocks_divide_heads_ ? head : row;
    if (width % block != 0)
      throw Error(
          ErrorCode::unsupported,
          fmt::format(
              "llama.cpp cannot store the {} cache as {}: its block size {} does not divide the {} {}", which,
              to_string(type), block, blocks_divide_heads_ ? "head size" : "row length", width));
  }

  const ContextParams& workload_;
  const ResolvedContext& resolved_;
  std::uint64_t transposed_value_width_;
  bool blocks_divide_heads_;
  std::uint32_t layer_ = 0;
  std::vector<CacheTensor> tensors_;
};

}  // namespace

std::vector<CacheTensor> cache_tensors(const Architecture& architecture, const ContextParams& params,
                                       const ResolvedContext& resolved) {
  if (!architecture.causal) return {};
  CacheLayout layout(architecture, params, resolved);
  std::uint32_t layer = 0;
  for (const Block& block : architecture.blocks) {
    layout.enter(layer++);
    if (block.mtp == params.predicts) std::visit(layout, block.attention);
  }
  return layout.take();
}

Bytes kv_cache_bytes(const CacheTensor& tensor, Place place) {
  const Shape shape{tensor.row, tensor.cells, tensor.streams};
  return place.is_host() ? host_bytes(tensor.type, shape) : device_bytes(tensor.type, shape);
}

// Equal layers mostly follow each other.
Bytes kv_cache_bytes(const std::vector<CacheTensor>& tensors, Place place) {
  Bytes total, last;
  const CacheTensor* before = nullptr;
  for (const CacheTensor& tensor : tensors) {
    const bool same = before != nullptr && before->type == tensor.type && before->row == tensor.row &&
                      before->cells == tensor.cells && before->streams == tensor.streams;
    if (!same) last = kv_cache_bytes(tensor, place);
    total += last;
    before = &tensor;
  }
  return total;
}

Bytes kv_bytes_per_token(const Architecture& architecture, const ContextParams& params) {
  ResolvedContext one_step;
  one_step.context = one_step.cells = cell_step;
  one_step.ubatch = 1;
  one_step.flash_attention = true;
  Bytes total;
  for (const CacheTensor& tensor : cache_tensors(architecture, params, one_step))
    if (!tensor.windowed) total += row_bytes(tensor.type, tensor.row * tensor.cells);
  return Bytes(total.count() / cell_step);
}

}  // namespace vramcalc::llama_cpp
