#include "source/hf_config.hpp"

#include <filesystem>
#include <fstream>

#include "catalog/shape.hpp"
#include "catch.hpp"
#include "source/measured_files.hpp"
#include "source/refusal.hpp"
#include "vramcalc/model.hpp"

using namespace vramcalc;
using namespace vramcalc::source;
using nlohmann::json;

namespace {

struct Entry {
  std::string id;
  json config;
};

// Every entry of data/models/ with its own shape.
std::vector<Entry> catalog_entries() {
  std::vector<Entry> entries;
  for (const auto& file :
       std::filesystem::directory_iterator(std::string(VRAMCALC_SOURCE_DIR) + "/data/models")) {
    std::ifstream in(file.path());
    const json list = json::parse(in);
    for (const json& entry : list.at("models"))
      if (entry.contains("config")) entries.push_back({entry.at("id"), entry.at("config")});
  }
  return entries;
}

}  // namespace

TEST_CASE("a catalog model written as a config.json and read back is the same model") {
  const json architectures = measured::architectures();
  const std::vector<Entry> entries = catalog_entries();
  CHECK(entries.size() > 400);
  for (const Entry& entry : entries) {
    INFO(entry.id);
    const Architecture known = catalog::read_architecture(entry.config, architectures, "models", entry.id);
    const Architecture read = read_hf_config(json::parse(entry.config.dump()), architectures, "config.json");
    CHECK(read == known);
  }
}

// ---- configs as their authors wrote them

