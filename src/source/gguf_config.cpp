#include "source/gguf_config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/printable.hpp"

namespace vramcalc::source {
namespace {

using nlohmann::json;

// ---- the kind of a layer

// A tensor (and possibly a second one) that only one kind of layer has; the first match decides.
struct KindMark {
  std::optional<TensorKind> tensor;
  std::optional<TensorKind> beside;
  std::string_view kind;
};
constexpr std::string_view attention = "full_attention";
constexpr std::array kind_marks{
    KindMark{Role::o_a,            {},              "compressed_attention"},
    KindMark{Role::indexer_q_proj, {},              "sparse_attention"    },
    KindMark{Role::kv_a,           {},              attention             },
    KindMark{Role::ssm_conv1d_q,   {},              "kda"                 },
    KindMark{Role::ssm_beta,       {},              "linear_attention"    },
    KindMark{Role::ssm_ba,         {},              "linear_attention"    },
    KindMark{Role::ssm_x,          {},              "mamba1"              },
    KindMark{Role::ssm_in,         Role::q,         "mamba2+attention"    },
    KindMark{Role::ssm_in,         {},              "mamba"               },
    KindMark{Role::shortconv,      {},              "conv"                },
    KindMark{Role::attn_norm_2,    Role::attn_gate, "lightning_attention" },
    KindMark{Role::q,              {},              attention             },
    KindMark{Role::qkv,            {},              attention             },
    KindMark{Role::router,         {},              "moe"                 },
    KindMark{{},                   {},              "mlp"                 },
};

std::string_view kind_of(const LayerTensors& layer) {
  const auto matches = [&](const KindMark& mark) {
    return (!mark.tensor || layer.has(*mark.tensor)) && (!mark.beside || layer.has(*mark.beside));
  };
  return std::ranges::find_if(kind_marks, matches)->kind;
}

bool is_latent(const LayerTensors& layer) { return layer.has(Role::kv_a); }
bool is_attending(std::string_view kind) { return kind != "mlp" && kind != "moe"; }
bool is_windowed(std::string_view kind) { return kind == "sliding_attention" || kind == "chunked_attention"; }

// ---- windows

// Which layers have a window (llama.cpp 0.5.0, src/models/*.cpp, load_arch_hparams): the file's list, its
// period, or the architecture's own pattern. An architecture without a pattern ignores a window in the file.
class Windows {
 public:
  Windows(const GgufKeys& keys, const GgufRow& row, std::uint32_t trunk)
      : keys_(keys), pattern_(row.pattern) {
    const GgufAssumptions& assumed = row.assumed;
    tokens_ = keys.number(window_key).value_or(assumed.default_window);
    if (tokens_ > 0 && assumed.fixed_window > 0) tokens_ = assumed.fixed_window;
    const bool other_depth =
        assumed.windows_only_with_layers != 0 && assumed.windows_only_with_layers != trunk;
    if (other_depth || !has_pattern()) tokens_ = 0;
  }

  std::uint32_t tokens() const { return tokens_; }

  std::string_view kind(std::size_t layer) const {
    if (tokens_ == 0) return attention;
    const GgufArray* list = keys_.array(pattern_key);
    if (list != nullptr) return keys_.number_at(pattern_key, layer).value_or(0) != 0 ? word() : attention;
    if (const auto period = keys_.number(pattern_key)) return in_period(layer, *period) ? word() : attention;
    return is_windowed(pattern_[layer % pattern_.size()]) ? word() : attention;
  }

 private:
  static constexpr std::string_view window_key = "attention.sliding_window";
  static constexpr std::string_view pattern_key = "attention.sliding_window_pattern";

  bool has_pattern() const {
    return keys_.array(pattern_key) != nullptr || std::ranges::any_of(pattern_, is_windowed);
  }

  std::string_view word() const {
    const auto found = std::ranges::find_if(pattern_, is_windowed);
    return found == pattern_.end() ? std::string_view("sliding_attention") : std::string_view(*found);
  }

  bool in_period(std::size_t layer, std::uint32_t period) const {
    const bool full_first = !is_windowed(pattern_.front());
    return period == 0 || (full_first ? layer % period != 0 : layer % period < period - 1);
  }

