#pragma once

#include <string>
#include <vector>

#include "catalog/fields.hpp"
#include "vramcalc/architecture.hpp"

// How the parts of a shape are read from the merged fields of a config; see catalog/shape.hpp.
namespace vramcalc::catalog {

// The words of layer_types. `full_attention` is latent attention where the config has a kv_lora_rank.
enum class LayerKind {
  full_attention,
  sliding_attention,
  chunked_attention,
  cross_attention,
  shared_indexer,        // sparse attention with an earlier layer's indexer (GLM-5.2)
  sparse_attention,      // with an index of blocks (MiniMax-M3)
  compressed_attention,  // DeepSeek V4
  linear_attention,      // Gated DeltaNet
  kda,
  lightning_attention,
  conv,
  mamba,  // Mamba-2
  mamba1,
  mamba2_and_attention,  // "mamba2+attention": side by side
  mlp,                   // a layer with only that part (Nemotron-H)
  moe,
};

// No model has more; a higher number is a mistake in the file, not a reason to fill memory.
inline constexpr std::uint64_t most_layers = 4096;

// One layer as the lists of a config describe it.
struct LayerPlan {
  LayerKind kind = LayerKind::full_attention;
  bool attention = true;  // false: no such part (Nemotron-NAS)
  bool feed_forward = true;
  bool experts = false;        // the feed-forward part is a mixture of experts
  std::uint32_t width = 0;     // of a dense feed-forward part, if the layers differ; 0: the config's
  std::uint32_t kv_heads = 0;  // if the layers differ; 0: the config's
  std::uint32_t compress_ratio = 0;
  bool hash_routing = false;
  bool shares_cache = false;
  bool rope = true;  // false: every n-th layer has none (SmolLM3)

  bool operator==(const LayerPlan&) const = default;
};

// Every layer of the trunk, in order, then `extra` multi-token-prediction layers.
std::vector<LayerPlan> read_layers(Fields&, std::uint32_t layers);
LayerPlan read_mtp_layer(Fields&, const std::vector<LayerPlan>& trunk, std::uint32_t index);

// The parts, read once and then set up for one layer after another.
class AttentionReader {
 public:
  AttentionReader(Fields&, std::uint32_t hidden_size);
  Attention read(const LayerPlan&);

 private:
  Attention read_kind(LayerKind);
  GroupedQueryAttention grouped_query(LayerKind);
  void widths_of_kind(GroupedQueryAttention&, LayerKind);
  void windows_of_kind(GroupedQueryAttention&, LayerKind);
  LatentAttention latent(LayerKind);
  CrossAttention cross();
  CompressedAttention compressed();

  Fields& fields_;
  std::uint32_t hidden_size_;
  bool latent_;  // the config has a kv_lora_rank
  std::vector<std::pair<LayerKind, Attention>> known_;
};

class FeedForwardReader {
 public:
  explicit FeedForwardReader(Fields&);
  FeedForward read(const LayerPlan&) const;

 private:
  Fields& fields_;
  DenseFeedForward dense_;
  std::optional<MixtureOfExperts> experts_;
};

std::optional<MultiTokenPrediction> read_mtp(Fields&);
GraphTraits read_graph(Fields&, const Architecture&);

// ---- helpers

// A number that must not be zero.
std::uint32_t positive(Fields&, std::string_view key);
std::optional<std::uint32_t> optional_positive(Fields&, std::string_view key);

// A plain or run-length coded list: ["a", "a", "b"] or [["a", 2], ["b", 1]]; [["a", "b"], 3] repeats
// a sequence.
std::vector<std::string> run_lengths(Fields&, std::string_view key);

// The kinds of tensors with these names; none if the key is missing.
TensorKind kind_named(const Fields&, std::string_view key, std::string_view name);
std::vector<TensorKind> kinds_named(Fields&, std::string_view key);

// A word from a table of words and values.
template <typename Value>
Value word_or(Fields& fields, std::string_view key,
              std::initializer_list<std::pair<std::string_view, Value>> words, Value otherwise) {
  const auto word = fields.optional_text(key);
  if (!word) return otherwise;
  std::string known;
  for (const auto& [name, value] : words) {
    if (name == *word) return value;
    known += (known.empty() ? "" : ", ") + std::string(name);
  }
  fields.fail(key, "\"" + *word + "\" is not one of " + known);
}

}  // namespace vramcalc::catalog