namespace {

// Fields without influence are left out.
struct Real {
  const char* id;      // the catalog's model
  const char* config;  // of its repository
};
const Real real_configs[] = {
    {"llama-3.1-8b",
     R"({"architectures": ["LlamaForCausalLM"], "attention_bias": false, "hidden_act": "silu", "hidden_size": 4096,
      "intermediate_size": 14336, "max_position_embeddings": 131072, "mlp_bias": false, "model_type": "llama", "num_attention_heads": 32,
      "num_hidden_layers": 32, "num_key_value_heads": 8, "rope_scaling": {"factor": 8.0, "high_freq_factor": 4.0, "low_freq_factor": 1.0,
      "original_max_position_embeddings": 8192, "rope_type": "llama3"}, "rope_theta": 500000.0, "tie_word_embeddings": false,
      "vocab_size": 128256})"                                                                      },
    {"qwen3-8b",
     R"({"model_type": "qwen3", "attention_bias": false, "head_dim": 128, "hidden_act": "silu", "hidden_size": 4096,
      "intermediate_size": 12288, "max_position_embeddings": 40960, "max_window_layers": 36, "num_attention_heads": 32,
      "num_hidden_layers": 36, "num_key_value_heads": 8, "rope_scaling": null, "sliding_window": null, "tie_word_embeddings": false,
      "use_sliding_window": false, "vocab_size": 151936})"                                                                     },
    {"qwen3-30b-a3b",
     R"({"model_type": "qwen3_moe", "attention_bias": false, "decoder_sparse_step": 1, "head_dim": 128, "hidden_act": "silu",
      "hidden_size": 2048, "intermediate_size": 6144, "max_position_embeddings": 40960, "max_window_layers": 48, "mlp_only_layers": [],
      "moe_intermediate_size": 768, "norm_topk_prob": true, "num_attention_heads": 32, "num_experts": 128, "num_experts_per_tok": 8,
      "num_hidden_layers": 48, "num_key_value_heads": 4, "sliding_window": null, "tie_word_embeddings": false,
      "use_sliding_window": false, "vocab_size": 151936})"                                                            },
    {"gemma-3-4b",
     R"({"architectures": ["Gemma3ForConditionalGeneration"], "model_type": "gemma3", "mm_tokens_per_image": 256,
      "text_config": {"hidden_size": 2560, "intermediate_size": 10240, "model_type": "gemma3_text", "num_hidden_layers": 34,
      "rope_scaling": {"factor": 8.0, "rope_type": "linear"}, "sliding_window": 1024}, "vision_config": {"hidden_size": 1152}})"                                                                        },
    {"llama-4-scout",
     R"({"architectures": ["Llama4ForConditionalGeneration"], "model_type": "llama4", "text_config": {"attention_bias": false,
      "attention_chunk_size": 8192, "head_dim": 128, "hidden_act": "silu", "hidden_size": 5120, "interleave_moe_layer_step": 1,
      "intermediate_size": 8192, "intermediate_size_mlp": 16384, "max_position_embeddings": 10485760, "model_type": "llama4_text",
      "num_attention_heads": 40, "num_experts_per_tok": 1, "num_hidden_layers": 48, "num_key_value_heads": 8, "num_local_experts": 16,
      "rope_scaling": {"factor": 16.0, "original_max_position_embeddings": 8192, "rope_type": "llama3"}, "use_qk_norm": true,
      "vocab_size": 202048}, "vision_config": {"hidden_size": 1408}})"                                                           },
    {"gpt-oss-20b",
     R"({"model_type": "gpt_oss", "attention_bias": true, "experts_per_token": 4, "head_dim": 64, "hidden_act": "silu",
      "hidden_size": 2880, "intermediate_size": 2880, "layer_types": ["sliding_attention", "full_attention", "sliding_attention",
      "full_attention", "sliding_attention", "full_attention", "sliding_attention", "full_attention", "sliding_attention",
      "full_attention", "sliding_attention", "full_attention", "sliding_attention", "full_attention", "sliding_attention",
      "full_attention", "sliding_attention", "full_attention", "sliding_attention", "full_attention", "sliding_attention",
      "full_attention", "sliding_attention", "full_attention"], "max_position_embeddings": 131072, "num_attention_heads": 64,
      "num_experts_per_tok": 4, "num_hidden_layers": 24, "num_key_value_heads": 8, "num_local_experts": 32, "sliding_window": 128,
      "tie_word_embeddings": false, "vocab_size": 201088, "quantization_config": {"quant_method": "mxfp4"}})"                                                                  },
    {"deepseek-v3",
     R"({"model_type": "deepseek_v3", "attention_bias": false, "first_k_dense_replace": 3, "hidden_act": "silu", "hidden_size": 7168,
      "intermediate_size": 18432, "kv_lora_rank": 512, "max_position_embeddings": 163840, "moe_intermediate_size": 2048,
      "moe_layer_freq": 1, "n_group": 8, "n_routed_experts": 256, "n_shared_experts": 1, "norm_topk_prob": true,
      "num_attention_heads": 128, "num_experts_per_tok": 8, "num_hidden_layers": 61, "num_key_value_heads": 128,
      "num_nextn_predict_layers": 1, "q_lora_rank": 1536, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "routed_scaling_factor": 2.5,
      "scoring_func": "sigmoid", "tie_word_embeddings": false, "topk_group": 4, "topk_method": "noaux_tc", "v_head_dim": 128,
      "vocab_size": 129280})"                                                    },
    {"mixtral-8x7b",
     R"({"model_type": "mixtral", "hidden_act": "silu", "hidden_size": 4096, "intermediate_size": 14336,
      "max_position_embeddings": 32768, "num_attention_heads": 32, "num_experts_per_tok": 2, "num_hidden_layers": 32,
      "num_key_value_heads": 8, "num_local_experts": 8, "sliding_window": null, "tie_word_embeddings": false, "vocab_size": 32000})"                                                                                 },
    {"qwen3-next-80b-a3b-instruct",
     R"({"model_type": "qwen3_next", "decoder_sparse_step": 1, "full_attention_interval": 4, "head_dim": 256, "hidden_act": "silu",
      "hidden_size": 2048, "intermediate_size": 5120, "linear_conv_kernel_dim": 4, "linear_key_head_dim": 128, "linear_num_key_heads": 16,
      "linear_num_value_heads": 32, "linear_value_head_dim": 128, "max_position_embeddings": 262144, "mlp_only_layers": [],
      "moe_intermediate_size": 512, "norm_topk_prob": true, "num_attention_heads": 16, "num_experts": 512, "num_experts_per_tok": 10,
      "num_hidden_layers": 48, "num_key_value_heads": 2, "shared_expert_intermediate_size": 512, "tie_word_embeddings": false,
      "use_sliding_window": false, "vocab_size": 151936})"                                                      },
    {"phi-3.5-mini",
     R"({"model_type": "phi3", "attention_bias": false, "hidden_act": "silu", "hidden_size": 3072, "intermediate_size": 8192,
      "max_position_embeddings": 131072, "num_attention_heads": 32, "num_hidden_layers": 32, "num_key_value_heads": 32,
      "original_max_position_embeddings": 4096, "rope_scaling": {"long_factor": [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,
      1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1], "short_factor": [1], "type": "longrope"}, "sliding_window": 262144,
      "tie_word_embeddings": false, "vocab_size": 32064})"                                                            },
    {"falcon-7b",
     R"({"model_type": "falcon", "alibi": false, "bias": false, "hidden_size": 4544, "multi_query": true,
      "new_decoder_architecture": false, "num_attention_heads": 71, "num_hidden_layers": 32, "parallel_attn": true, "vocab_size": 65024})"                                                                                },
    {"gpt2",
     R"({"model_type": "gpt2", "activation_function": "gelu_new", "n_ctx": 1024, "n_embd": 768, "n_head": 12, "n_layer": 12,
      "n_positions": 1024, "vocab_size": 50257})"                                                             },
    {"mamba-2.8b",
     R"({"model_type": "mamba", "conv_kernel": 4, "expand": 2, "hidden_size": 2560, "intermediate_size": 5120,
      "num_hidden_layers": 64, "state_size": 16, "time_step_rank": 160, "vocab_size": 50280})"                                                                           },
    {"jamba-1.5-mini",
     R"({"model_type": "jamba", "attn_layer_offset": 4, "attn_layer_period": 8, "expert_layer_offset": 1, "expert_layer_period": 2,
      "hidden_act": "silu", "hidden_size": 4096, "intermediate_size": 14336, "mamba_conv_bias": true, "mamba_d_conv": 4,
      "mamba_d_state": 16, "mamba_dt_rank": 256, "mamba_expand": 2, "max_position_embeddings": 262144, "num_attention_heads": 32,
      "num_experts": 16, "num_experts_per_tok": 2, "num_hidden_layers": 32, "num_key_value_heads": 8, "sliding_window": null,
      "tie_word_embeddings": false, "vocab_size": 65536})"                                                      },
    {"granite-4.0-h-tiny",
     R"({"model_type": "granitemoehybrid", "attention_bias": false, "embedding_multiplier": 12, "hidden_act": "silu",
      "hidden_size": 1536, "intermediate_size": 512, "layer_types": ["mamba","mamba","mamba","mamba","mamba","attention","mamba","mamba",
      "mamba","mamba","mamba","mamba","mamba","mamba","mamba","attention","mamba","mamba","mamba","mamba","mamba","mamba","mamba","mamba",
      "mamba","attention","mamba","mamba","mamba","mamba","mamba","mamba","mamba","mamba","mamba","attention","mamba","mamba","mamba",
      "mamba"], "logits_scaling": 6, "mamba_chunk_size": 256, "mamba_conv_bias": true, "mamba_d_conv": 4, "mamba_d_head": 64,
      "mamba_d_state": 128, "mamba_expand": 2, "mamba_n_groups": 1, "mamba_n_heads": 48, "mamba_proj_bias": false,
      "max_position_embeddings": 131072, "num_attention_heads": 12, "num_experts_per_tok": 6, "num_hidden_layers": 40,
      "num_key_value_heads": 4, "num_local_experts": 64, "residual_multiplier": 0.22, "shared_intermediate_size": 1024,
      "tie_word_embeddings": true, "vocab_size": 100352, "time_step_limit": [0.0, null]})"                                                                    },
    {"lfm2-1.2b",
     R"({"model_type": "lfm2", "block_auto_adjust_ff_dim": true, "block_dim": 2048, "block_ff_dim": 12288, "block_ffn_dim_multiplier": 1.0,
      "block_multiple_of": 256, "conv_L_cache": 3, "conv_bias": false, "full_attn_idxs": [2,5,8,10,12,14], "hidden_size": 2048,
      "max_position_embeddings": 128000, "num_attention_heads": 32, "num_hidden_layers": 16, "num_key_value_heads": 8,
      "vocab_size": 65536})"                                              },
    {"nemotron-3-nano-30b-a3b",
     R"({"mamba_ssm_cache_dtype": "float32", "chunk_size": 128, "model_type": "nemotron_h", "attention_bias": false, "conv_kernel": 4, "expand": 2, "head_dim": 128, "hidden_size": 2688,
      "hybrid_override_pattern": "MEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEMEM*EMEMEMEME", "intermediate_size": 1856,
      "mamba_head_dim": 64, "mamba_hidden_act": "silu", "mamba_num_heads": 64, "max_position_embeddings": 262144, "mlp_bias": false,
      "mlp_hidden_act": "relu2", "moe_intermediate_size": 1856, "moe_shared_expert_intermediate_size": 3712, "n_group": 1, "n_groups": 8,
      "n_routed_experts": 128, "n_shared_experts": 1, "norm_topk_prob": true, "num_attention_heads": 32, "num_experts_per_tok": 6,
      "num_hidden_layers": 52, "num_key_value_heads": 2, "routed_scaling_factor": 2.5, "ssm_state_size": 128,
      "tie_word_embeddings": false, "topk_group": 1, "use_bias": false, "use_conv_bias": true, "vocab_size": 131072})"},
    {"kimi-linear-48b-a3b",
     R"({"model_type": "kimi_linear", "first_k_dense_replace": 1, "head_dim": 72, "hidden_act": "silu", "hidden_size": 2304,
      "intermediate_size": 9216, "kv_lora_rank": 512, "linear_attn_config": {"full_attn_layers": [4, 8, 12, 16, 20, 24, 27], "head_dim": 128,
      "kda_layers": [1,2,3,5,6,7,9,10,11,13,14,15,17,18,19,21,22,23,25,26], "num_heads": 32, "short_conv_kernel_size": 4},
      "model_max_length": 1048576, "moe_intermediate_size": 1024, "moe_layer_freq": 1, "moe_renormalize": true,
      "moe_router_activation_func": "sigmoid", "num_attention_heads": 32, "num_expert_group": 1, "num_experts": 256,
      "num_experts_per_token": 8, "num_hidden_layers": 27, "num_key_value_heads": 32, "num_nextn_predict_layers": 0,
      "num_shared_experts": 1, "q_lora_rank": null, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "routed_scaling_factor": 2.446,
      "tie_word_embeddings": false, "topk_group": 1, "use_grouped_topk": true, "v_head_dim": 128, "vocab_size": 163840})"                                                             },
    {"bge-base-en-v1.5",
     R"({"model_type": "bert", "hidden_act": "gelu", "hidden_size": 768, "intermediate_size": 3072, "max_position_embeddings": 512,
      "num_attention_heads": 12, "num_hidden_layers": 12, "position_embedding_type": "absolute", "type_vocab_size": 2,
      "vocab_size": 30522})"                                                      },
    {"bge-m3",
     R"({"model_type": "xlm-roberta", "hidden_act": "gelu", "hidden_size": 1024, "intermediate_size": 4096,
      "max_position_embeddings": 8194, "num_attention_heads": 16, "num_hidden_layers": 24, "position_embedding_type": "absolute",
      "type_vocab_size": 1, "vocab_size": 250002})"                                                                              },
    {"glm-4.5-air",
     R"({"model_type": "glm4_moe", "attention_bias": true, "first_k_dense_replace": 1, "head_dim": 128, "hidden_act": "silu",
      "hidden_size": 4096, "intermediate_size": 10944, "max_position_embeddings": 131072, "moe_intermediate_size": 1408, "n_group": 1,
      "n_routed_experts": 128, "n_shared_experts": 1, "norm_topk_prob": true, "num_attention_heads": 96, "num_experts_per_tok": 8,
      "num_hidden_layers": 46, "num_key_value_heads": 8, "num_nextn_predict_layers": 1, "routed_scaling_factor": 1.0,
      "tie_word_embeddings": false, "topk_group": 1, "use_qk_norm": false, "vocab_size": 151552})"                                                            },
    {"hunyuan-a13b",
     R"({"model_type": "hunyuan_v1_moe", "attention_bias": false, "attention_head_dim": 128, "head_dim": 128, "hidden_act": "silu",
      "hidden_size": 4096, "intermediate_size": 3072, "max_position_embeddings": 262144, "mlp_bias": false,
      "moe_intermediate_size": [3072, 3072, 3072, 3072], "moe_topk": [8, 8, 8, 8], "num_attention_heads": 32, "num_experts": 64,
      "num_hidden_layers": 32, "num_key_value_heads": 8, "num_shared_expert": [1, 1, 1, 1], "tie_word_embeddings": true,
      "use_qk_norm": true, "vocab_size": 128167})"                                                      },
    {"ernie-4.5-21b-a3b",
     R"({"model_type": "ernie4_5_moe", "hidden_act": "silu", "hidden_size": 2560, "intermediate_size": 12288,
      "max_position_embeddings": 131072, "moe_capacity": [64, 64, 64], "moe_intermediate_size": 1536, "moe_k": 6, "moe_layer_interval": 1,
      "moe_layer_start_index": 1, "moe_num_experts": 64, "moe_num_shared_experts": 2, "num_attention_heads": 20, "num_hidden_layers": 28,
      "num_key_value_heads": 4, "tie_word_embeddings": true, "use_bias": false, "vocab_size": 103424})"                                                                            },
    {"dbrx",
     R"({"model_type": "dbrx", "attn_config": {"clip_qkv": 8, "kv_n_heads": 8, "rope_theta": 500000}, "d_model": 6144,
      "ffn_config": {"ffn_hidden_size": 10752, "moe_jitter_eps": 0, "moe_loss_weight": 0.05, "moe_num_experts": 16, "moe_top_k": 4},
      "max_seq_len": 32768, "n_heads": 48, "n_layers": 40, "tie_word_embeddings": false, "vocab_size": 100352})"                                                                   },
    {"command-r7b",
     R"({"model_type": "cohere2", "attention_bias": false, "head_dim": 128, "hidden_act": "silu", "hidden_size": 4096,
      "intermediate_size": 14336, "logit_scale": 0.25, "max_position_embeddings": 132096, "num_attention_heads": 32,
      "num_hidden_layers": 32, "num_key_value_heads": 8, "order_of_interleaved_layers": "local_attn_first",
      "position_embedding_type": "rope_gptj", "rotary_pct": 1.0, "sliding_window": 4096, "sliding_window_pattern": 4,
      "use_embedding_sharing": true, "use_gated_activation": true, "use_parallel_block": true, "use_parallel_embedding": true,
      "use_qk_norm": false, "vocab_size": 256000})"                                                                   },
    {"starcoder2-3b",
     R"({"model_type": "starcoder2", "hidden_act": "gelu_pytorch_tanh", "hidden_size": 3072, "intermediate_size": 12288,
      "max_position_embeddings": 16384, "mlp_type": "default", "norm_type": "layer_norm", "num_attention_heads": 24,
      "num_hidden_layers": 30, "num_key_value_heads": 2, "sliding_window": 4096, "use_bias": true, "vocab_size": 49152})"                                                                 },
    {"qwen2.5-7b",
     R"({"model_type": "qwen2", "hidden_act": "silu", "hidden_size": 3584, "intermediate_size": 18944,
      "max_position_embeddings": 32768, "max_window_layers": 28, "num_attention_heads": 28, "num_hidden_layers": 28,
      "num_key_value_heads": 4, "sliding_window": 131072, "tie_word_embeddings": false, "use_mrope": false,
      "use_sliding_window": false, "vocab_size": 152064})"                                                                                   },
    {"gemma-2-9b",
     R"({"model_type": "gemma2", "attention_bias": false, "attn_logit_softcapping": 50.0, "cache_implementation": "hybrid",
      "final_logit_softcapping": 30.0, "head_dim": 256, "hidden_act": "gelu_pytorch_tanh", "hidden_activation": "gelu_pytorch_tanh",
      "hidden_size": 3584, "intermediate_size": 14336, "max_position_embeddings": 8192, "num_attention_heads": 16,
      "num_hidden_layers": 42, "num_key_value_heads": 8, "query_pre_attn_scalar": 256, "sliding_window": 4096, "vocab_size": 256000})"                                                              },
};