  const GgufKeys& keys_;
  const std::vector<std::string>& pattern_;
  std::uint32_t tokens_ = 0;
};

// ---- writing the fields

class ConfigWriter {
 public:
  ConfigWriter(const GgufKeys& keys, const TensorIndex& tensors, const GgufRow& row)
      : keys_(keys),
        tensors_(tensors),
        row_(row),
        layers_(gguf_layers(keys, tensors)),
        windows_(keys, row, layers_.trunk) {}

  json write() {
    write_ends();
    write_layer_kinds();
    write_attention();
    write_recurrent();
    write_feed_forward();
    write_prediction();
    write_extras();
    write_scales();
    return std::move(config_);
  }

 private:
  void set(std::string_view field, json value) { config_[std::string(field)] = std::move(value); }
  template <class T>
  void set_if(std::string_view field, const std::optional<T>& value) {
    if (value) set(field, *value);
  }

  LayerTensors layer(std::uint32_t number) const { return tensors_.layer(static_cast<std::int32_t>(number)); }

  TensorKind kind_in_row(const char* field, Role usual) const {
    return tensor_kind(row_.row.value(field, tensor_name(usual)));
  }

  // The first layer with that tensor.
  std::optional<LayerTensors> first_with(TensorKind tensor) const {
    for (std::uint32_t i = 0; i < layers_.all(); ++i)
      if (const LayerTensors found = layer(i); found.has(tensor)) return found;
    return std::nullopt;
  }
  bool any_has(TensorKind tensor) const { return first_with(tensor).has_value(); }
  bool uses(std::string_view kind) const { return std::ranges::find(kinds_, kind) != kinds_.end(); }

  void write_ends() {
    const LayerTensors ends = tensors_.ends();
    if (!ends.has(Role::embedding))
      keys_.metadata().fail("general.architecture", "no tensor token_embd.weight; is this a whole model?");
    set("model_type", row_.model_type);
    set("hidden_size", keys_.positive("embedding_length"));
    set("max_position_embeddings", context_length());
    set("vocab_size", ends.length(Role::embedding, 1));
    set("gguf_vocab_size", nullptr);
    set("num_hidden_layers", layers_.trunk);
    set("tie_word_embeddings", !ends.has(Role::output));
    set("lm_head_bias", ends.has({Role::output, Component::bias}));
    set("type_vocab_size", ends.length(Role::token_type_embedding, 1));
    set("position_embeddings", ends.length(Role::position_embedding, 1));
    set("unused_positions", 0u);
    set("pooler", false);
    const TensorKind final_norm = kind_in_row("final_norm_name", Role::output_norm);
    if (!ends.has(final_norm) && !ends.has(Role::output_norm) && !row_.stands_in &&
        row_.row.value("final_norm", true))
      keys_.metadata().fail(
          "general.architecture",
          fmt::format("there is no tensor {}; llama.cpp would not load the file", tensor_name(final_norm)));
    set("final_norm", ends.has(final_norm));
    set("embedding_norm", ends.has(Role::embedding_norm) && final_norm != Role::embedding_norm);
  }

  // llama.cpp 0.5.0 counts cells in 32 bits and pads their number to 256 (src/llama-context.cpp).
  std::uint32_t context_length() const {
    constexpr std::uint32_t most_tokens = UINT32_MAX - 256;
    const std::uint32_t tokens = keys_.positive("context_length");
    if (tokens > most_tokens)
      keys_.fail("context_length", fmt::format("{} tokens are more than llama.cpp can count", tokens));
    return tokens;
  }

  // A layer may have no attention at all (Nemotron), but not half of one.
  void refuse_left_over_heads(const LayerTensors& tensors) const {
    for (const Role part : {Role::k, Role::v})
      if (tensors.has(part))
        keys_.metadata().fail(
            "general.architecture",
            fmt::format("layer {} has {}, but no attn_q.weight; llama.cpp would not load the file",
                        tensors.layer(), tensor_name(part)));
  }

  std::string_view kind_at(std::uint32_t number) const {
    const LayerTensors tensors = layer(number);
    const std::string_view kind = kind_of(tensors);
    if (!is_attending(kind)) refuse_left_over_heads(tensors);
    if (kind != attention) return kind;
    if (is_latent(tensors))
      return any_has(Role::indexer_proj) && !tensors.has(Role::indexer_proj) ? "shared_indexer" : kind;
    return windows_.kind(number);
  }

