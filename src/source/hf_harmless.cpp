#include "source/hf_harmless.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <unordered_set>
#include <vector>

#include "model/letters.hpp"

// Read in the classes of transformers 4.57 and 5 (configuration_utils.py, configuration_NAME.py), in the
// custom code of repositories, and in llama.cpp 0.5.0 (conversion/*.py): none of them sizes a tensor by
// these.
namespace vramcalc::source {
namespace {

using nlohmann::json;

// The words of a text, for lookup.
class Words {
 public:
  explicit Words(std::string_view text) {
    for (std::size_t at = text.find_first_not_of(blanks); at != text.npos;) {
      const std::size_t end = std::min(text.find_first_of(blanks, at), text.size());
      words_.insert(text.substr(at, end - at));
      at = text.find_first_not_of(blanks, end);
    }
  }

  bool contain(std::string_view word) const { return words_.contains(word); }
  bool contain_any(const std::vector<std::string>& words) const {
    return std::ranges::any_of(words, [&](const std::string& word) { return contain(word); });
  }

 private:
  static constexpr std::string_view blanks = " \n";
  std::unordered_set<std::string_view> words_;
};

// ---- by name

// The model's identity, and the program that wrote the config.
constexpr std::string_view identity = R"(
  architectures auto_map model_type model_name name_or_path tokenizer_class _class_name custom_pipelines
  architecture model_architecture base_model_name_or_path format license tags transformers.js_config
  library_name pipeline_tag language vllm_version unsloth_fixed unsloth_version)";

// Fields with readers of their own.
constexpr std::string_view read_elsewhere = R"(
  quantization_config quantization compression_config)";

// Fields that every config may have from PretrainedConfig: outputs, heads for other tasks, generation.
constexpr std::string_view of_every_config = R"(
  id2label label2id num_labels problem_type task_specific_params finetuning_task prefix pruned_heads
  return_dict torchscript is_decoder use_cache output_attentions output_hidden_states output_router_logits
  output_past output_scores return_dict_in_generate generation_config do_sample max_length min_length
  max_new_tokens min_new_tokens num_beams num_beam_groups num_return_sequences top_k top_p temperature
  typical_p repetition_penalty length_penalty diversity_penalty no_repeat_ngram_size
  encoder_no_repeat_ngram_size bad_words_ids suppress_tokens begin_suppress_tokens early_stopping
  exponential_decay_length_penalty remove_invalid_values forced_bos_token_id forced_eos_token_id
  ignore_index num_logits_to_keep logits_to_keep summary_type summary_use_proj summary_activation
  summary_proj_to_labels summary_first_dropout classifier_activation sentence_transformers is_matryoshka
  matryoshka_dimensions keys_to_ignore_at_inference chat_template default_prompts system_prompt
  num_reward_heads eos_token bos_token pad_token unk_token pad_token_type_id user_token assistant_token)";

// Training, implementation, and numbers that scale activations.
constexpr std::string_view training_and_code = R"(
  pretraining_tp ep_size tp_size pp_size cp_size tensor_parallel_size seq_aux aux_loss_alpha
  chunk_size_feed_forward gradient_checkpointing use_reentrant recompute freeze_gate
  moe_shared_expert_overlap use_grouped_mm use_mamba_kernels rescale_prenorm_residual residual_in_fp32
  chunk_size time_step_limit time_step_scale
  time_step_init_scheme mamba_expand_explicit use_mambapy use_associative_scan mamba_hidden_act mamba_act
  scale_attn_weights scale_attn_by_inverse_layer_idx reorder_and_upcast_attn attention_softmax_in_fp32
  scale_attention_softmax_in_fp32 attn_softmax_bf16 memory_efficient_attention inference_runner
  max_batch_size max_sequence_length_for_cache validate_runner_input verbose moe_dropless
  moe_token_dispatcher_type moe_router_dtype moe_capacity_factor use_megablocks
  router_load_balancing_type hc_sinkhorn_iters hc_eps swiglu_limit swiglu_alpha use_unified_vision_chunk
  seq_length_for_training max_seq_length train_max_seq_length query_pre_attn_scalar attention_multiplier
  softmax_scale scale_depth dim_model_base mup_enabled use_mup mup_base_width attention_value_scale
  ssm_in_multiplier ssm_out_multiplier attention_in_multiplier attention_out_multiplier key_multiplier
  lm_head_multiplier mlp_multipliers ssm_multipliers cache_implementation hybrid_cache enable_moe_block
  use_gemma_norm time_step_min time_step_max time_step_floor use_rms_norm
  attention_scaling attn_scale floor_scale residual_connection_post_layernorm
  apply_residual_connection_post_layernorm zero_centered_gamma interleaved expert_dtype
  index_share_for_mtp_iteration use_mrope use_cache_quantization use_cache_kernel use_dynamic_ntk
  use_logn_attn use_logn logn_list resid_pdrop   use_grouped_topk num_expert_groups num_limited_groups
  load_balance_coeff routing_method dual_chunk_attention_config calc_logits_for_entire_prompt
  altup_lr_multiplier output_gate_type full_attn_mod interpolate_factor swiglu_limits swiglu_limits_shared
  full_attn_alpha_factor full_attn_beta_factor linear_attn_alpha_factor linear_attn_beta_factor
  mlp_alpha_factor mlp_beta_factor block_size ff_factor mlp_expansion_factor offset_alibi pad_vocab_size_multiple org_vocab_size
  cla_share_factor compression_ratio class_num dense_list num_media_embeds pool_type mask_init_id
  embedding_fraction skip_bias_add skip_bias_add_qkv apply_query_key_layer_scaling
  moe_drop_tokens enc_index moe_token_dropping mamba_norm_before_gate norm_before_gate
  fp32_residual_connection altup_active_idx embd_layer eod_id pad_id im_start_id im_end_id im_newline_id
  text_start_id text_end_id dense_seq_output max_trained_positions)";