// Facts that a repository's config lacks: what the catalog's page adds, and the context that the page
// promises.
Architecture comparable(Architecture architecture) {
  architecture.towers.clear();
  architecture.context_length = 0;
  architecture.stores_duplicate_head = false;
  if (architecture.mtp) architecture.mtp->own_embedding = architecture.mtp->own_head = false;
  return architecture;
}

void drop_mtp(Architecture& architecture) {
  architecture.mtp.reset();
  std::erase_if(architecture.blocks, [](const Block& block) { return block.mtp; });
}

}  // namespace

TEST_CASE("configs as their authors wrote them give the catalog's models") {
  const json architectures = measured::architectures();
  const std::vector<Entry> entries = catalog_entries();
  for (const Real& real : real_configs) {
    INFO(real.id);
    const auto entry =
        std::find_if(entries.begin(), entries.end(), [&](const Entry& each) { return each.id == real.id; });
    REQUIRE(entry != entries.end());
    const Architecture read = read_hf_config(json::parse(real.config), architectures, "config.json");
    Architecture known = catalog::read_architecture(entry->config, architectures, "models", entry->id);
    if (!read.mtp) drop_mtp(known);  // Qwen3-Next's config does not say that its repository has such a layer
    CHECK(comparable(read) == comparable(known));
    CHECK(read.blocks == known.blocks);
  }
}