  void write_layer_kinds() {
    for (std::uint32_t i = 0; i < layers_.all(); ++i) kinds_.push_back(kind_at(i));
    require_first_indexer();
    set("layer_types", std::vector(kinds_.begin(), kinds_.begin() + layers_.trunk));
  }

  // A layer without an indexer uses the choice of the last layer before it that has one (GLM-5.2).
  void require_first_indexer() const {
    const auto shared = std::ranges::find(kinds_, std::string_view("shared_indexer"));
    const auto number = static_cast<std::uint32_t>(shared - kinds_.begin());
    if (shared == kinds_.end()) return;
    for (std::uint32_t i = 0; i < number; ++i)
      if (layer(i).has(Role::indexer_proj)) return;
    keys_.metadata().fail("general.architecture",
                          fmt::format("layer {} has no indexer.proj.weight, and no layer before it whose "
                                      "choice it could share",
                                      number));
  }

  // From the first layer with attention; the others are set from their own tensors. A layer whose attention
  // became a single matrix (Nemotron-NAS) does not count.
  std::size_t first_attending() const {
    for (std::uint32_t i = 0; i < layers_.all(); ++i)
      if (is_attending(kinds_[i]) && layer(i).has(Role::o)) return i;
    return 0;
  }

  void write_attention() {
    const std::size_t first = first_attending();
    set_if("num_attention_heads", keys_.number_at("attention.head_count", first));
    if (any_has(Role::kv_a)) return write_latent();
    if (uses("compressed_attention")) return write_compressed();
    const std::string_view length_key =
        keys_.has("attention.key_length") ? "attention.key_length" : "head_dim";
    set_if("num_key_value_heads", keys_.number_at("attention.head_count_kv", first));
    set_if("head_dim", keys_.number(length_key));
    if (uses_grouped_query()) {
      for (std::string_view key : {std::string_view("attention.head_count"),
                                   std::string_view("attention.head_count_kv"), length_key})
        if (keys_.number_at(key, first) == 0u)
          keys_.fail(key, fmt::format("0 for layer {}, which has attention", first));
      set_if("v_head_dim", keys_.number("attention.value_length"));
      if (windows_.tokens() > 0)
        set(uses("chunked_attention") ? "attention_chunk_size" : "sliding_window", windows_.tokens());
    }
    if (uses("sparse_attention")) write_block_sparse();
  }

  bool uses_grouped_query() const {
    constexpr std::array grouped{attention,
                                 std::string_view("sliding_attention"),
                                 std::string_view("chunked_attention"),
                                 std::string_view("sparse_attention"),
                                 std::string_view("mamba2+attention"),
                                 std::string_view("lightning_attention")};
    return std::ranges::any_of(grouped, [&](std::string_view kind) { return uses(kind); });
  }

  // Files converted before mid-2025 have no …_mla keys; their key_length is that of one head.
  void write_latent() {
    const LayerTensors layer = *first_with(Role::kv_a);
    const std::uint32_t latent = keys_.positive("attention.kv_lora_rank");
    const std::uint64_t row = layer.length(Role::kv_a, 1);
    const std::uint32_t key =
        keys_.number("attention.key_length_mla").value_or(keys_.number("attention.key_length").value_or(0));
    if (row <= latent)
      keys_.fail("attention.kv_lora_rank",
                 fmt::format("{} of the {} that attn_kv_a_mqa.weight has", latent, row));
    const std::uint64_t rope = row - latent;
    if (key <= rope)
      keys_.fail("attention.key_length_mla",
                 fmt::format("{} is not longer than its rotary part of {}", key, rope));
    set("kv_lora_rank", latent);
    set("q_lora_rank", layer.length(Role::q_a, 1));
    set("qk_rope_head_dim", rope);
    set("qk_nope_head_dim", key - rope);
    const std::optional<std::uint32_t> value = keys_.number("attention.value_length_mla");
    set("v_head_dim", value ? *value : keys_.positive("attention.value_length"));
    set("mla_absorbed", layer.has(Role::k_b));
    set("mla_output_gate", layer.has(Role::attn_gate));
    if (any_has(Role::indexer_proj)) write_indexer();
  }

