#include "runtime/serving/vllm/kv_spec.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

#include "model/cache_rows.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::vllm {
namespace {

using Kind = KvSpec::Kind;
using Method = serving::Drafts::Method;

constexpr Release hybrid_kv_cache_manager{0, 9, 2};  // before, windows cost the full length
constexpr Release separate_value_sizes{0, 21, 0};    // before, narrower values were padded to the keys
constexpr Release block_size_aligns{0, 18, 0};
constexpr Release wide_latent_alignment{0, 27, 0};
constexpr std::uint64_t usual_chunk = 256, narrow_chunk = 128;  // of Mamba-2's kernels
constexpr std::uint64_t mamba1_chunk =
    2048;  // of a config without a chunk (ModelConfig.get_mamba_chunk_size)

[[noreturn]] void refuse(const char* why) { throw Error(ErrorCode::unsupported, why); }

// Collects the specs of one layer after another; neighbours are mostly alike.
class Buckets {
 public:
  void add(std::uint32_t layer, const KvSpec& spec) {
    if (last_ >= all.size() || all[last_].spec != spec) {
      const auto found = std::ranges::find(all, spec, &KvLayers::spec);
      last_ = static_cast<std::size_t>(found - all.begin());
      if (found == all.end()) all.push_back({spec, {}});
    }
    all[last_].layers.push_back(layer);
  }

  std::vector<KvLayers> all;

 private:
  std::size_t last_ = 0;
};

KvSpec attention_spec(Kind kind, std::uint64_t bytes_per_token, std::uint64_t block_size,
                      std::uint64_t window = 0, std::uint32_t heads = 1, std::uint32_t width = 0) {
  const std::uint64_t page = checked_multiply(bytes_per_token, block_size);
  if (page == 0) throw Error(ErrorCode::bad_value, "a block of the KV cache would be empty");
  return {kind, bytes_per_token, block_size, page, window, heads, width};
}

Kind kind_of(const std::optional<Window>& window) {
  if (!window) return Kind::full;
  return window->kind == Window::Kind::chunked ? Kind::chunked : Kind::sliding;
}

bool has_recurrent_layers(const Architecture& architecture) {
  return std::ranges::any_of(architecture.blocks, [&](const Block& block) {
    return !sequence_state(block.attention, architecture.hidden_size).empty();
  });
}

class LayerSpecs {
 public:
  LayerSpecs(const Architecture& architecture, const Settings& settings, CacheType type)
      : architecture_(architecture),
        settings_(settings),
        type_(type),
        protects_outer_layers_(is_turboquant(type) && !has_recurrent_layers(architecture)) {}

  void read(std::uint32_t first_layer, Buckets& buckets) {
    buckets_ = &buckets;
    layer_ = first_layer;
    for (const Block& block : architecture_.blocks) {
      if (!block.mtp || settings_.drafts.method == Method::mtp) std::visit(*this, block.attention);
      ++layer_;
    }
  }

  void operator()(const NoAttention&) {}

  void operator()(const GroupedQueryAttention& attention) {
    if (attention.reuses_cache_of) return;
    const auto& window = attention.trained_window ? attention.trained_window : attention.window;
    const std::uint32_t heads = std::max(1u, attention.kv_heads / settings_.parallel.tensor);
    const bool padded = settings_.release < separate_value_sizes;
    const std::uint32_t values =
        padded ? std::max(attention.key_length, attention.value_length) : attention.value_length;
    add(attention_spec(kind_of(window),
                       checked_multiply(heads, head_bytes(type_of_layer(), attention.key_length, values)),
                       settings_.block_size, window ? window->tokens : 0, heads, attention.key_length));
  }

  void operator()(const LatentAttention& attention) {
    if (!attention.absorbed) return (*this)(as_grouped_query(attention));
    add(attention_spec(Kind::full, latent_bytes(type_, attention), settings_.block_size));
    // fp8 keys with a scale of their own; layers without an indexer read an earlier one's choice.
    if (attention.indexer)
      add(attention_spec(Kind::full, std::uint64_t{attention.indexer->key_length} + 4, settings_.block_size));
  }

  void operator()(const ParallelMamba2Attention& both) {
    (*this)(both.attention);
    add_state(both);
  }

  // The keys of the index in 16 bits (vllm/models/minimax_m3/common/indexer.py).
  void operator()(const BlockSparseAttention& sparse) {
    (*this)(sparse.attention);
    add(attention_spec(Kind::full, 2ull * sparse.index_dim, settings_.block_size));
  }