TEST_CASE("the type of the recurrent state and Mamba's chunk, by either spelling") {
  const json architectures = measured::architectures();
  const std::vector<Entry> entries = catalog_entries();
  const auto read_with = [&](const std::string& id, const char* change) {
    const auto entry =
        std::find_if(entries.begin(), entries.end(), [&](const Entry& each) { return each.id == id; });
    REQUIRE(entry != entries.end());
    json config = json::parse(entry->config.dump());
    config.update(json::parse(change));
    return read_hf_config(config, architectures, "config.json");
  };
  using Type = ElementType;
  CHECK(read_with("qwen3.5-9b", "{}").recurrent_state_type == Type::f32);
  CHECK(read_with("qwen3.5-9b", R"({"mamba_ssm_dtype": "bfloat16"})").recurrent_state_type == Type::bf16);
  CHECK(read_with("nemotron-3-nano-4b", "{}").recurrent_state_type == Type::f16);
  CHECK(read_with("nemotron-h-8b", "{}").recurrent_state_type == std::nullopt);
  CHECK(read_with("nemotron-h-8b", "{}").recurrent_chunk == 128);
  CHECK(read_with("nemotron-h-8b", R"({"chunk_size": 256})").recurrent_chunk == 256);
  CHECK(read_with("falcon-h1-7b", R"({"mamba_chunk_size": 128})").recurrent_chunk == 128);
}