  void write_indexer() {
    set("index_n_heads", keys_.positive("attention.indexer.head_count"));
    set("index_head_dim", keys_.positive("attention.indexer.key_length"));
    set("index_topk", keys_.positive("attention.indexer.top_k"));
  }

  void write_block_sparse() {
    set("sparse_num_index_heads", keys_.positive("attention.indexer.head_count"));
    set("sparse_index_dim", keys_.positive("attention.indexer.key_length"));
    set("sparse_topk_blocks", keys_.positive("attention.indexer.top_k"));
    set("sparse_block_size", keys_.positive("attention.indexer.block_size"));
  }

  void write_compressed() {
    const LayerTensors layer = *first_with(Role::o_a);
    set("head_dim", keys_.positive("attention.key_length"));
    set("q_lora_rank", keys_.positive("attention.q_lora_rank"));
    set("qk_rope_head_dim", keys_.positive("rope.dimension_count"));
    set("o_lora_rank", layer.length(Role::o_a, 1));
    set("o_groups", layer.length(Role::o_a, 2));
    set("sliding_window", keys_.positive("attention.sliding_window"));
    std::vector<std::uint32_t> ratios;
    std::uint32_t hashed = 0;
    for (std::uint32_t i = 0; i < layers_.all(); ++i) {
      ratios.push_back(keys_.number_at("attention.compress_ratios", i).value_or(0));
      if (this->layer(i).has(Role::router_hash)) ++hashed;
    }
    set("compress_ratios", ratios);
    set("num_hash_layers", hashed);
    write_indexer();
  }

  void write_recurrent() {
    if (uses("linear_attention")) write_gated_delta_net();
    if (uses("kda")) write_kimi_delta_attention();
    if (uses("mamba1")) write_mamba1();
    if (uses("mamba") || uses("mamba2+attention")) write_mamba2();
    if (uses("conv")) set("conv_L_cache", keys_.positive("shortconv.l_cache"));
  }

  std::uint32_t share(std::string_view whole, std::string_view parts) const {
    const std::uint32_t width = keys_.positive(whole), count = keys_.positive(parts);
    if (width % count != 0) keys_.fail(whole, fmt::format("{} does not divide into {} heads", width, count));
    return width / count;
  }

  void write_gated_delta_net() {
    set("linear_num_key_heads", keys_.positive("ssm.group_count"));
    set("linear_num_value_heads", keys_.positive("ssm.time_step_rank"));
    set("linear_key_head_dim", keys_.positive("ssm.state_size"));
    set("linear_value_head_dim", share("ssm.inner_size", "ssm.time_step_rank"));
    set("linear_conv_kernel_dim", keys_.positive("ssm.conv_kernel"));
    set("fused_beta_alpha", any_has(Role::ssm_ba));
  }

  void write_kimi_delta_attention() {
    const LayerTensors layer = *first_with(Role::ssm_conv1d_q);
    set("linear_num_heads", layer.length(Role::ssm_beta, 1));
    set("linear_head_dim", keys_.positive("kda.head_dim"));
    set("linear_conv_kernel_dim", keys_.positive("ssm.conv_kernel"));
    set("use_full_rank_gate", layer.has(Role::ssm_g));
    set("kda_padded_shapes", layer.find(Role::ssm_conv1d_q)->shape.rank() == 4);
  }

  void write_mamba1() {
    set("mamba_d_inner", keys_.positive("ssm.inner_size"));
    set("ssm_state_size", keys_.positive("ssm.state_size"));
    set("mamba_d_conv", keys_.positive("ssm.conv_kernel"));
    set("mamba_dt_rank", keys_.positive("ssm.time_step_rank"));
    set("mamba_inner_norms", any_has(Role::ssm_dt_norm));
  }

  void write_mamba2() {
    set("mamba_num_heads", keys_.positive("ssm.time_step_rank"));
    set("mamba_head_dim", share("ssm.inner_size", "ssm.time_step_rank"));
    set("ssm_state_size", keys_.positive("ssm.state_size"));
    set("mamba_n_groups", keys_.positive("ssm.group_count"));
    set("mamba_d_conv", keys_.positive("ssm.conv_kernel"));
    set("mamba_conv_bias", any_has({Role::ssm_conv1d, Component::bias}));
    set("mamba_rms_norm", any_has(Role::ssm_norm));
  }