// Prediction layers that no repository contains (MiniMax-M2 and M3: their pages count the trunk only).
constexpr std::string_view not_published = R"(
  use_mtp num_mtp_modules mtp_transformer_layers)";

// Positions and rotary embeddings, which are computed; tables of factors in the file are read elsewhere.
constexpr std::string_view positions = R"(
  rope_scaling rope_parameters rotary_dim rotary_base rotary_emb_base rotary_emb_fraction rotary_pct
  rotary_percentage rope_percentage original_max_position_embeddings initial_context_length
  max_window_layers rope_local_base_freq rope_interleave indexer_rope_interleave rotary_emb_interleaved
  rotary_emb_scale_base original_rope position_embedding_type max_sequence_length rope_traditional
  rope_interleaved original_seq_len rope_ratio qk_head_dim block_dim conv_dim conv_dim_out)";

bool is_harmless_name(std::string_view key) {
  static const std::array lists{Words(identity),          Words(read_elsewhere), Words(of_every_config),
                                Words(training_and_code), Words(not_published),  Words(positions)};
  return std::ranges::any_of(lists, [&](const Words& list) { return list.contain(key); });
}

// ---- by a word of the name

// Training, numerics and implementations, rotary embeddings, names: words between underscores.
constexpr std::string_view harmless_words = R"(
  dropout pdrop initializer init loss coef coeff jitter noise optimizer seed zloss smoothing lora
  checkpointing warmup penalty entropy
  eps epsilon dtype fp32 bf16 fp16 precision flash sdpa implementation impl kernels cuda triton compile
  backend upcast quantize deterministic
  rope rotary yarn mrope ntk theta mscale bfloat16 fusion capacity version url path author date commit
  comment description token tokenizer template prompt labels)";

// Towers and their connectors, in a config that has them next to the language model's.
constexpr std::string_view words_of_towers = R"(
  image images img vision visual video audio speech mm multimodal pixel patch projector tts talker ocr
  frame frames mel spatial temporal aspect tower vit connector resampler perceiver aligner wav code2wav
  token2wav codec sound media placeholder anyres tile tiles downsample deepstack slice clip siglip whisper gen qformer)";

// With one of these words, a harmless word may name part of a shape.
constexpr std::string_view words_of_shapes = R"(
  dim dims size rank width heads head layers experts groups blocks channels pattern interval hidden)";

std::vector<std::string> words_of(std::string_view key) {
  std::vector<std::string> words(1);
  for (char c : key) {
    if (c == '_' || c == '-' || c == '.')
      words.emplace_back();
    else
      words.back() += lower(c);
  }
  return words;
}

bool ends_as_a_token(std::string_view key) {
  constexpr std::array<std::string_view, 7> endings{"_token_id", "_token_ids", "_token_index", "_token",
                                                    "token_id",  "_act",       "_act_fn"};
  return std::ranges::any_of(endings, [&](std::string_view ending) { return key.ends_with(ending); });
}

bool has_a_harmless_word(std::string_view key, const json& value) {
  static const Words harmless(harmless_words), towers(words_of_towers), shapes(words_of_shapes);
  const std::vector<std::string> words = words_of(key);
  if (key.starts_with('_') || ends_as_a_token(key) || towers.contain_any(words)) return true;
  return harmless.contain_any(words) && (value.is_boolean() || !shapes.contain_any(words));
}

// ---- by the value

// A real number gives a width if its name says so: ffn_dim_multiplier, mlp_ratio.
bool may_scale_a_width(std::string_view key) {
  static const Words scales("ratio mult multiplier expand expansion dim width size");
  return scales.contain_any(words_of(key));
}

bool is_list_of_reals(const json& value) {
  return value.is_array() && std::ranges::all_of(value, [](const json& each) {
           return each.is_number_float() || each.is_null();
         });
}

// Parts of a layer or model: a switch or word about one of them may add tensors.
constexpr std::string_view words_of_parts = R"(
  bias biases gate gated gating norm norms layernorm rmsnorm qk qkv kv tie tied sharing share shared mla
  moe expert experts router routing residual mtp nextn conv parallel double wide extra sparse linear
  adapter memory hybrid attention attn mlp ffn mixer mamba ssm rwkv head heads lm cross latent indexer
  index hash ngram altup sink sinks window sliding local global causal cache layer layers block type types
  pattern kind mode arch embedding embeddings emb position output decoder encoder bidirectional unfused
  hidden dense alibi recurrent lightning delta cla)";

