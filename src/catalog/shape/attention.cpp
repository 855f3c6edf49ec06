#include <fmt/format.h>

#include <algorithm>

#include "catalog/shape/parts.hpp"

namespace vramcalc::catalog {
namespace {

std::optional<Indexer> read_indexer(Fields& fields) {
  const auto heads = optional_positive(fields, "index_n_heads");
  if (!heads) return std::nullopt;
  return Indexer{.heads = *heads,
                 .key_length = positive(fields, "index_head_dim"),
                 .top_k = positive(fields, "index_topk")};
}

GatedDeltaNet read_gated_delta_net(Fields& fields) {
  return {.key_heads = positive(fields, "linear_num_key_heads"),
          .value_heads = positive(fields, "linear_num_value_heads"),
          .key_head_dim = positive(fields, "linear_key_head_dim"),
          .value_head_dim = positive(fields, "linear_value_head_dim"),
          .conv_kernel = positive(fields, "linear_conv_kernel_dim"),
          .fused_beta_alpha = fields.flag_or("fused_beta_alpha", false)};
}

KimiDeltaAttention read_kimi_delta_attention(Fields& fields) {
  return {.heads = positive(fields, "linear_num_heads"),
          .head_dim = positive(fields, "linear_head_dim"),
          .conv_kernel = positive(fields, "linear_conv_kernel_dim"),
          .full_rank_gate = fields.flag_or("use_full_rank_gate", false),
          .padded_shapes = fields.flag_or("kda_padded_shapes", false)};
}

Mamba1 read_mamba1(Fields& fields) {
  if (!fields.flag_or("mamba_conv_bias", true))
    fields.fail("mamba_conv_bias", "Mamba layers without this bias are not supported");
  return {.inner = positive(fields, "mamba_d_inner"),
          .state = positive(fields, "ssm_state_size"),
          .conv_kernel = positive(fields, "mamba_d_conv"),
          .dt_rank = positive(fields, "mamba_dt_rank"),
          .inner_norms = fields.flag_or("mamba_inner_norms", false)};
}

Mamba2 read_mamba2(Fields& fields) {
  const Mamba2 mamba{.heads = positive(fields, "mamba_num_heads"),
                     .head_dim = positive(fields, "mamba_head_dim"),
                     .state = positive(fields, "ssm_state_size"),
                     .groups = positive(fields, "mamba_n_groups"),
                     .conv_kernel = positive(fields, "mamba_d_conv"),
                     .conv_bias = fields.flag_or("mamba_conv_bias", true),
                     .norm = fields.flag_or("mamba_rms_norm", true)};
  if (mamba.heads % mamba.groups != 0)
    fields.fail("mamba_n_groups",
                fmt::format("{} heads do not divide into {} groups", mamba.heads, mamba.groups));
  return mamba;
}

QkNorm read_qk_norm(Fields& fields) {
  return word_or<QkNorm>(fields, "qk_norm",
                         {
                             {"none",               QkNorm::none               },
                             {"per_head",           QkNorm::per_head           },
                             {"per_layer",          QkNorm::per_layer          },
                             {"per_head_layernorm", QkNorm::per_head_layer_norm}
  },
                         QkNorm::none);
}

void read_biases(Fields& fields, GroupedQueryAttention& attention) {
  const auto biased = word_or<std::pair<bool, bool>>(
      fields, "attn_bias_layout",
      {
          {"none", {false, false}},
          {"qkv",  {true, false} },
          {"qkvo", {true, true}  }
  },
      {false, false});
  attention.qkv_bias = biased.first;
  attention.output_bias = biased.second;
}

void check_heads(Fields& fields, const GroupedQueryAttention& attention) {
  if (attention.heads % attention.kv_heads != 0)
    fields.fail("num_key_value_heads",
                fmt::format("{} heads do not divide into {} groups", attention.heads, attention.kv_heads));
}

}  // namespace

AttentionReader::AttentionReader(Fields& fields, std::uint32_t hidden_size)
    : fields_(fields), hidden_size_(hidden_size), latent_(fields.has("kv_lora_rank")) {}

// Sliding and full layers may differ in the number and size of heads (MiMo-V2, Step-3.5; Gemma 4).
void AttentionReader::widths_of_kind(GroupedQueryAttention& attention, LayerKind kind) {
  const auto swa_heads = optional_positive(fields_, "swa_num_attention_heads");
  const auto swa_kv_heads = optional_positive(fields_, "swa_num_key_value_heads");
  const auto swa_head_dim = optional_positive(fields_, "swa_head_dim");
  const auto swa_v_head_dim = optional_positive(fields_, "swa_v_head_dim");
  const auto global_head_dim = optional_positive(fields_, "global_head_dim");
  const auto global_kv_heads = optional_positive(fields_, "num_global_key_value_heads");
  const bool key_is_value = fields_.flag_or("attention_k_eq_v", false);
  const bool sinks = fields_.flag_or("attention_sinks", false);
  const bool swa_sinks = fields_.flag_or("swa_attention_sinks", sinks);
  const bool sliding = kind == LayerKind::sliding_attention;
  attention.sinks = sliding ? swa_sinks : sinks;
  if (sliding) {
    attention.heads = swa_heads.value_or(attention.heads);
    attention.kv_heads = swa_kv_heads.value_or(attention.kv_heads);
    attention.value_length = swa_v_head_dim.value_or(swa_head_dim.value_or(attention.value_length));
    attention.key_length = swa_head_dim.value_or(attention.key_length);
  } else {
    attention.kv_heads = global_kv_heads.value_or(attention.kv_heads);
    attention.key_length = global_head_dim.value_or(attention.key_length);
    attention.value_length = global_head_dim.value_or(attention.value_length);
    attention.key_is_value = key_is_value;
  }
}

void AttentionReader::windows_of_kind(GroupedQueryAttention& attention, LayerKind kind) {
  const auto window = optional_positive(fields_, "sliding_window");
  const auto chunk = optional_positive(fields_, "attention_chunk_size");
  const bool honoured = fields_.flag_or("sliding_window_in_gguf", true);
  const bool symmetric = fields_.flag_or("symmetric_window", false);
  const bool full_rope = fields_.flag_or("full_attention_rope", true);
  const bool unit_norm = fields_.flag_or("use_qk_norm", false);
  const bool temperature = fields_.flag_or("attn_temperature_tuning", false);
  if (kind == LayerKind::sliding_attention) {
    if (!window) fields_.fail("sliding_window", "missing, though layers of this kind are listed");
    attention.trained_window = Window{*window, symmetric ? Window::Kind::symmetric : Window::Kind::sliding};
  } else if (kind == LayerKind::chunked_attention) {
    if (!chunk) fields_.fail("attention_chunk_size", "missing, though layers of this kind are listed");
    attention.trained_window = Window{*chunk, Window::Kind::chunked};
  } else {
    // A converter that drops the window leaves no list of layers: they all had it.
    if (!honoured && window) attention.trained_window = Window{*window, Window::Kind::sliding};
    attention.rope = full_rope;
  }
  attention.qk_unit_norm = unit_norm && attention.rope;
  attention.temperature = temperature && !attention.rope;
  if (honoured) attention.window = attention.trained_window;
}

GroupedQueryAttention AttentionReader::grouped_query(LayerKind kind) {
  GroupedQueryAttention attention;
  attention.heads = positive(fields_, "num_attention_heads");
  attention.kv_heads = optional_positive(fields_, "num_key_value_heads").value_or(attention.heads);
  const auto head_dim = optional_positive(fields_, "head_dim");
  if (!head_dim && hidden_size_ % attention.heads != 0)
    fields_.fail("head_dim",
                 fmt::format("missing, and {} does not divide into {} heads", hidden_size_, attention.heads));
  attention.key_length = head_dim.value_or(hidden_size_ / attention.heads);
  attention.value_length = optional_positive(fields_, "v_head_dim").value_or(attention.key_length);
  attention.fused_qkv = fields_.flag_or("fused_qkv", false);
  attention.qk_norm = read_qk_norm(fields_);
  attention.qk_norm_bias = fields_.flag_or("qk_norm_bias", false);
  attention.value_norm = fields_.flag_or("value_norm", false);
  attention.output_gate = fields_.flag_or("attn_output_gate", false);
  attention.separate_gate = fields_.flag_or("attn_separate_gate", false);
  attention.head_gate = fields_.flag_or("head_gate", false);
  read_biases(fields_, attention);
  widths_of_kind(attention, kind);
  windows_of_kind(attention, kind);
  check_heads(fields_, attention);
  return attention;
}

LatentAttention AttentionReader::latent(LayerKind kind) {
  LatentAttention attention;
  attention.heads = positive(fields_, "num_attention_heads");
  attention.q_lora_rank = fields_.number32_or("q_lora_rank", 0);
  attention.kv_lora_rank = positive(fields_, "kv_lora_rank");
  attention.qk_nope_head_dim = positive(fields_, "qk_nope_head_dim");
  attention.qk_rope_head_dim = positive(fields_, "qk_rope_head_dim");
  attention.v_head_dim = positive(fields_, "v_head_dim");
  attention.absorbed = fields_.flag_or("mla_absorbed", true);
  attention.rope = fields_.flag_or("mla_rope", true);
  attention.output_gate = fields_.flag_or("mla_output_gate", false);
  const auto indexer = read_indexer(fields_);
  attention.sparse = indexer.has_value();
  if (kind == LayerKind::shared_indexer && !indexer)
    fields_.fail("index_n_heads", "missing, though layers share an indexer");
  if (kind != LayerKind::shared_indexer) attention.indexer = indexer;
  return attention;
}

// Llama 3.2 Vision normalizes queries and keys only in these layers.
CrossAttention AttentionReader::cross() {
  CrossAttention cross{grouped_query(LayerKind::cross_attention)};
  cross.attention.qk_norm = QkNorm::per_head;
  return cross;
}

CompressedAttention AttentionReader::compressed() {
  const CompressedAttention attention{.heads = positive(fields_, "num_attention_heads"),
                                      .head_dim = positive(fields_, "head_dim"),
                                      .qk_rope_head_dim = positive(fields_, "qk_rope_head_dim"),
                                      .q_lora_rank = positive(fields_, "q_lora_rank"),
                                      .o_lora_rank = positive(fields_, "o_lora_rank"),
                                      .o_groups = positive(fields_, "o_groups"),
                                      .compress_ratio = 0,
                                      .window = positive(fields_, "sliding_window"),
                                      .indexer = read_indexer(fields_)};
  for (std::string_view implied : {"qk_nope_head_dim", "v_head_dim"}) fields_.optional_number32(implied);
  if (attention.heads % attention.o_groups != 0)
    fields_.fail("o_groups",
                 fmt::format("{} heads do not divide into {} groups", attention.heads, attention.o_groups));
  return attention;
}

Attention AttentionReader::read_kind(LayerKind kind) {
  switch (kind) {
    case LayerKind::full_attention:
    case LayerKind::shared_indexer:
      if (latent_) return latent(kind);
      return grouped_query(kind);
    case LayerKind::sliding_attention:
    case LayerKind::chunked_attention: return grouped_query(kind);
    case LayerKind::cross_attention: return cross();
    case LayerKind::compressed_attention: return compressed();
    case LayerKind::sparse_attention:
      return BlockSparseAttention{.attention = grouped_query(kind),
                                  .index_heads = positive(fields_, "sparse_num_index_heads"),
                                  .index_dim = positive(fields_, "sparse_index_dim"),
                                  .top_k_blocks = positive(fields_, "sparse_topk_blocks"),
                                  .block_size = positive(fields_, "sparse_block_size")};
    case LayerKind::linear_attention: return read_gated_delta_net(fields_);
    case LayerKind::kda: return read_kimi_delta_attention(fields_);
    case LayerKind::lightning_attention: {
      const GroupedQueryAttention shape = grouped_query(LayerKind::full_attention);
      return LightningAttention{.heads = shape.heads, .head_dim = shape.key_length};
    }
    case LayerKind::conv: return ShortConvolution{.kernel = positive(fields_, "conv_L_cache")};
    case LayerKind::mamba: return read_mamba2(fields_);
    case LayerKind::mamba1: return read_mamba1(fields_);
    case LayerKind::mamba2_and_attention:
      return ParallelMamba2Attention{.attention = grouped_query(LayerKind::full_attention),
                                     .mamba = read_mamba2(fields_)};
    case LayerKind::mlp:
    case LayerKind::moe: return NoAttention{};
  }
  return NoAttention{};
}

Attention AttentionReader::read(const LayerPlan& layer) {
  if (!layer.attention) return NoAttention{};
  auto found =
      std::find_if(known_.begin(), known_.end(), [&](const auto& each) { return each.first == layer.kind; });
  if (found == known_.end()) found = known_.insert(known_.end(), {layer.kind, read_kind(layer.kind)});
  Attention attention = found->second;
  if (auto* grouped = std::get_if<GroupedQueryAttention>(&attention)) {
    if (layer.kv_heads > 0) grouped->kv_heads = layer.kv_heads;
    grouped->rope = grouped->rope && layer.rope;
  }
  if (auto* compressed = std::get_if<CompressedAttention>(&attention)) {
    if (layer.compress_ratio != 0 && layer.compress_ratio != 4 && layer.compress_ratio != 128)
      fields_.fail("compress_ratios", fmt::format("{} is not one of 0, 4, 128", layer.compress_ratio));
    compressed->compress_ratio = layer.compress_ratio;
    if (layer.compress_ratio != 4) compressed->indexer.reset();
  }
  return attention;
}

}  // namespace vramcalc::catalog