  void write_feed_forward() {
    std::vector<std::uint32_t> experts;
    for (std::uint32_t i = 0; i < layers_.trunk; ++i) experts.push_back(layer(i).has(Role::router) ? 1u : 0u);
    const auto dense = first_with(Role::down);
    set("intermediate_size", dense ? dense->length(Role::down, 0) : 1u);  // each layer's own follows
    if (const auto layer = first_with(Role::router)) write_experts(*layer);
    set("moe_layer_freq", experts);
  }

  void write_experts(const LayerTensors& layer) {
    if (!layer.has(Role::expert_down))
      keys_.fail("expert_count",
                 "each expert is a tensor of its own, as before April 2024; convert the model again");
    const std::uint32_t count = expert_count();
    set("num_experts", count);
    set("num_experts_per_tok", experts_used(layer, count));
    set("moe_intermediate_size", layer.length(Role::expert_down, 0));
    set("shared_expert_intermediate_size", layer.length(Role::shared_down, 0));
    write_weights_of_experts();
    write_expert_groups(count);
    if (const auto function = keys_.number("expert_gating_func")) set("scoring_func", gating(*function));
    for (std::string_view beside : {"dense_beside_experts", "expert_norms"}) keep_if_present(beside, layer);
  }

  // Architectures that read both keys, for which a missing one means no (0.5.0, src/models/*.cpp,
  // load_arch_hparams). The others compute as their publisher does, whatever the file says.
  void write_weights_of_experts() {
    constexpr std::array<std::string_view, 19> readers = {
        "afmoe",      "bailingmoe",    "bailingmoe2",    "bailingmoe3", "cohere2moe",
        "deepseek2",  "deepseek2-ocr", "deepseek32",     "deepseek4",   "dots1",
        "exaone-moe", "glm-dsa",       "glm4moe",        "hy_v3",       "kimi-k3",
        "laguna",     "minimax-m3",    "nemotron_h_moe", "step35"};
    const auto normalized = keys_.flag("expert_weights_norm");
    const auto scale = keys_.real("expert_weights_scale");
    if (std::ranges::find(readers, keys_.architecture()) == readers.end()) {
      set_if("norm_topk_prob", normalized);
      set_if("routed_scaling_factor", scale);
      return;
    }
    set("norm_topk_prob", normalized.value_or(false));
    set("routed_scaling_factor", scale.value_or(0) == 0 ? 1.0 : *scale);
  }

  // The bounds are those of llama.cpp 0.5.0: LLAMA_MAX_EXPERTS in src/llama-hparams.h, and what
  // src/llama-model.cpp asserts of these keys (load_hparams).
  std::uint32_t expert_count() const {
    constexpr std::uint32_t most_experts = 1024;
    const std::uint32_t count = keys_.positive("expert_count");
    if (count > most_experts)
      keys_.fail("expert_count",
                 fmt::format("{} experts exceed the {} that llama.cpp 0.5.0 supports", count, most_experts));
    return count;
  }

  std::uint32_t experts_used(const LayerTensors& layer, std::uint32_t count) const {
    const auto used = keys_.number_at("expert_used_count", static_cast<std::size_t>(layer.layer()));
    if (used.value_or(0) == 0 || *used > count)
      keys_.fail("expert_used_count", fmt::format("{} of {} experts", used.value_or(0), count));
    require_room_in_graph(*used);
    return *used;
  }

  // Each expert takes a view and a sum in every layer of the graph, whose number of operations is limited
  // (src/llama-context.cpp, graph_max_nodes).
  void require_room_in_graph(std::uint32_t used) const {
    std::uint64_t layers = 0;
    for (std::uint32_t i = 0; i < layers_.all(); ++i) layers += layer(i).has(Role::router) ? 1 : 0;
    const std::uint64_t room = std::max<std::uint64_t>(1024, 8 * tensors_.size());
    if (2 * layers * used > room)
      keys_.fail("expert_used_count",
                 fmt::format("{} experts in each of {} layers make a graph that is larger than llama.cpp has "
                             "room for",
                             used, layers));
  }