  void operator()(const CrossAttention&) {
    refuse("vLLM's engine V1 does not run attention to the tokens of an image tower (Llama 3.2 Vision)");
  }
  void operator()(const CompressedAttention&) {}

  template <class Recurrent>
  void operator()(const Recurrent& layer) {
    add_state(layer);
  }

 private:
  void add(const KvSpec& spec) { buckets_->add(layer_, spec); }

  // The block size and the padded page follow from the attention layers.
  void add_state(const Attention& attention) {
    const std::uint64_t page = recurrent_page(architecture_, settings_, attention);
    if (page > 0) add({Kind::recurrent, 0, settings_.max_model_len, page, 0, 0, 0});
  }

  // MiniCPM3: all heads, with values padded to the keys (vllm/model_executor/models/minicpm3.py).
  GroupedQueryAttention as_grouped_query(const LatentAttention& attention) const {
    GroupedQueryAttention expanded;
    expanded.heads = expanded.kv_heads = attention.heads;
    expanded.key_length = expanded.value_length = attention.qk_nope_head_dim + attention.qk_rope_head_dim;
    return expanded;
  }

  // The outermost layers of dense models are not quantized by turboquant (get_boundary_skip_layers).
  CacheType type_of_layer() const {
    const bool outer = layer_ < 2 || layer_ + 2 >= architecture_.blocks.size();
    return protects_outer_layers_ && outer ? CacheType::bfloat16 : type_;
  }

  const Architecture& architecture_;
  const Settings& settings_;
  CacheType type_;
  bool protects_outer_layers_;
  Buckets* buckets_ = nullptr;
  std::uint32_t layer_ = 0;
};

// EAGLE's head is one layer like the model's own (33 layers for Llama 3.1 8B).
void add_eagle_layer(const Architecture& architecture, Buckets& buckets) {
  const auto like = std::ranges::find_if(
      buckets.all, [](const KvLayers& each) { return each.spec.kind == Kind::full && each.spec.width > 0; });
  if (like == buckets.all.end())
    refuse("the cache of an EAGLE head is known only for models with grouped-query attention");
  like->layers.push_back(static_cast<std::uint32_t>(architecture.blocks.size()));
}

bool has(const std::vector<KvLayers>& buckets, Kind kind) {
  return std::ranges::any_of(buckets, [&](const KvLayers& each) { return each.spec.kind == kind; });
}

// Such models have no prefix caching.
bool is_attention_free(const std::vector<KvLayers>& buckets) {
  return std::ranges::all_of(buckets, [](const KvLayers& each) { return each.spec.kind == Kind::recurrent; });
}

// Whether windows are managed as such: Llama 4's chunks switch that off (vllm/config/vllm.py).
bool manages_windows(const std::vector<KvLayers>& buckets, const Settings& settings) {
  return settings.hybrid_kv_cache_manager && settings.release >= hybrid_kv_cache_manager &&
         !has(buckets, Kind::chunked);
}

// vllm/v1/core/kv_cache_utils.py, unify_hybrid_kv_cache_specs
void promote_windows(std::vector<KvLayers>& buckets) {
  if (!has(buckets, Kind::full)) return;
  Buckets promoted;
  for (KvLayers& each : buckets) {
    each.spec.kind = Kind::full;
    each.spec.window = 0;
    for (const std::uint32_t layer : each.layers) promoted.add(layer, each.spec);
  }
  buckets = std::move(promoted.all);
}

// The multiple that the kernels of the attention backend want.
std::uint64_t kernel_alignment(const KvSpec& attention, const Settings& settings) {
  const bool latent = attention.width == 0;
  const bool wide_heads = attention.width == 256 && settings.capability >= 100 && settings.capability < 120;
  std::uint64_t least = wide_heads ? 32 : 16;
  if (latent) least = settings.release >= wide_latent_alignment ? 128 : 64;
  return settings.release >= block_size_aligns ? std::max<std::uint64_t>(least, settings.block_size) : least;
}

// The attention's block is raised until its page holds a state (vllm/platforms/interface.py,
// _align_hybrid_block_size).
std::uint64_t hybrid_block_size(const KvSpec& attention, std::uint64_t state, const Settings& settings,
                                MambaMode mode, std::uint64_t chunk) {
  std::uint64_t unit = kernel_alignment(attention, settings);
  if (mode == MambaMode::all) unit = std::lcm(unit, chunk);
  const std::uint64_t tokens = (state + attention.bytes_per_token - 1) / attention.bytes_per_token;
  return std::max<std::uint64_t>(settings.block_size, round_up(tokens, unit));
}

// 0 if unknown. Mamba-1 has none.
std::uint64_t known_chunk(const Architecture& architecture) {
  const bool mamba1 = std::ranges::any_of(architecture.blocks, [](const Block& block) {
    return std::holds_alternative<Mamba1>(block.attention);
  });
  return mamba1 ? mamba1_chunk : architecture.recurrent_chunk;
}

// An unknown chunk is one of two.
Doubt doubt_of_chunk(std::uint64_t usual, std::uint64_t narrow) {
  if (usual == narrow) return {};
  return {1, static_cast<double>(usual) / static_cast<double>(narrow),
          "mamba_chunk_size of this model is not known"};
}

Doubt align_pages(std::vector<KvLayers>& buckets, const Architecture& architecture, const Settings& settings,
                  MambaMode mode) {
  const auto attention =
      std::ranges::find_if(buckets, [](const KvLayers& each) { return each.spec.kind != Kind::recurrent; });
  if (attention == buckets.end() || !has(buckets, Kind::recurrent)) return {};
  const KvSpec first = attention->spec;
  std::uint64_t state = 0;
  for (const KvLayers& each : buckets)
    if (each.spec.kind == Kind::recurrent) state = std::max(state, each.spec.page);
  const std::uint64_t chunk = known_chunk(architecture);
  const std::uint64_t block =
      hybrid_block_size(first, state, settings, mode, chunk > 0 ? chunk : usual_chunk);
  for (KvLayers& each : buckets) {
    if (each.spec.kind == Kind::recurrent) {
      each.spec.page = checked_multiply(block, first.bytes_per_token);
      if (mode != MambaMode::none) each.spec.block_size = block;
    } else {
      each.spec.block_size = block;
      each.spec.page = checked_multiply(block, each.spec.bytes_per_token);
    }
  }
  if (mode != MambaMode::all || chunk > 0) return {};
  return doubt_of_chunk(block, hybrid_block_size(first, state, settings, mode, narrow_chunk));
}

void require_mtp_layers(const Architecture& architecture) {
  if (std::ranges::none_of(architecture.blocks, &Block::mtp))
    throw Error(ErrorCode::bad_value, "the model has no layers for multi-token prediction");
}

}  // namespace