// transformers 4.57: a nested config omits the defaults of its class (to_diff_dict).
TEST_CASE("fields missing from a nested config are the defaults of its class") {
  struct Row {
    const char* what;
    std::uint64_t parameters;  // as the repository's page counts them, towers aside
    const char* config;
  };
  const Row rows[] = {
      {"Mamba: tied",                                      129135360,
       R"({"model_type": "mamba", "hidden_size": 768, "intermediate_size": 1536, "num_hidden_layers": 24,
        "state_size": 16, "conv_kernel": 4, "time_step_rank": 48, "vocab_size": 50280, "use_conv_bias": true})"},
      {"MiniCPM: tied",                                    2724880896,
       R"({"model_type": "minicpm", "hidden_size": 2304, "intermediate_size": 5760,
        "num_attention_heads": 36, "num_key_value_heads": 36, "num_hidden_layers": 40, "vocab_size": 122753,
        "max_position_embeddings": 2048})"                      },
      {"Pixtral 12B: 32 heads",                            12247782400,
       R"({"model_type": "llava", "text_config": {"hidden_size": 5120, "head_dim": 128,
        "num_hidden_layers": 40, "num_key_value_heads": 8, "intermediate_size": 14336, "model_type": "mistral",
        "max_position_embeddings": 1024000, "sliding_window": null, "vocab_size": 131072}, "vision_config": {"hidden_size": 1024}})"                  },
      {"LLaVA 1.5 7B: Llama 2's widths",                   6738939904,
       R"({"model_type": "llava", "text_config": {"max_position_embeddings": 4096,
        "model_type": "llama", "vocab_size": 32064}, "vision_config": {"hidden_size": 1024}})"                       },
      {"LLaVA 1.6 Mistral 7B: its hidden size and layers", 7242256384,
       R"({"model_type": "llava_next", "text_config":
        {"intermediate_size": 14336, "max_position_embeddings": 32768, "model_type": "mistral", "num_key_value_heads": 8,
        "vocab_size": 32064}, "vision_config": {"hidden_size": 1024}})"                                                    },
      {"PaliGemma 3B: 256 values a head",                  2508662784,
       R"({"model_type": "paligemma", "text_config": {"hidden_size": 2048,
        "intermediate_size": 16384, "model_type": "gemma", "num_attention_heads": 8, "num_hidden_layers": 18,
        "num_key_value_heads": 1, "vocab_size": 257216}, "vision_config": {"hidden_size": 1152}})"                               },
      {"Qwen2-Audio 7B: Qwen2's widths",                   7754878976,
       R"({"model_type": "qwen2_audio", "text_config": {"model_type": "qwen2",
        "intermediate_size": 11008, "max_position_embeddings": 8192, "vocab_size": 156032}, "audio_config": {"d_model": 1280}})"                           },
  };
  const json architectures = measured::architectures();
  for (const Row& row : rows) {
    INFO(row.what);
    const Architecture read = read_hf_config(json::parse(row.config), architectures, "config.json");
    CHECK(parameters_of(read).trunk == row.parameters);
  }
  const char* alone = R"({"model_type": "mistral", "num_hidden_layers": 40, "num_key_value_heads": 8})";
  CHECK(refusal([&] {
          read_hf_config(json::parse(alone), architectures, "config.json");
        }).ends_with("hidden_size: missing"));
}

