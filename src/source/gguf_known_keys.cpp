#include "source/gguf_known_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace vramcalc::source {
namespace {

// Without the architecture, in alphabetical order. From llama.cpp 0.5.0, src/llama-arch.cpp (LLM_KV_*)
// and gguf-py/gguf/constants.py (Keys).

// Numbers that affect the shape: gguf_config.cpp and gguf_blocks.cpp read them, or the tensors say the same.
constexpr std::array<std::string_view, 67> numbers_of_the_shape{
    "altup.active_idx",
    "altup.num_inputs",
    "attention.compress_ratios",
    "attention.head_count",
    "attention.head_count_kv",
    "attention.indexer.block_size",
    "attention.indexer.head_count",
    "attention.indexer.key_length",
    "attention.indexer.local_blocks",
    "attention.indexer.top_k",
    "attention.key_length",
    "attention.key_length_mla",
    "attention.key_length_swa",
    "attention.kv_lora_rank",
    "attention.output_group_count",
    "attention.output_lora_rank",
    "attention.q_lora_rank",
    "attention.recurrent_layers",
    "attention.shared_kv_layers",
    "attention.sliding_window",
    "attention.sliding_window_pattern",
    "attention.value_length",
    "attention.value_length_mla",
    "attention.value_length_swa",
    "attn_res.block_size",
    "block_count",
    "context_length",
    "dense_2_feat_in",
    "dense_2_feat_out",
    "dense_3_feat_in",
    "dense_3_feat_out",
    "embedding_length",
    "embedding_length_out",
    "embedding_length_per_layer_input",
    "expert_chunk_feed_forward_length",
    "expert_count",
    "expert_feed_forward_length",
    "expert_gating_func",
    "expert_group_count",
    "expert_group_used_count",
    "expert_latent_length",
    "expert_shared_count",
    "expert_shared_feed_forward_length",
    "expert_used_count",
    "experts_per_group",
    "feed_forward_length",
    "full_attention_interval",
    "hash_layer_count",
    "head_dim",
    "hyper_connection.count",
    "interleave_moe_layer_step",
    "kda.head_dim",
    "leading_dense_block_count",
    "moe_every_n_layers",
    "moe_latent_size",
    "n_deepstack_layers",
    "nextn_predict_layers",
    "pooling_type",
    "rope.dimension_count",
    "rope.dimension_count_swa",
    "shortconv.l_cache",
    "ssm.conv_kernel",
    "ssm.group_count",
    "ssm.inner_size",
    "ssm.state_size",
    "ssm.time_step_rank",
    "vocab_size",
};
static_assert(std::ranges::is_sorted(numbers_of_the_shape));

// Factors, tolerances and words that change the size of no tensor or cache. Those that add an operation to
// the graph (scales, soft caps, clamps) are read as well.
constexpr std::array<std::string_view, 54> without_bearing{
    "activation_sparsity_scale",
    "attention.causal",
    "attention.clamp_kqv",
    "attention.compress_rope_freq_base",
    "attention.group_norm_epsilon",
    "attention.group_norm_groups",
    "attention.indexer.types",
    "attention.layer_norm_epsilon",
    "attention.layer_norm_rms_epsilon",
    "attention.max_alibi_bias",
    "attention.output_scale",
    "attention.rope_pattern",
    "attention.scale",
    "attention.temperature_length",
    "attention.temperature_scale",
    "attention.value_scale",
    "attn_logit_softcapping",
    "classifier.output_labels",
    "decoder_start_token_id",
    "embedding_scale",
    "expert_group_scale",
    "expert_weights_norm",
    "expert_weights_scale",
    "final_logit_softcapping",
    "hidden_activation",
    "hyper_connection.epsilon",
    "hyper_connection.magnitude",
    "hyper_connection.sinkhorn_iterations",
    "kda.gate_lower_bound",
    "kda.safe_gate",
    "logit_scale",
    "residual_scale",
    "router_logit_softcapping",
    "ssm.dt_b_c_rms",
    "swiglu_clamp_exp",
    "swiglu_clamp_shexp",
    "swin_norm",
    "tensor_data_layout",
    "use_parallel_residual",
    // Written by Ollama's converter (convert/) for its own engine; llama.cpp reads none of them.
    "altup.correct_scale",
    "altup.lr_multiplier",
    "attention.chunk_size",
    "attention.layer_norm_eps",
    "max_position_embeddings",
    "norm_top_k_prob",
    "normalize_embeddings",
    "spatial_merge_size",
    "ssm.v_head_reordered",
    "use_qk_norm",
    // The first Falcon-H1 files, from the publisher's own converter before llama.cpp had one.
    "mamba_norm_before_gate",
    "mamba_rms_norm",
    "mamba_use_mlp",
    "rope_theta",
    "ssm.has_mup",
};

// Keys of rope and activation functions, which change no tensor's size, of adapters to choose from, and of
// the towers and the split that Ollama writes into the same file. Falcon-H1's first files have multipliers.
constexpr std::array<std::string_view, 9> free_beginnings{
    "activation.", "adapters.", "audio.", "image_token", "mm.", "mrope_sections", "rope.", "split.", "vision",
};

bool is_free(std::string_view key) {
  return std::ranges::find(without_bearing, key) != without_bearing.end() || key.ends_with("_multiplier") ||
         std::ranges::any_of(free_beginnings,
                             [&](std::string_view beginning) { return key.starts_with(beginning); });
}

}  // namespace

void refuse_unknown_keys(const GgufKeys& keys) {
  const std::string prefix = keys.architecture() + '.';
  for (const auto& [full, value] : keys.metadata()) {
    if (!full.starts_with(prefix)) continue;
    const std::string_view key = std::string_view(full).substr(prefix.size());
    if (std::ranges::binary_search(numbers_of_the_shape, key))
      keys.metadata().require_numbers(full);
    else if (!is_free(key))
      keys.fail(key,
                "unknown, and it may affect the size of the model; if it does not, remove it with "
                "gguf_new_metadata.py --remove-metadata");
  }
}

}  // namespace vramcalc::source
