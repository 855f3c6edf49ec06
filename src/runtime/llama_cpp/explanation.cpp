#include "runtime/llama_cpp/explanation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "runtime/llama_cpp/context.hpp"
#include "runtime/llama_cpp/kv_cache.hpp"
#include "runtime/llama_cpp/terms.hpp"

namespace vramcalc::llama_cpp {
namespace {

std::string rule(std::string_view files) { return fmt::format("llama.cpp {}, {}", version, files); }

Origin origin_of(bool given) { return given ? Origin::flag : Origin::runtime_default; }

// The inputs that several terms have in common.
struct Asked {
  const Architecture& shape;
  const ContextParams& params;
  const Demand& demand;
  ResolvedContext resolved;

  Ingredient cells() const {
    return {"cells", grouped(resolved.cells), origin_of(demand.origin == Origin::flag),
            fmt::format("-c, in steps of {}", cell_step)};
  }
  Ingredient streams() const {
    return {"streams", std::to_string(resolved.streams), origin_of(params.parallel.has_value()),
            resolved.kv_unified ? "-np: one cache for all slots" : "-np: a cache for each slot"};
  }
  Ingredient sequences() const {
    return {"sequences", std::to_string(resolved.sequences), origin_of(params.parallel.has_value()), "-np"};
  }
  Ingredient states() const {
    return {"states per sequence", std::to_string(resolved.states_per_sequence), Origin::derived,
            "the current one and one for each token that --spec-draft-n-max drafts"};
  }
  Ingredient cache_type(std::string_view name, ElementType type, std::string flag) const {
    return {std::string(name), std::string(to_string(type)), origin_of(type != ElementType::f16),
            std::move(flag)};
  }
  Ingredient ubatch() const {
    return {"tokens computed at once", grouped(resolved.ubatch),
            origin_of(params.ubatch != ContextParams{}.ubatch), "-ub"};
  }
  Ingredient outputs() const {
    if (params.draft_tokens == 0)
      return {"rows of logits", grouped(resolved.outputs), Origin::derived, "one per sequence"};
    return {"rows of logits", grouped(resolved.outputs), Origin::derived,
            fmt::format("one per sequence and one for each of {} drafted tokens", params.draft_tokens)};
  }
  Ingredient reserved_rows() const {
    if (params.rules.all_logits != Applies::yes) return outputs();
    return {"rows of logits", grouped(resolved.ubatch), Origin::flag, "--runtime: one per token"};
  }
  Ingredient vocabulary() const {
    return {"vocabulary", grouped(shape.vocab_size), Origin::shape, "vocab_size"};
  }
};

struct Share {
  std::uint64_t tensors = 0, elements = 0;
  Bytes bytes;
};

std::vector<Ingredient> by_type(const Weights& weights) {
  std::map<ElementType, Share> shares;
  for (std::size_t i = 0; i < weights.tensors.size(); ++i) {
    Share& share = shares[weights.types[i]];
    ++share.tensors;
    share.elements += weights.tensors[i].shape.elements();
    share.bytes += tensor_bytes(weights.types[i], weights.tensors[i].shape);
  }
  std::vector<std::pair<ElementType, Share>> largest_first(shares.begin(), shares.end());
  std::stable_sort(largest_first.begin(), largest_first.end(),
                   [](const auto& a, const auto& b) { return a.second.bytes > b.second.bytes; });
  std::vector<Ingredient> ingredients;
  for (const auto& [type, share] : largest_first) {
    const ElementLayout& layout = layout_of(type);
    ingredients.push_back({std::string(to_string(type)),
                           fmt::format("{} tensors, {} elements × {} bytes / {} = {} bytes",
                                       grouped(share.tensors), grouped(share.elements), layout.block_bytes,
                                       layout.block_elements, grouped(share.bytes.count())),
                           Origin::quantization, "the type that its rules give each tensor"});
  }
  return ingredients;
}

Explanation of_weights(const Weights& weights, bool load_mtp) {
  Explanation result{
      "sum over all tensors of elements × bytes per block / elements per block, each padded to 128 bytes "
      "on a GPU and to 32 on the host; the token embedding is on the host, with a second copy on the GPU "
      "if it is also the output matrix",
      by_type(weights), rule("src/llama-quant.cpp, src/llama-model.cpp, ggml/src/ggml-cuda/ggml-cuda.cu")};
  const auto unloaded = std::count_if(weights.tensors.begin(), weights.tensors.end(),
                                      [](const Tensor& tensor) { return !tensor.loaded; });
  if (unloaded > 0 && load_mtp)
    result.ingredients.push_back({"prediction layers", fmt::format("{} tensors", unloaded), Origin::flag,
                                  "--spec-type draft-mtp loads them"});
  if (unloaded > 0 && !load_mtp)
    result.ingredients.push_back({"not loaded", fmt::format("{} tensors", unloaded), Origin::derived,
                                  "multi-token-prediction layers stay in the file"});
  return result;
}

using CacheShape = std::tuple<bool, std::uint64_t, std::uint64_t, ElementType>;  // windowed, row, cells

Explanation of_cache(const Asked& asked) {
  std::map<CacheShape, std::uint64_t> alike;
  for (const CacheTensor& tensor : cache_tensors(asked.shape, asked.params, asked.resolved))
    ++alike[{tensor.windowed, tensor.row, tensor.cells, tensor.type}];
  Explanation result{
      "sum over the K and V tensors of all layers of row × cells × streams × bytes per element",
      {},
      rule("src/llama-kv-cache.cpp, src/llama-kv-cache-iswa.cpp")};
  for (const auto& [shape, tensors] : alike) {
    const auto& [windowed, row, cells, type] = shape;
    const ElementLayout& layout = layout_of(type);
    result.ingredients.push_back(
        {windowed ? "windowed rows" : "rows",
         fmt::format("{} tensors × {} elements × {} cells × {} streams × {} bytes / {}", tensors,
                     grouped(row), grouped(cells), asked.resolved.streams, layout.block_bytes,
                     layout.block_elements),
         Origin::shape,
         windowed ? "num_key_value_heads × head_dim, sliding_window, layer_types"
                  : "num_hidden_layers, num_key_value_heads × head_dim or kv_lora_rank + qk_rope_head_dim"});
  }
  result.ingredients.push_back(asked.cells());
  result.ingredients.push_back(asked.streams());
  result.ingredients.push_back(asked.cache_type("type of K", asked.params.cache_type_k, "-ctk"));
  result.ingredients.push_back(asked.cache_type("type of V", asked.params.cache_type_v, "-ctv"));
  return result;
}

Explanation of_state(const Asked& asked) {
  const auto recurrent =
      std::count_if(asked.shape.blocks.begin(), asked.shape.blocks.end(), [](const Block& block) {
        return !block.mtp && !std::holds_alternative<GroupedQueryAttention>(block.attention) &&
               !std::holds_alternative<LatentAttention>(block.attention) &&
               !std::holds_alternative<NoAttention>(block.attention);
      });
  Explanation result{
      "sum over the layers with a state of (convolution + state) elements × 4 bytes × sequences",
      {{"layers with a state", std::to_string(recurrent), Origin::shape, "layer_types"}, asked.sequences()},
      rule("src/llama-memory-recurrent.cpp")
  };
  if (asked.resolved.states_per_sequence > 1) {
    result.formula += " × states per sequence";
    result.ingredients.push_back(asked.states());
  }
  return result;
}

Explanation of_compute(const Asked& asked) {
  const ContextParams& params = asked.params;
  return {
      "the widest point of the graph for one micro-batch, as ggml's scheduler and allocator place it",
      {asked.ubatch(),
        asked.cells(),
        asked.streams(),
        asked.reserved_rows(),
        {"flash attention", asked.resolved.flash_attention ? "on" : "off",
        origin_of(params.flash_attention != FlashAttention::automatic), "-fa"},
        {"hidden size", grouped(asked.shape.hidden_size), Origin::shape, "hidden_size"},
        asked.vocabulary()},
      rule("src/llama-graph.cpp, src/models/, ggml/src/ggml-backend.cpp, ggml/src/ggml-alloc.c")
  };
}

Explanation of_output(const Asked& asked) {
  Explanation result{
      "4 bytes × vocabulary × rows", {asked.vocabulary(), asked.outputs()},
       rule("src/llama-context.cpp")
  };
  if (!asked.params.load_mtp) return result;
  result.formula += " + 4 bytes × hidden size × tokens of a batch";
  result.ingredients.push_back(
      {"hidden size", grouped(asked.shape.hidden_size), Origin::shape, "read by the prediction layers"});
  result.ingredients.push_back({"tokens of a batch", grouped(asked.resolved.batch),
                                origin_of(asked.params.batch != ContextParams{}.batch), "-b"});
  return result;
}

Explanation of_overhead() {
  return {
      "3 MiB per multiprocessor of every GPU, at least 100 MiB, give or take a fifth; 100 to 550 MiB if the "
      "number of multiprocessors is unknown; up to 100 MiB more for the pools of the first decode",
      {{"CUDA context", "107 MiB on an RTX 4060 Ti, 555 MiB on an RTX PRO 6000", Origin::derived,
        "llama.cpp pull requests 20595 and 23604"}},
      "assumed from these measurements; Metal has no context of its own, and on a machine without a GPU the "
      "program takes 10 to 400 MiB"};
}

}  // namespace

Explanation explanation(TermKind kind, const Architecture& architecture, const ContextParams& params,
                        const Demand& demand, const Weights& weights) {
  const Asked asked{architecture, params, demand, resolve(architecture, params, demand.tokens)};
  switch (kind) {
    case TermKind::weights: return of_weights(weights, params.load_mtp);
    case TermKind::kv_cache: return of_cache(asked);
    case TermKind::recurrent_state: return of_state(asked);
    case TermKind::compute_buffer: return of_compute(asked);
    case TermKind::output_buffer: return of_output(asked);
    case TermKind::runtime_overhead: return of_overhead();
    default: return {};  // companions explain themselves
  }
}

}  // namespace vramcalc::llama_cpp