TEST_CASE("the model type may be nested, wrapped, given by the user or unknown") {
  const json architectures = measured::architectures();
  const auto type = [&](const char* config, std::optional<std::string> as = std::nullopt) {
    return model_type_of(json::parse(config), architectures, "config.json", as);
  };
  CHECK(type(R"({"model_type": "qwen3"})") == "qwen3");
  CHECK(type(R"({"model_type": "gemma3", "text_config": {"model_type": "gemma3_text"}})") == "gemma3");
  CHECK(type(R"({"model_type": "qwen3_5_moe_text"})") == "qwen3_5_moe");
  CHECK(type(R"({"model_type": "some_vl", "text_config": {"model_type": "qwen2"}})") == "qwen2");
  CHECK(
      type(
          R"({"model_type": "some_omni", "thinker_config": {"text_config": {"model_type": "qwen3_moe"}}})") ==
      "qwen3_moe");
  CHECK(type(R"({"model_type": "llava", "text_config": {"model_type": "mistral"}})") == "mistral");
  CHECK(type(R"({"model_type": "mistral3", "text_config": {"model_type": "mistral"}})") == "mistral3");
  CHECK(type(R"({"model_type": "unheard_of"})", "llama") == "llama");

  const auto refused = [&](const char* config, std::optional<std::string> as = std::nullopt) {
    return refusal([&] { type(config, as); }, ErrorCode::unsupported);
  };
  CHECK(refused(R"({"model_type": "qwen33"})")
            .starts_with(R"(config.json: model_type "qwen33" is not known; the nearest are qwen3)"));
  CHECK(refused(R"({"model_type": "xyzzy-\u001b"})") ==
        R"(config.json: model_type "xyzzy-\x1b" is not known (--as TYPE reads it as another type))");
  CHECK(refused(R"({"model_type": "llama"})", "lama").find("the nearest are llama") != std::string::npos);
  CHECK(refusal([&] { type("{}"); }) ==
        "config.json: model_type: missing; is it the config of a language model?");
  CHECK(refusal([&] { type("[]"); }) == "config.json: an object was expected, not array");
}