bool is_about_a_part(std::string_view key) {
  static const Words parts(words_of_parts);
  return parts.contain_any(words_of(key));
}

// Off, none, or a real number: probabilities, coefficients and limits, but never widths or counts.
bool is_harmless_value(std::string_view key, const json& value) {
  if (value == false) return !key.starts_with("tie_");  // some types are tied by default
  if (value == 0 || value == -1) return true;
  if (value.is_string() && value.get_ref<const std::string&>().empty()) return true;
  if (value.is_boolean() || value.is_string()) return !is_about_a_part(key);
  if (value.is_structured() && value.empty()) return true;
  return (value.is_number_float() || is_list_of_reals(value)) && !may_scale_a_width(key);
}

struct Usual {
  std::string_view key, value;  // the value as JSON
};

// Fields that change nothing if they have the usual value or are off.
constexpr std::array usual_or_off{
    Usual{"alibi_bias_max",              "8"                          },
    Usual{"altup_correct_scale",         "true"                       },
    Usual{"attention_type",              R"("softmax")"               },
    Usual{"attn_type",                   R"("multihead_attention")"   },
    Usual{"bias_dropout_fusion",         "true"                       },
    Usual{"block_use_swiglu",            "true"                       },
    Usual{"fuse_rms_norm",               "true"                       },
    Usual{"fused_add_norm",              "true"                       },
    Usual{"fused_bias_fc",               "true"                       },
    Usual{"index_topk_freq",             "1"                          },
    Usual{"learned_pos_emb",             "true"                       },
    Usual{"lm_head",                     "true"                       },
    Usual{"mlp_type",                    R"("default")"               },
    Usual{"moe_gate",                    R"("topk")"                  },
    Usual{"mtp_hybrid_override_pattern", R"("*E")"                    },
    Usual{"mtp_layers_block_type",       R"(["attention","moe"])"     },
    Usual{"mtp_layers_block_type",       R"(["full_attention","moe"])"},
    Usual{"mtp_share_layers",            "true"                       },
    Usual{"norm_after",                  "true"                       },
    Usual{"normalization_function",      R"("rmsnorm")"               },
    Usual{"order_of_interleaved_layers", R"("local_attn_first")"      },
    Usual{"parallel_attn_mlp_res",       "true"                       },
    Usual{"shared_moe_mode",             R"("sigmoid")"               },
    Usual{"tie_encoder_decoder",         "true"                       },
    Usual{"use_bidirectional_attention", R"("vision")"                },
    Usual{"use_embedding_sharing",       "true"                       },
    Usual{"use_mixed_mlp_moe",           "true"                       },
    Usual{"use_parallel_embedding",      "true"                       },
    Usual{"use_residual",                "true"                       },
};

// Fields that are on by default: only the usual value changes nothing.
constexpr std::array usual_alone{
    Usual{"do_layer_norm_before",  "true"},
    Usual{"is_causal",             "true"},
    Usual{"mamba_use_mlp",         "true"},
    Usual{"multi_query_attention", "true"},
    Usual{"no_bias",               "true"},
    Usual{"parallel_attn",         "true"},
    Usual{"post_layer_norm",       "true"},
    Usual{"postnorm",              "true"},
    Usual{"rms_norm",              "true"},
    Usual{"rmsnorm",               "true"},
    Usual{"use_gated_activation",  "true"},
    Usual{"use_parallel_block",    "true"},
    Usual{"use_rmsnorm",           "true"},
    Usual{"use_rotary_pos_emb",    "true"},
};

bool has_a_usual_value(std::string_view key) {
  const auto is_of = [&](const Usual& each) { return each.key == key; };
  return std::ranges::any_of(usual_or_off, is_of) || std::ranges::any_of(usual_alone, is_of);
}

bool is_usual(std::string_view key, const json& value) {
  const auto says_so = [&](const Usual& each) { return each.key == key && json::parse(each.value) == value; };
  const auto is_off = [&](const Usual& each) { return each.key == key && value == false; };
  return std::ranges::any_of(usual_or_off, says_so) || std::ranges::any_of(usual_alone, says_so) ||
         std::ranges::any_of(usual_or_off, is_off);
}

}  // namespace

bool is_harmless(std::string_view key, const json& value) {
  if (value.is_null()) return true;
  if (has_a_usual_value(key)) return is_usual(key, value);
  return is_harmless_value(key, value) || is_harmless_name(key) || has_a_harmless_word(key, value);
}

std::string other_part(std::string_view key) {
  if (key == "encoder_config") return "encoder";  // Granite Speech
  static const Words towers(words_of_towers);
  for (const std::string& word : words_of(key))
    if (towers.contain(word)) return word;
  return {};
}

}  // namespace vramcalc::source
