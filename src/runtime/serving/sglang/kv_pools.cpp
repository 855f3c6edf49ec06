#include "runtime/serving/sglang/kv_pools.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "model/cache_rows.hpp"
#include "runtime/serving/sglang/release.hpp"

namespace vramcalc::sglang {
namespace {

using Method = serving::Drafts::Method;

std::uint64_t bytes_per_value(CacheType type) { return type == CacheType::bfloat16 ? 2 : 1; }

// FP4 has a scale of one byte per 16 values of K, and as many for V.
std::uint64_t bytes_of(const TokenRow& row, CacheType type) {
  if (type == CacheType::fp4_e2m1) return (row.keys + row.values) / 2 + 2 * row.keys / 16;
  return (row.keys + row.values) * bytes_per_value(type);
}

// ---- the row of one token in one layer of one rank

struct RowBytes {
  const Settings& settings;
  std::uint64_t index_width = 0;  // of sparse attention; all its layers pay for an index

  std::uint64_t operator()(GroupedQueryAttention attention) const {
    attention.kv_heads = std::max(1u, attention.kv_heads / settings.parallel.tensor);
    return bytes_of(token_row(attention), settings.kv_cache_dtype);
  }
  std::uint64_t operator()(const ParallelMamba2Attention& both) const { return (*this)(both.attention); }
  std::uint64_t operator()(const CrossAttention& cross) const { return (*this)(cross.attention); }
  std::uint64_t operator()(const BlockSparseAttention& sparse) const {
    return (*this)(sparse.attention) + std::uint64_t{sparse.index_dim} * 2;
  }
  std::uint64_t operator()(const LatentAttention& attention) const {
    const std::uint64_t index = index_width + index_width / 128 * 4;
    return latent_row(attention) + index;
  }
  template <class KeepsNone>
  std::uint64_t operator()(const KeepsNone&) const {
    return 0;
  }