TEST_CASE("invalid configs are refused with the field") {
  const json architectures = measured::architectures();
  const auto with = [&](const std::string& change) {
    json config = json::parse(
        R"({"model_type": "llama", "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
      "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 128256, "max_position_embeddings": 8192})");
    config.merge_patch(json::parse(change));
    return refusal([&] { read_hf_config(config, architectures, "config.json"); });
  };
  const std::string m = "config.json: model_type llama: ";
  CHECK(with("{}") == "accepted");
  CHECK(with(R"({"hidden_size": null})") == m + "hidden_size: missing");
  CHECK(with(R"({"hidden_size": -1})").starts_with(m + "hidden_size: a whole number"));
  CHECK(with(R"({"hidden_size": 1e300})").starts_with(m + "hidden_size: a whole number"));
  CHECK(with(R"({"hidden_size": "4096"})").starts_with(m + "hidden_size: a whole number"));
  CHECK(with(R"({"num_hidden_layers": 4000000000})").find("too many") != std::string::npos);
  CHECK(with(R"({"num_nextn_predict_layers": 40000000})").find("too many") != std::string::npos);
  CHECK(with(R"({"num_attention_heads": 0})").starts_with(m + "num_attention_heads"));
  CHECK(with(R"({"num_key_value_heads": 5})").find("do not divide") != std::string::npos);
  CHECK(with(R"({"layer_types": ["telepathy"]})") == m + "layer_types: 1 values for 32 layers");
}

TEST_CASE("quantization_config determines which weights are packed, and how") {
  const auto read = [](const char* config) { return read_quantization(json::parse(config), "config.json"); };
  CHECK_FALSE(read("{}").has_value());

  const NamedPacking fp8 =
      *read(R"({"quant_method": "fp8", "weight_block_size": [128, 128], "activation_scheme": "dynamic"})");
  CHECK(fp8.scheme == "fp8, a scale for 128 x 128 values");
  CHECK(fp8.packing->layout.value_bits == 8);
  CHECK(fp8.packing->layout.scale_rows == 128);

  const NamedPacking awq = *read(
      R"({"quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": true, "version": "gemm"})");
  CHECK(awq.scheme == "awq, 4 bits in groups of 128");
  CHECK(awq.packing->layout.zero_point_bits == 4);

  const NamedPacking gptq =
      *read(R"({"quant_method": "gptq", "bits": 8, "group_size": -1, "desc_act": true})");
  CHECK(gptq.scheme == "gptq, 8 bits");
  CHECK(gptq.packing->layout.input_bytes == 4);

  CHECK(read(R"({"quant_method": "bitsandbytes", "load_in_4bit": true, "bnb_4bit_quant_type": "nf4"})")
            ->scheme == "bitsandbytes, nf4, blocks of 64");
  CHECK(read(R"({"load_in_8bit": true})")->packing->layout.value_bits == 8);

  const NamedPacking mxfp4 = *read(R"({"quant_method": "mxfp4", "modules_to_not_convert":
    ["model.layers.*.self_attn", "model.layers.*.mlp.router", "model.embed_tokens", "lm_head"]})");
  CHECK_FALSE(mxfp4.packing->layout.parts.contains(PackedPart::attention));
  CHECK(mxfp4.packing->layout.parts.contains(PackedPart::experts));
  CHECK(mxfp4.packing->layout.scale_columns == 32);

  const NamedPacking int4 =
      *read(R"({"quant_method": "compressed-tensors", "format": "pack-quantized", "config_groups": {"group_0":
    {"targets": ["Linear"], "weights": {"num_bits": 4, "type": "int", "strategy": "group", "group_size": 32}}}, "ignore":
    ["lm_head", "re:.*self_attn.*", "re:.*shared_experts.*", "re:.*mlp\\.(gate|up|gate_up|down)_proj.*"]})");
  CHECK(int4.scheme == "compressed-tensors, 4 bits, group");
  CHECK(int4.packing->layout.parts ==
        PartSet{PackedPart::indexer, PackedPart::linear_attention, PackedPart::experts});
  CHECK(int4.packing->layout.scale_columns == 32);

  CHECK(
      read(R"({"producer": {"name": "modelopt"}, "quantization": {"quant_algo": "NVFP4", "group_size": 16}})")
          ->scheme == "nvfp4, blocks of 16");
  CHECK(read(R"({"quant_method": "modelopt", "quant_algo": "FP8"})")->packing->layout.value_bits == 8);
  CHECK_FALSE(read(R"({"quant_method": "hqq"})")->packing.has_value());
  CHECK(int4.format == "INT4");
  CHECK(awq.format == "AWQ");
  CHECK(awq.kv_cache_quantization.empty());
  CHECK(read(R"({"quant_method": "modelopt", "quant_algo": "NVFP4", "kv_cache_quant_algo": "FP8"})")
            ->kv_cache_quantization == "fp8");
  CHECK(read(R"({"quant_method": "modelopt", "quant_algo": "NVFP4",
    "kv_cache_scheme": {"dynamic": false, "num_bits": 8, "type": "float"}})")
            ->kv_cache_quantization == "fp8");
  const NamedPacking apart = *read(R"({"quant_method": "modelopt", "quant_algo": "NVFP4",
    "ignore": ["lm_head", "model.layers.0*", "model.layers.1.*", "model.layers.3.self_attn*"]})");
  CHECK(apart.packing->plain_first_layers == 2);
  CHECK_FALSE(apart.packing->layout.parts.contains(PackedPart::attention));
  const NamedPacking several = *read(R"({"quant_method": "modelopt", "quant_algo": "MIXED_PRECISION",
    "quantized_layers": {"model.layers.0.mlp.experts": {"quant_algo": "NVFP4", "group_size": 16}}})");
  CHECK_FALSE(several.packing.has_value());
  CHECK(several.range->most.layout.parts == PartSet{PackedPart::experts});

  const NamedPacking mlx = *read(R"({"group_size": 64, "bits": 6, "mode": "affine",
    "language_model.model.layers.0.mlp.gate": {"group_size": 64, "bits": 8}})");
  CHECK(mlx.scheme == "mlx, 6 bits in groups of 64");
  CHECK(mlx.packing->others[0].parts == PartSet{PackedPart::router});
  CHECK(mlx.packing->others[0].value_bits == 8);
  const NamedPacking mixed =
      *read(R"({"group_size": 64, "bits": 4, "model.embed_tokens": {"bits": 6, "group_size": 64}})");
  CHECK(mixed.scheme == "mlx, 4 bits mixed with others");
  CHECK(mixed.packing->others[0].parts == PartSet{PackedPart::embedding});
  CHECK(mixed.packing->others[0].value_bits == 6);
  CHECK(mixed.layers_of_parts.at(PackedPart::embedding) == 1);
  const NamedPacking some_modules = *read(R"({"group_size": 64, "bits": 3,
    "model.layers.0.self_attn.v_proj": {"bits": 6, "group_size": 64}})");
  CHECK_FALSE(some_modules.packing.has_value());
  CHECK(some_modules.range->most_name == "every module in 6 bits");
  const NamedPacking experts = *read(R"({"group_size": 64, "bits": 8, "mode": "affine",
    "model.layers.0.mlp.experts.gate_up_proj": {"bits": 4, "group_size": 32, "mode": "mxfp4"},
    "model.layers.0.mlp.experts.down_proj": {"bits": 4, "group_size": 32, "mode": "mxfp4"}})");
  CHECK(experts.format == "MLX-8bit");
  CHECK(experts.packing->others[0].scale_bytes == 1);
  CHECK(experts.packing->others[0].scale_columns == 32);
  CHECK(refusal([&] { read("[]"); }) ==
        "config.json: quantization_config: an object was expected, not array");
}