  void write_expert_groups(std::uint32_t experts) {
    const std::uint32_t groups = keys_.number("expert_group_count").value_or(0);
    const std::uint32_t used = keys_.number("expert_group_used_count").value_or(0);
    set("n_group", std::max(groups, 1u));
    set("topk_group", std::max(used, 1u));
    if (groups <= 1) return;
    if (groups >= experts || experts % groups != 0)
      keys_.fail("expert_group_count",
                 fmt::format("{} experts do not divide into {} groups", experts, groups));
    if (used == 0 || used >= groups)
      keys_.fail("expert_group_used_count", fmt::format("{} of {} groups", used, groups));
  }

  // The row's fields for mixtures of experts apply only if this file has experts.
  void keep_if_present(std::string_view field, const LayerTensors& layer) {
    if (field == "dense_beside_experts") return set(field, layer.has(Role::down));
    std::vector<std::string> present;
    for (const json& name : row_.row.value(std::string(field), json::array()))
      if (layer.has(tensor_kind(name.get<std::string>()))) present.push_back(name.get<std::string>());
    set(field, present);
  }

  // llama.cpp 0.5.0, src/llama-hparams.h
  std::string gating(std::uint32_t function) const {
    constexpr std::array<std::string_view, 5> words{"softmax", "softmax", "sigmoid",
                                                    "softmax_after_selection", "sqrtsoftplus"};
    if (function >= words.size()) keys_.fail("expert_gating_func", fmt::format("unknown value {}", function));
    return std::string(words[function]);
  }

  void write_prediction() {
    set("num_nextn_predict_layers", layers_.mtp);
    set("mtp_in_repo", true);
    if (layers_.mtp == 0) return;
    const LayerTensors first = layer(layers_.trunk);
    if (row_.row.value("mtp_in_file", "dropped") == "dropped") set("mtp_in_file", "kept");
    set("mtp_layer_type", kinds_[layers_.trunk]);
    set("mtp_dense", !first.has(Role::router));
    set("mtp_own_embedding", first.has(Role::nextn_embedding));
    set("mtp_own_head", first.has(Role::nextn_head));
    set("mtp_head_norm", head_norm(first));
  }

  std::string head_norm(const LayerTensors& layer) const {
    const TensorKind usual = kind_in_row("mtp_head_norm", Role::nextn_head_norm);
    return layer.has(usual) ? tensor_name(usual) : "";
  }

  void write_extras() {
    const LayerTensors ends = tensors_.ends();
    const bool inputs = ends.has(Role::per_layer_embedding);
    if (inputs) {
      set("hidden_size_per_layer_input", ends.length(Role::per_layer_projection_norm, 0));
      set("vocab_size_per_layer_input", ends.length(Role::per_layer_embedding, 1));
    }
    if (ends.has(Role::altup_projection)) {
      set("altup_num_inputs", alternating_inputs(ends));
      if (const auto layer = first_with(Role::laurel_l)) set("laurel_rank", layer->length(Role::laurel_l, 1));
    }
    if (ends.has(Role::output_hc_fn)) set("hc_mult", residual_streams());
    set("layer_output_scale", any_has(Role::layer_output_scale));
    if (any_has(Role::attn_residual_score)) set("attn_res_block_size", keys_.positive("attn_res.block_size"));
    if (const std::uint32_t sharing = layers_without_cache(); sharing > 0)
      set("num_kv_shared_layers", sharing);
    write_rope_table();
  }

  // Gathering the streams takes four operations per stream, and a graph has room for at least 1024 (llama.cpp
  // 0.5.0, src/llama-context.cpp, graph_max_nodes); DeepSeek V4 has four streams.
  std::uint32_t residual_streams() const {
    constexpr std::uint32_t most_streams = 256;
    const std::uint32_t streams = keys_.positive("hyper_connection.count");
    if (streams > most_streams)
      keys_.fail("hyper_connection.count", fmt::format("{} streams are more than {}", streams, most_streams));
    return streams;
  }