KvSpecs kv_specs(const Architecture& architecture, const Settings& settings, bool declares_fp8,
                 const Architecture* draft_model) {
  if (!architecture.causal) refuse("vLLM keeps no KV cache for an encoder");
  const StoredCache stored = stored_cache(architecture, settings, declares_fp8);
  if (settings.drafts.method == Method::mtp) require_mtp_layers(architecture);
  Buckets buckets;
  LayerSpecs(architecture, settings, stored.type).read(0, buckets);
  if (settings.drafts.method == Method::eagle) add_eagle_layer(architecture, buckets);
  if (settings.drafts.method == Method::draft_model && draft_model != nullptr)
    LayerSpecs(*draft_model, settings, stored_cache(*draft_model, settings, false).type)
        .read(static_cast<std::uint32_t>(architecture.blocks.size()), buckets);
  KvSpecs specs{std::move(buckets.all), MambaMode::none, stored.doubt};
  if (!is_attention_free(specs.buckets)) specs.mamba_mode = mamba_mode(architecture, settings);
  const bool windows = has(specs.buckets, Kind::sliding) || has(specs.buckets, Kind::chunked);
  if (!manages_windows(specs.buckets, settings)) {
    if (has(specs.buckets, Kind::recurrent) && !settings.hybrid_kv_cache_manager)
      refuse("vLLM does not run models with recurrent layers without its hybrid KV cache manager");
    if (windows) promote_windows(specs.buckets);
  }
  if (settings.parallel.decode_context > 1 && has(specs.buckets, Kind::sliding))
    refuse("vLLM does not divide sliding windows among GPUs (--decode-context-parallel-size)");
  specs.doubt = both(specs.doubt, align_pages(specs.buckets, architecture, settings, specs.mamba_mode));
  return specs;
}

}  // namespace vramcalc::vllm