// Bytes of the repositories of mlx-community (exo-explore/exo, resources/inference_model_cards).
TEST_CASE("MLX repositories are as large as their pages say") {
  struct Row {
    const char* id;
    int bits;
    std::uint64_t published;
    std::uint64_t apart;  // what some configs add to the weights, or a router's 32-bit scales
  };
  const Row rows[] = {
      {"llama-3.1-nemotron-70b",          4, 39'688'355'840,  0      },
      {"llama-3.1-nemotron-70b",          8, 74'964'549'632,  0      },
      {"llama-3.1-nemotron-nano-4b-v1.1", 4, 2'538'706'944,   0      },
      {"nemotron-nano-9b-v2",             4, 5'002'791'936,   0      },
      {"nemotron-nano-9b-v2",             6, 7'224'298'496,   0      },
      {"qwen3.6-27b",                     4, 16'054'262'240,  0      },
      {"qwen3.6-27b",                     8, 29'500'938'720,  0      },
      {"qwen3.5-9b",                      4, 5'950'062'560,   1'536  },
      {"qwen3.5-397b-a17b",               8, 422'032'580'192, 300'000},
  };
  const json architectures = measured::architectures();
  const std::vector<Entry> entries = catalog_entries();
  for (const Row& row : rows) {
    INFO(row.id << " " << row.bits);
    const auto entry =
        std::find_if(entries.begin(), entries.end(), [&](const Entry& each) { return each.id == row.id; });
    REQUIRE(entry != entries.end());
    const NamedPacking packing = *read_quantization(
        json{
            {"group_size", 64      },
            {"bits",       row.bits}
    },
        "config.json");
    const Architecture model = catalog::read_architecture(entry->config, architectures, "models", row.id);
    const std::uint64_t bytes = packed_size(model, *packing.packing).bytes.count();
    CHECK(std::max(bytes, row.published) - std::min(bytes, row.published) <= row.apart);
  }
}
