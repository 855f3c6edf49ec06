#include "source/gguf_draft_head.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "model/printable.hpp"
#include "source/gguf_keys.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::source {
namespace {

using Kind = DraftHead::Kind;

constexpr std::string_view eagle3 = "eagle3", dflash = "dflash";

// src/models/eagle3.cpp, src/models/dflash.cpp, src/llama-model.cpp (load_hparams). Keys of rope.* change no
// size.
constexpr std::array<std::string_view, 26> known_keys{
    "attention.causal",
    "attention.head_count",
    "attention.head_count_kv",
    "attention.key_length",
    "attention.layer_norm_rms_epsilon",
    "attention.scale",
    "attention.sliding_window",
    "attention.sliding_window_pattern",
    "attention.value_length",
    "block_count",
    "block_size",
    "context_length",
    "embedding_length",
    "embedding_scale",
    "feed_forward_length",
    "final_logit_softcapping",
    "has_confidence_head",
    "hidden_act",
    "logit_scale",
    "norm_before_fc",
    "norm_before_residual",
    "sample_from_anchor",
    "target_hidden_size",
    "target_layers",
    "tensor_data_layout",
    "vocab_size",
};
static_assert(std::ranges::is_sorted(known_keys));

void refuse_unknown_keys(const GgufKeys& keys) {
  const std::string prefix = keys.full("");
  for (const auto& [name, value] : keys.metadata()) {
    if (!name.starts_with(prefix)) continue;
    const std::string_view key = std::string_view(name).substr(prefix.size());
    if (!key.starts_with("rope.") && !std::ranges::binary_search(known_keys, key))
      keys.fail(key, "is not known for a draft head");
  }
}

// The file's tensors by name.
class Tensors {
 public:
  explicit Tensors(const GgufHeader& header) : header_(header) {}
  const Tensor* find(std::string_view name) const {
    const auto found = std::ranges::find(header_.tensors, name, &Tensor::name);
    return found == header_.tensors.end() ? nullptr : &*found;
  }
  bool has(std::string_view name) const { return find(name) != nullptr; }
  std::uint64_t length(std::string_view name, std::size_t dimension) const {
    const Tensor* tensor = find(name);
    return tensor == nullptr ? 0 : tensor->shape[dimension];
  }