 private:
  std::uint64_t latent_row(const LatentAttention& attention) const {
    const std::uint64_t latent = attention.kv_lora_rank, rope = attention.qk_rope_head_dim;
    const bool scaled =
        index_width != 0 && settings.kv_cache_dtype == CacheType::fp8_e4m3 && !settings.raw_sparse_layout;
    if (scaled) return latent + latent / 128 * 4 + rope * 2;
    if (settings.kv_cache_dtype == CacheType::fp4_e2m1) return (latent + rope) / 2 + (latent + rope) / 16;
    return (latent + rope) * bytes_per_value(settings.kv_cache_dtype);
  }
};

std::uint64_t index_width(const Architecture& architecture) {
  for (const Block& block : architecture.blocks)
    if (const auto* latent = std::get_if<LatentAttention>(&block.attention); latent && latent->indexer)
      return latent->indexer->key_length;
  return 0;
}

// ---- layers

std::span<const Block> trunk(const Architecture& architecture) {
  const auto end = std::ranges::find_if(architecture.blocks, [](const Block& block) { return block.mtp; });
  return {architecture.blocks.begin(), end};
}

std::uint32_t draft_layers(const Settings& settings, const Architecture& architecture) {
  if (settings.release < since::drafts_in_fraction) return 0;
  if (settings.drafts.method == Method::eagle) return 1;
  if (settings.drafts.method != Method::mtp) return 0;
  return architecture.mtp ? std::max(1u, architecture.mtp->layers) : 1;
}

// The layers of a pipeline stage; the last stages have those left over (srt/distributed/utils.py).
std::span<const Block> stage(std::span<const Block> layers, std::size_t index, std::size_t stages) {
  const std::size_t each = layers.size() / stages, first_larger = stages - layers.size() % stages;
  const std::size_t start = index * each + (index > first_larger ? index - first_larger : 0);
  return layers.subspan(start, each + (index >= first_larger ? 1 : 0));
}

bool slides(const Block& block) {
  const auto* attention = grouped_query_part(block.attention);
  return attention != nullptr && attention->window && attention->window->kind != Window::Kind::symmetric;
}

// ---- recurrent states

// Groups that the ranks do not divide are replicated to one per rank.
Attention for_ranks(Attention attention, std::uint32_t ranks) {
  const auto replicate = [&](std::uint32_t& groups) {
    if (groups % ranks != 0) groups = ranks;
  };
  if (auto* mamba = std::get_if<Mamba2>(&attention)) replicate(mamba->groups);
  if (auto* both = std::get_if<ParallelMamba2Attention>(&attention)) replicate(both->mamba.groups);
  if (auto* net = std::get_if<GatedDeltaNet>(&attention)) replicate(net->key_heads);
  return attention;
}

// Convolution inputs in 16 bits, the state in 32 unless the config says otherwise.
std::uint64_t state_bytes(const Attention& attention, const Architecture& architecture, std::uint32_t ranks) {
  if (sequence_state(attention, architecture.hidden_size).empty()) return 0;
  const SequenceState state = sequence_state(for_ranks(attention, ranks), architecture.hidden_size);
  const bool full_precision =
      architecture.recurrent_state_type.value_or(ElementType::f32) == ElementType::f32;
  return state.channels / ranks * state.tail * 2 + state.recurrence / ranks * (full_precision ? 4 : 2);
}

Bytes state_slot(std::span<const Block> layers, const Settings& settings, const Architecture& architecture) {
  std::uint64_t bytes = 0;
  for (const Block& block : layers)
    bytes += state_bytes(block.attention, architecture, settings.parallel.tensor);
  return Bytes(bytes);
}

// ---- kinds of pools

// One pool for all layers, whose cell the drafts enlarge in proportion.
KvPools one_pool(const Settings& settings, const Architecture& architecture, const RowBytes& row_bytes) {
  const auto layers = trunk(architecture);
  KvPools pools;
  for (std::size_t index = 0; index < settings.parallel.pipeline; ++index) {
    const auto part = stage(layers, index, settings.parallel.pipeline);
    std::uint64_t cell = 0, caching = 0;
    for (const Block& block : part) {
      const std::uint64_t row = std::visit(row_bytes, block.attention);
      cell += row, caching += row != 0;
    }
    if (caching != 0) cell += cell * draft_layers(settings, architecture) / caching;
    pools.full_bytes_per_token = std::max(pools.full_bytes_per_token, Bytes(cell));
    pools.state_slot = std::max(pools.state_slot, state_slot(part, settings, architecture));
  }
  pools.cell_size = static_cast<double>(pools.full_bytes_per_token.count());
  return pools;
}

// A pool for the layers that keep every token and one for those with a window. Pipeline stages are not told
// apart, and drafts count as layers of the first kind.
KvPools window_pools(const Settings& settings, const Architecture& architecture, const RowBytes& row_bytes) {
  KvPools pools;
  std::uint64_t full = 0, swa = 0, full_row = 0;
  for (const Block& block : trunk(architecture)) {
    const std::uint64_t row = std::visit(row_bytes, block.attention);
    if (!slides(block)) {
      full += row, full_row = row;
      continue;
    }
    swa += row;
    pools.window = std::max<std::uint64_t>(pools.window, grouped_query_part(block.attention)->window->tokens);
  }
  full += full_row * draft_layers(settings, architecture);
  pools.full_bytes_per_token = Bytes(full);
  pools.swa_bytes_per_token = Bytes(swa);
  pools.cell_size =
      full == 0 ? static_cast<double>(swa)
                : static_cast<double>(full) + settings.swa_full_tokens_ratio * static_cast<double>(swa);
  return pools;
}

// Up to 0.5.8 all layers counted as full ones, and MiMo's window layers once more.
void price_as_before(KvPools& pools, std::span<const Block> layers, const Settings& settings) {
  const auto windows = std::ranges::count_if(layers, slides);
  const double full_layers = static_cast<double>(layers.size()) - static_cast<double>(windows);
  const double full_row = static_cast<double>(pools.full_bytes_per_token.count()) / full_layers;
  const double row_of_all =
      full_row * static_cast<double>(layers.size()) + static_cast<double>(pools.swa_bytes_per_token.count());
  pools.cell_size = row_of_all *
                    (full_layers + settings.swa_full_tokens_ratio * static_cast<double>(windows)) /
                    static_cast<double>(layers.size());
}

// DeepSeek V4: entries of 584 bytes for every token in its window pools, for every fourth and every 128th in
// its compressed ones; rings of compressor states per window, and 128 of them per request.
KvPools compressed_pools(const Settings& settings, const Architecture& architecture) {
  constexpr double state_value = 4;
  const bool drafts = settings.drafts.method != Method::none;
  const double ring_of_4 = drafts ? 16 : 8, ratio = settings.swa_full_tokens_ratio;
  KvPools pools;
  double cell = 0, layers = 0;
  std::uint64_t rows_128 = 0;
  for (const Block& block : trunk(architecture)) {
    const auto* attention = std::get_if<CompressedAttention>(&block.attention);
    if (attention == nullptr) continue;
    const double head = attention->head_dim, rope = attention->qk_rope_head_dim;
    const double entry = head - rope + rope * 2 + 8;
    const double index = attention->indexer ? attention->indexer->key_length : 0;
    pools.window = attention->window;
    layers += 1;
    cell += ratio * entry;
    if (attention->compress_ratio == 4)
      cell += (entry + index + std::floor(index / 128) * 4) / 4 +
              ratio * ring_of_4 / attention->window * 4 * (head + index) * state_value;
    if (attention->compress_ratio == 128) {
      cell += entry / 128;
      rows_128 += 2 * std::uint64_t{attention->head_dim} * 4;
    }
  }
  if (drafts) cell *= (layers + 1) / layers;
  pools.cell_size = cell;
  pools.full_bytes_per_token = Bytes(static_cast<std::uint64_t>(std::ceil(cell)));
  pools.compressor_slot = Bytes(rows_128 * (drafts ? 256 : 128));
  return pools;
}

// ---- sizes

std::uint64_t whole_pages(double tokens, const Settings& settings) {
  const auto count = static_cast<std::uint64_t>(std::max(0.0, tokens));
  return count / settings.page_size * settings.page_size;
}

std::uint64_t running_requests(std::uint64_t tokens, const Settings& settings) {
  const double full_length = static_cast<double>(std::max<std::uint64_t>(1, settings.context_length));
  const auto estimated = static_cast<std::uint64_t>(static_cast<double>(tokens) / full_length * 512);
  const std::uint64_t requests =
      settings.max_running_requests.value_or(std::clamp<std::uint64_t>(estimated, 2048, 4096));
  return std::min(requests, tokens / 2);
}

// The recurrent states' part of the budget: slots for as many requests as 9 / 19 of it hold.
struct StatePool {
  std::uint64_t slots = 0;
  std::uint64_t bytes = 0;  // taken off the budget
};

StatePool state_pool(const KvPools& pools, const Settings& settings, double available) {
  const double slot = static_cast<double>(pools.state_slot.count());
  const double drafts = settings.drafts.method == Method::none ? 0 : settings.drafts.tokens;
  const double per_request = settings.state_slots_per_request;
  const double padding = settings.release >= since::padding_slot ? 1 : 0;
  const double ratio = settings.mamba_full_memory_ratio;
  const double budget = available * ratio / (1 + ratio);
  double slots = std::floor((budget - padding * slot * (1 + drafts)) / (slot * (1 + drafts / per_request)));
  if (!settings.radix_cache && settings.max_running_requests) slots = *settings.max_running_requests;
  if (slots <= 0) return {};
  const double requests =
      std::min<double>(settings.max_running_requests.value_or(4096), std::floor(slots / per_request));
  const double bytes = slot * (slots + padding + (requests + padding) * drafts);
  return {static_cast<std::uint64_t>(slots), static_cast<std::uint64_t>(bytes)};
}

std::uint64_t compressor_states(const KvPools& pools, const Settings& settings, double available) {
  if (pools.compressor_slot.count() == 0) return 0;
  const auto tokens = static_cast<std::uint64_t>(available / pools.cell_size);
  return (running_requests(tokens, settings) + 2) * pools.compressor_slot.count();
}

Bytes cache_bytes(const PoolSizes& sizes, const KvPools& pools, const Settings& settings) {
  if (pools.compressor_slot.count() != 0)
    return Bytes(static_cast<std::uint64_t>(pools.cell_size * static_cast<double>(sizes.tokens)));
  return pools.full_bytes_per_token * (sizes.tokens + settings.page_size) +
         pools.swa_bytes_per_token * (sizes.swa_tokens + settings.page_size);
}

}  // namespace

KvPools kv_pools(const Settings& settings, const Architecture& architecture) {
  if (!architecture.causal) return {};
  const RowBytes row_bytes{settings,
                           uses_sparse_latent_attention(architecture) ? index_width(architecture) : 0};
  const auto layers = trunk(architecture);
  if (std::ranges::any_of(layers, [](const Block& block) {
        return std::holds_alternative<CompressedAttention>(block.attention);
      }))
    return compressed_pools(settings, architecture);
  if (!has_window_pool(architecture, settings.release) || std::ranges::none_of(layers, slides))
    return one_pool(settings, architecture, row_bytes);
  KvPools pools = window_pools(settings, architecture, row_bytes);
  if (settings.release < since::separate_window_cells && architecture.model_type.starts_with("mimo"))
    price_as_before(pools, layers, settings);
  return pools;
}

PoolSizes pool_sizes(const KvPools& pools, const Settings& settings, Bytes available) {
  PoolSizes sizes;
  double rest = static_cast<double>(available.count());
  if (pools.state_slot.count() != 0) {
    const StatePool states = state_pool(pools, settings, rest);
    if (states.slots == 0) return {};
    sizes.state_slots = states.slots;
    sizes.states = Bytes(states.bytes);
    rest -= static_cast<double>(states.bytes);
  }
  const std::uint64_t compressors = compressor_states(pools, settings, rest);
  sizes.states += Bytes(compressors);
  rest -= static_cast<double>(compressors);

  double tokens = pools.cell_size == 0 ? static_cast<double>(settings.context_length)
                                       : std::floor(rest / pools.cell_size);
  if (settings.max_total_tokens) tokens = std::min(tokens, static_cast<double>(*settings.max_total_tokens));
  sizes.tokens = whole_pages(tokens, settings);
  if (sizes.tokens == 0) return {};
  if (pools.swa_bytes_per_token.count() != 0)
    sizes.swa_tokens =
        pools.full_bytes_per_token.count() == 0
            ? sizes.tokens
            : whole_pages(static_cast<double>(sizes.tokens) * settings.swa_full_tokens_ratio, settings);
  sizes.max_running_requests = running_requests(sizes.tokens, settings);
  if (sizes.state_slots != 0)
    sizes.max_running_requests =
        std::min(sizes.max_running_requests, sizes.state_slots / settings.state_slots_per_request);
  sizes.cache = cache_bytes(sizes, pools, settings);
  return sizes;
}

double concurrent_requests(const PoolSizes& sizes, const KvPools& pools, const Settings& settings,
                           std::uint64_t tokens) {
  if (tokens == 0 || sizes.tokens == 0) return 0;
  const auto room = [&](std::uint64_t pool, std::uint64_t length) {
    return static_cast<double>(pool) / static_cast<double>(round_up(length, settings.page_size));
  };
  double requests = pools.full_bytes_per_token.count() == 0 ? static_cast<double>(sizes.max_running_requests)
                                                            : room(sizes.tokens, tokens);
  if (sizes.swa_tokens != 0)
    requests =
        std::min(requests, room(sizes.swa_tokens, std::min(tokens, pools.window + settings.page_size)));
  return std::min(requests, static_cast<double>(sizes.max_running_requests));
}

std::uint64_t longest_request(const PoolSizes& sizes, const Settings& settings) {
  return sizes.tokens == 0 ? 0 : std::min(settings.context_length, sizes.tokens - 1);
}

}  // namespace vramcalc::sglang