  // llama.cpp 0.5.0, src/llama-hparams.h: n_altup, which no key changes.
  std::uint64_t alternating_inputs(const LayerTensors& ends) const {
    constexpr std::uint64_t inputs = 4;
    const std::uint64_t found = ends.length(Role::altup_projection, 2);
    if (found != inputs - 1)
      keys_.metadata().fail("general.architecture",
                            fmt::format("tensor altup_proj.weight is for {} streams besides the first, and "
                                        "llama.cpp 0.5.0 has {}",
                                        found, inputs - 1));
    if (!ends.has(Role::per_layer_embedding))
      keys_.metadata().fail("general.architecture",
                            "there is altup_proj.weight, but no per_layer_token_embd.weight; llama.cpp would "
                            "not load the file");
    return inputs;
  }

  std::uint32_t layers_without_cache() const {
    const std::uint32_t owners =
        row_.assumed.layers_with_cache == 0 ? layers_.trunk : row_.assumed.layers_with_cache;
    return keys_.number("attention.shared_kv_layers")
        .value_or(layers_.trunk - std::min(owners, layers_.trunk));
  }

  void write_rope_table() {
    const LayerTensors ends = tensors_.ends();
    const bool freqs = ends.has(Role::rope_freqs), factors = ends.has(Role::rope_factors_long);
    set("rope_table", freqs ? "freqs" : factors ? "factors_long_short" : "none");
    if (freqs || factors)
      set("rope_table_length", ends.length(freqs ? Role::rope_freqs : Role::rope_factors_long, 0));
  }

  void write_scales() {
    set_if("embedding_multiplier", keys_.real("embedding_scale"));
    set_if("residual_multiplier", keys_.real("residual_scale"));
    set_if("logit_scale", keys_.real("logit_scale"));
    set_if("final_logit_softcapping", keys_.real("final_logit_softcapping"));
    set_if("attn_logit_softcapping", keys_.real("attn_logit_softcapping"));
    if (const auto clamp = keys_.real("attention.clamp_kqv"); clamp && *clamp > 0) set("clip_qkv", *clamp);
    if (const auto alibi = keys_.real("attention.max_alibi_bias")) set("alibi", *alibi > 0);
  }

  const GgufKeys& keys_;
  const TensorIndex& tensors_;
  const GgufRow& row_;
  GgufLayers layers_;
  Windows windows_;
  std::vector<std::string_view> kinds_;
  json config_ = json::object();
};

// llama.cpp 0.5.0, src/llama-hparams.h: LLAMA_MAX_LAYERS.
constexpr std::uint32_t most_layers = 512;

// The highest layer number that has a tensor; -1 if there is none. llama.cpp refuses a file with tensors that
// its metadata does not call for (src/llama-model-loader.cpp, done_getting_tensors).
std::int32_t refuse_further_layers(const GgufKeys& keys, const TensorIndex& tensors, std::uint32_t all) {
  const Tensor* last = tensors.of_last_layer();
  if (last == nullptr) return -1;
  if (last->layer >= static_cast<std::int32_t>(all))
    keys.fail("block_count", fmt::format("there is a tensor {}, but the metadata has only {} layer{}",
                                         printable(last->name), all, all == 1 ? "" : "s"));
  return last->layer;
}

}  // namespace

GgufLayers gguf_layers(const GgufKeys& keys, const TensorIndex& tensors) {
  const std::uint32_t all = keys.positive("block_count");
  const std::uint32_t mtp = keys.number("nextn_predict_layers").value_or(0);
  if (all > most_layers)
    keys.fail("block_count",
              fmt::format("{} layers exceed the {} that llama.cpp 0.5.0 supports", all, most_layers));
  if (mtp >= all) keys.fail("nextn_predict_layers", fmt::format("{} of {} layers", mtp, all));
  const std::int32_t last = refuse_further_layers(keys, tensors, all);
  // Some files count prediction layers that they do not contain.
  const bool holds_mtp = mtp > 0 && last >= static_cast<std::int32_t>(all - mtp);
  const GgufLayers layers{all - mtp, holds_mtp ? mtp : 0};
  for (std::uint32_t i = 0; i < layers.all(); ++i)
    if (tensors.layer(static_cast<std::int32_t>(i)).empty())
      keys.fail("block_count", fmt::format("{} layers are claimed, but layer {} has no tensors", all, i));
  return layers;
}

json gguf_config(const GgufKeys& keys, const TensorIndex& tensors, const GgufRow& row) {
  return ConfigWriter(keys, tensors, row).write();
}

}  // namespace vramcalc::source
