#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace vramcalc {

// What a tensor does in a model: one value for each kind of llama.cpp 0.5.0 (gguf-py, MODEL_TENSOR) and for
// tensors that only a checkpoint has.
enum class Role : std::uint8_t {
  other,  // unknown name

  // Outside the layers.
  embedding,
  position_embedding,
  token_type_embedding,
  embedding_norm,
  output_norm,
  output,
  pooler,
  rope_freqs,
  rope_factors_long,
  rope_factors_short,
  per_layer_embedding,
  per_layer_projection,
  per_layer_projection_norm,
  altup_projection,
  altup_unembed_projection,
  output_hc_fn,
  output_hc_base,
  output_hc_scale,
  output_residual_score,
  output_residual_norm,

  // The norms of a layer, and its scale.
  attn_norm,
  attn_norm_2,
  attn_output_norm,
  post_attention_norm,
  ffn_norm,
  expert_ffn_norm,
  pre_ffw_norm_2,
  post_ffw_norm,
  post_ffw_norm_1,
  post_ffw_norm_2,
  layer_output_norm,
  layer_output_scale,

  // Attention.
  q,
  k,
  v,
  qkv,
  o,
  q_norm,
  k_norm,
  attn_gate,
  attn_sinks,
  cross_attn_gate,
  cross_ffn_gate,

  // Multi-head latent attention; DeepSeek V4 compresses what it caches.
  q_a,
  q_a_norm,
  q_b,
  kv_a,
  kv_a_norm,
  kv_b,
  k_b,
  v_b,
  kv,
  o_a,
  o_b,
  compressor_kv,
  compressor_gate,
  compressor_ape,
  compressor_norm,

  // The indexer of sparse attention.
  indexer_q_b,
  indexer_k,
  indexer_q_proj,
  indexer_k_proj,
  indexer_q_norm,
  indexer_k_norm,
  indexer_proj,
  indexer_compressor_kv,
  indexer_compressor_gate,
  indexer_compressor_ape,
  indexer_compressor_norm,

  // Recurrent layers and convolutions.
  ssm_in,
  ssm_conv1d,
  ssm_conv1d_q,
  ssm_conv1d_k,
  ssm_conv1d_v,
  ssm_x,
  ssm_dt,
  ssm_dt_norm,
  ssm_b_norm,
  ssm_c_norm,
  ssm_a,
  ssm_d,
  ssm_ba,
  ssm_beta,
  ssm_alpha,
  ssm_f_a,
  ssm_f_b,
  ssm_g,
  ssm_g_a,
  ssm_g_b,
  ssm_norm,
  ssm_out,
  shortconv,
  shortconv_in,
  shortconv_out,

  // The feed-forward part.
  gate,
  up,
  down,

  // Experts.
  router,
  router_hash,
  router_correction,
  expert_gate,
  expert_up,
  expert_gate_up,
  expert_down,
  chunk_expert_gate,
  chunk_expert_up,
  chunk_expert_down,
  shared_router,
  shared_gate,
  shared_up,
  shared_down,
  latent_down,
  latent_up,
  latent_norm,
  routed_down,
  routed_up,
  routed_norm,

  // Around the parts: Gemma 3n and 4, DeepSeek V4, Kimi K3.
  per_layer_gate,
  per_layer_output,
  per_layer_post_norm,
  altup_correct_coef,
  altup_correct_scale,
  altup_predict_coef,
  altup_router,
  altup_router_norm,
  laurel_l,
  laurel_r,
  laurel_post_norm,
  hc_attn_fn,
  hc_attn_base,
  hc_attn_scale,
  hc_ffn_fn,
  hc_ffn_base,
  hc_ffn_scale,
  attn_residual_score,
  attn_residual_norm,
  ffn_residual_score,
  ffn_residual_norm,

  // Multi-token prediction.
  nextn_projection,
  nextn_embedding_norm,
  nextn_hidden_norm,
  nextn_embedding,
  nextn_head,
  nextn_head_norm,
  nextn_hc_fn,
  nextn_hc_base,
  nextn_hc_scale,
};
constexpr std::size_t roles = static_cast<std::size_t>(Role::nextn_hc_scale) + 1;

// "attn_q.weight", "attn_q.bias", "ffn_gate_inp.scale" and, without an ending, "ssm_a".
enum class Component : std::uint8_t { weight, bias, scale, parameter };

// "attn_q.bias" is {Role::q, Component::bias}. A role alone stands for its weight.
struct TensorKind {
  constexpr TensorKind() = default;
  constexpr TensorKind(Role of, Component which = Component::weight) : role(of), component(which) {}

  Role role = Role::other;
  Component component = Component::weight;

  friend constexpr auto operator<=>(const TensorKind&, const TensorKind&) = default;
};

// "attn_q"; empty for Role::other.
std::string_view stem_of(Role role);

// The name in a GGUF: "blk.3.attn_q.bias", or "output.bias" outside the layers (-1).
std::string tensor_name(TensorKind kind, std::int32_t layer = -1);

// The reverse, for a name without its layer. Unknown names have Role::other.
TensorKind tensor_kind(std::string_view name);

// Whether the role has weights but is not a linear layer.
bool is_norm(Role role);
bool is_convolution(Role role);

}  // namespace vramcalc