 private:
  const GgufHeader& header_;
};

// DFlash 2 (convolutions and a selector of tokens), and DSpark with the layers of DeepSeek V4.
void refuse_other_graphs(const GgufKeys& keys, const Tensors& tensors) {
  const auto refuse = [&](std::string_view what) {
    throw Error(ErrorCode::unsupported,
                fmt::format("{}: the graph of {} is not known", keys.metadata().file(), what));
  };
  if (tensors.has("selector_hidden.weight")) refuse("a DFlash 2 head");
  if (tensors.has("hc_head_fn.weight") || tensors.has("output_hc_fn.weight") ||
      keys.has("hyper_connection.count"))
    refuse("a DSpark head with DeepSeek V4's layers");
}

std::vector<std::uint32_t> target_layers(const GgufKeys& keys) {
  const GgufArray* list = keys.array("target_layers");
  if (list == nullptr || list->numbers.empty()) keys.fail("target_layers", "is missing or empty");
  std::vector<std::uint32_t> layers;
  for (const std::int64_t number : list->numbers) {
    constexpr std::int64_t most = 512;  // src/llama-hparams.h, LLAMA_MAX_LAYERS
    if (number < 0 || number > most) keys.fail("target_layers", "has a number that is no layer");
    layers.push_back(static_cast<std::uint32_t>(number));
  }
  if (keys.architecture() == eagle3 && layers.size() != 3)
    keys.fail("target_layers", fmt::format("has {} layers, and EAGLE-3 has three", layers.size()));
  return layers;
}

std::uint32_t vocabulary(const GgufKeys& keys) {
  const GgufArray* tokens = keys.metadata().array("tokenizer.ggml.tokens");
  return tokens == nullptr ? keys.positive("vocab_size") : static_cast<std::uint32_t>(tokens->count);
}

DraftHead head_of(const GgufKeys& keys, const Tensors& tensors, std::uint32_t width) {
  DraftHead head;
  head.kind = keys.architecture() == eagle3     ? Kind::eagle3
              : tensors.has("markov_w1.weight") ? Kind::dspark
                                                : Kind::dflash;
  head.target_layers = target_layers(keys);
  head.target_width = head.kind == Kind::eagle3 ? keys.positive("target_hidden_size") : width;
  const std::uint64_t drafted = tensors.length("d2t", 0);
  if (drafted > vocabulary(keys))
    throw Error(ErrorCode::bad_file,
                fmt::format("{}: d2t has more tokens than the vocabulary", keys.metadata().file()));
  head.draft_vocab = static_cast<std::uint32_t>(drafted);
  head.own_embedding = tensors.has("token_embd.weight");
  head.own_output = tensors.has("output.weight") || (head.kind != Kind::eagle3 && head.own_embedding);
  head.norm_before_residual = keys.flag("norm_before_residual").value_or(false);
  head.block_size = keys.number("block_size").value_or(16);
  return head;
}

GroupedQueryAttention attention(const GgufKeys& keys, const Tensors& tensors, std::size_t layer) {
  const auto named = [layer](std::string_view name) { return fmt::format("blk.{}.{}", layer, name); };
  GroupedQueryAttention part;
  part.heads = keys.positive("attention.head_count");
  part.kv_heads = keys.number("attention.head_count_kv").value_or(part.heads);
  part.key_length =
      keys.number("attention.key_length").value_or(keys.positive("embedding_length") / part.heads);
  part.value_length = keys.number("attention.value_length").value_or(part.key_length);
  if (tensors.has(named("attn_q_norm.weight"))) part.qk_norm = QkNorm::per_head;
  part.key_is_value = part.value_norm = !tensors.has(named("attn_v.weight"));
  part.sinks = tensors.has(named("attn_sinks.weight"));
  const std::uint32_t window = keys.number("attention.sliding_window").value_or(0);
  if (window > 0 && keys.number_at("attention.sliding_window_pattern", layer).value_or(0) != 0)
    part.window = Window{window, Window::Kind::sliding};
  return part;
}

void add_blocks(Architecture& architecture, const GgufKeys& keys, const Tensors& tensors) {
  constexpr std::uint32_t most_layers = 512;
  const std::uint32_t layers = keys.positive("block_count");
  if (layers > most_layers || (keys.architecture() == eagle3 && layers != 1))
    keys.fail("block_count", fmt::format("is {}", layers));
  DenseFeedForward feed_forward;
  feed_forward.width = keys.positive("feed_forward_length");
  for (std::size_t i = 0; i < layers; ++i)
    architecture.blocks.push_back({attention(keys, tensors, i), feed_forward});
}

// The widths that the metadata and the tensors both say.
void require_widths(const Architecture& architecture, const GgufKeys& keys, const Tensors& tensors) {
  const DraftHead& head = *architecture.draft_head;
  const auto require = [&](const std::string& name, std::uint64_t row, std::uint64_t rows) {
    const Tensor* tensor = tensors.find(name);
    if (tensor != nullptr && tensor->shape[0] == row && tensor->shape[1] == rows) return;
    throw Error(ErrorCode::bad_file,
                fmt::format("{}: there is no tensor {} of {} x {}; llama.cpp would not load the file",
                            keys.metadata().file(), name, row, rows));
  };
  const std::uint64_t width = architecture.hidden_size;
  const std::uint64_t read = head.kind == Kind::eagle3 ? 2 * width : width;
  require("fc.weight", checked_multiply(head.target_layers.size(), head.target_width), width);
  for (std::size_t i = 0; i < architecture.blocks.size(); ++i) {
    const auto& part = std::get<GroupedQueryAttention>(architecture.blocks[i].attention);
    const std::uint32_t inner = std::get<DenseFeedForward>(architecture.blocks[i].feed_forward).width;
    const auto named = [i](std::string_view name) { return fmt::format("blk.{}.{}.weight", i, name); };
    require(named("attn_q"), read, std::uint64_t{part.heads} * part.key_length);
    require(named("attn_k"), read, std::uint64_t{part.kv_heads} * part.key_length);
    if (!part.key_is_value) require(named("attn_v"), read, std::uint64_t{part.kv_heads} * part.value_length);
    require(named("ffn_down"), inner, width);
  }
}

// Drafts for models with multi-section positions have four of them (src/models/dflash.cpp).
bool has_sections(const GgufKeys& keys) {
  const GgufArray* sections = keys.array("rope.dimension_sections");
  return sections != nullptr && std::ranges::any_of(sections->numbers, [](auto each) { return each != 0; });
}

}  // namespace

bool is_draft_head(const GgufMetadata& metadata) {
  const auto architecture = metadata.text("general.architecture");
  return architecture == eagle3 || architecture == dflash;
}

Architecture draft_head(const GgufHeader& header) {
  const GgufKeys keys(header.metadata);
  const Tensors tensors(header);
  refuse_unknown_keys(keys);
  refuse_other_graphs(keys, tensors);
  Architecture architecture;
  architecture.gguf_name = architecture.model_type = keys.architecture();
  architecture.hidden_size = keys.positive("embedding_length");
  architecture.context_length = keys.positive("context_length");
  architecture.vocab_size = architecture.checkpoint_vocab_size = vocabulary(keys);
  architecture.draft_head = head_of(keys, tensors, architecture.hidden_size);
  architecture.tied_embeddings = !tensors.has("output.weight") && architecture.draft_head->own_output;
  architecture.has_output = architecture.draft_head->own_output;
  add_blocks(architecture, keys, tensors);
  if (tensors.has("blk.0.post_attention_norm.weight")) architecture.wiring = Wiring::sandwich;
  architecture.layer_output_scale = tensors.has("blk.0.layer_output_scale.weight");
  architecture.scales_embedding = keys.real("embedding_scale").value_or(0) != 0;
  if (tensors.has("rope_freqs.weight")) {
    architecture.rope_table = Architecture::RopeTable::freqs;
    architecture.rope_table_length = static_cast<std::uint32_t>(tensors.length("rope_freqs.weight", 0));
  }
  if (has_sections(keys)) architecture.graph.position_components = 4;
  require_widths(architecture, keys, tensors);
  return architecture;
}

}  // namespace vramcalc::source
