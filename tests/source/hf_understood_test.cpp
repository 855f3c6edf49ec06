#include "source/hf_understood.hpp"

#include "catch.hpp"
#include "source/hf_config.hpp"
#include "source/json_text.hpp"
#include "source/measured_files.hpp"
#include "source/refusal.hpp"
#include "vramcalc/model.hpp"

using namespace vramcalc;
using namespace vramcalc::source;
using nlohmann::json;

namespace {

const json& rows() {
  static const json all = measured::architectures();
  return all;
}

json llama() {
  return json::parse(
      R"({"model_type": "llama", "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
    "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 128256, "max_position_embeddings": 8192})");
}

std::string refused(const json& config, const ConfigReading& reading = {}) {
  std::string message = "accepted";
  try {
    read_hf_config(config, rows(), "c", reading);
  } catch (const Error& error) {
    message = error.what();
  }
  return message;
}

std::string llama_with(const char* change) {
  json config = llama();
  config.merge_patch(json::parse(change));
  return refused(config);
}

std::uint64_t trunk_of(const char* config) {
  return parameters_of(read_hf_config(json::parse(config), rows(), "c")).trunk;
}

}  // namespace

TEST_CASE("a field that is not understood and may change the shape is refused by name") {
  const char* changes[][2] = {
      {"num_memory_tokens",             R"({"num_memory_tokens": 64})"                  },
      {"layer_kinds",                   R"({"layer_kinds": ["full", "half"]})"          },
      {"attention_kind",                R"({"attention_kind": "latent"})"               },
      {"ssm_cfg",                       R"({"ssm_cfg": {"layer": "Mamba2"}})"           },
      {"mlp_ratio",                     R"({"mlp_ratio": 2.5})"                         },
      {"use_extra_ffn_norm",            R"({"use_extra_ffn_norm": true})"               },
      {"num_attention_heads_per_layer", R"({"num_attention_heads_per_layer": [32, 64]})"},
      {"is_causal",                     R"({"is_causal": false})"                       },
      {"mamba_d_state",                 R"({"mamba_d_state": 128})"                     },
      {"is_encoder_decoder",            R"({"is_encoder_decoder": true})"               },
  };
  for (const auto& [name, change] : changes) {
    INFO(name);
    CHECK(llama_with(change) ==
          std::string("c: model_type llama: ") + name +
              ": this field is unknown, and it may change the shape of the model (--ignore-field " + name +
              " reads the config without it)");
  }
  CHECK(llama_with(R"({"b_layers": 2, "a_layers": 3})") ==
        "c: model_type llama: a_layers, b_layers: these fields are unknown, and they may change the shape "
        "of the "
        "model (--ignore-field a_layers reads the config without that one)");
}

TEST_CASE("fields that change no shape are skipped") {
  const char* harmless[] = {
      R"({"bos_token_id": 1, "eos_token_id": [1, 2], "pad_token_id": null, "image_token_index": 7})",
      R"({"attention_dropout": 0.1, "resid_pdrop": 0, "hidden_dropout_prob": 0.1, "classifier_dropout": null})",
      R"({"initializer_range": 0.02, "init_method": "mup", "router_aux_loss_coef": 0.001, "z_loss_weight": 0})",
      R"({"torch_dtype": "bfloat16", "dtype": "float32", "transformers_version": "5.0.0", "use_cache": true})",
      R"({"architectures": ["LlamaForCausalLM"], "auto_map": {"AutoConfig": "x.Y"}, "_name_or_path": "a/b"})",
      R"({"rope_theta": 10000, "rope_scaling": {"rope_type": "yarn", "factor": 4, "beta_fast": 32}})",
      R"({"rope_parameters": {"full_attention": {"rope_type": "default", "rope_theta": 1}, "factor": 8}})",
      R"({"generation_config": {"top_k": 5}, "id2label": {"0": "A"}, "task_specific_params": {"x": {"max_length": 9}}})",
      R"({"pretraining_tp": 2, "ep_size": 8, "chunk_size_feed_forward": 0, "pruned_heads": {}, "prefix": null})",
      R"({"unknown_coefficient": 0.5, "unknown_switch": false, "unknown_list": [], "unknown_number": 0})",
      R"({"use_flash_attn": true, "attn_implementation": "sdpa", "gradient_checkpointing": true})",
      R"({"vision_config": {"hidden_size": 1152}, "mm_projector_type": "mlp2x", "image_grid_pinpoints": [[1, 2]]})",
      R"({"bad_words_ids": [[1]], "transformers.js_config": {"kv_cache_dtype": {"q4": "float16"}}})",
  };
  for (const char* change : harmless) {
    INFO(change);
    CHECK(llama_with(change) == "accepted");
  }
}

TEST_CASE("a value of the wrong type is refused, not skipped") {
  const auto misread = [](const std::string& name) {
    return "c: model_type llama: " + name + ": the value of this field is not understood (--ignore-field " +
           name + " reads the config without it)";
  };
  CHECK(llama_with(R"({"attention_bias": "yes"})") == misread("attention_bias"));
  CHECK(llama_with(R"({"decoder_sparse_step": "2"})") == misread("decoder_sparse_step"));
  CHECK(llama_with(R"({"hybrid_override_pattern": ["M", "*"]})") == misread("hybrid_override_pattern"));
  CHECK(llama_with(R"({"linear_attn_config": 5})") == misread("linear_attn_config"));
  CHECK(llama_with(R"({"topk_method": "by_chance"})") == misread("topk_method"));
}

TEST_CASE("two spellings that contradict each other are not understood") {
  CHECK(llama_with(R"({"n_layer": 32})") == "accepted");
  CHECK(llama_with(R"({"n_layer": 40})").starts_with("c: model_type llama: n_layer: this field"));
  CHECK(llama_with(R"({"model_max_length": 4096})") == "accepted");  // the tokenizer's
}

TEST_CASE("the user may ignore a field") {
  json config = llama();
  config["a_layers"] = 3;
  config["b_layers"] = 2;
  CHECK(refused(config, {.as = {}, .ignored = {"a_layers"}})
            .starts_with("c: model_type llama: b_layers: this field"));
  CHECK(refused(config, {
                            .as = {          },
                              .ignored = { "a_layers", "b_layers"}
  }) == "accepted");
}

TEST_CASE("a config may state that it has no latent attention") {
  json config = llama();
  config.merge_patch(
      json::parse(R"({"use_mla": false, "kv_lora_rank": null, "qk_nope_head_dim": 0, "v_head_dim": 0})"));
  CHECK(read_hf_config(config, rows(), "c") == read_hf_config(llama(), rows(), "c"));
}

TEST_CASE("experts that are counted but in no layer are refused") {
  CHECK(refused(json::parse(
            R"({"model_type": "nemotron_h", "hidden_size": 64, "layers_block_type": ["mamba", "attention"],
    "num_attention_heads": 4, "n_routed_experts": 8, "num_experts_per_tok": 2, "moe_intermediate_size": 32,
    "mamba_num_heads": 4, "mamba_head_dim": 16, "ssm_state_size": 16, "n_groups": 1, "conv_kernel": 4, "vocab_size": 100,
    "max_position_embeddings": 64})")) ==
        "c: model_type nemotron_h: num_experts: 8, but no layer has experts");
}

TEST_CASE("towers are skipped, but an unknown part of the language model is not") {
  json config = {
      {"model_type",    "some_vl"                 },
      {"text_config",   llama()                   },
      {"vision_config", {{"hidden_size", 1152}}   },
      {"talker_config", {{"text_config", llama()}}},
      {"merge_size",    4                         }
  };
  CHECK(refused(config) == "accepted");
  config["second_stage"] = {
      {"layers", 4}
  };
  CHECK(refused(config).starts_with("c: model_type llama: second_stage: this field is unknown"));
}

// The shapes are the published ones; the counts those of the repositories' pages, or of their papers where a
// page counts packed values.
TEST_CASE("configs describe layers in their own ways") {
  struct Row {
    const char* what;
    std::uint64_t parameters;
    const char* config;
  };
  const Row table[] = {
      {"Nemotron 3 Nano as transformers 5 writes it",        31'577'940'288,
       R"({"model_type": "nemotron_h", "attention_bias": false, "conv_kernel": 4, "expand": 2, "head_dim": 128, "hidden_size": 2688,
      "layers_block_type": ["mamba","moe","mamba","moe","mamba","attention","moe","mamba","moe","mamba","moe","mamba","attention","moe",
      "mamba","moe","mamba","moe","mamba","attention","moe","mamba","moe","mamba","moe","mamba","attention","moe","mamba","moe","mamba",
      "moe","mamba","attention","moe","mamba","moe","mamba","moe","mamba","moe","mamba","attention","moe","mamba","moe","mamba","moe",
      "mamba","moe","mamba","moe"], "intermediate_size": 1856, "mamba_head_dim": 64, "mamba_num_heads": 64,
      "max_position_embeddings": 1048576, "mlp_bias": false, "mlp_hidden_act": "relu2", "moe_intermediate_size": 1856,
      "moe_latent_size": null, "moe_shared_expert_intermediate_size": 3712, "mtp_layers_block_type": ["attention", "moe"], "n_group": 1,
      "n_groups": 8, "n_routed_experts": 128, "n_shared_experts": 1, "norm_topk_prob": true, "num_attention_heads": 32,
      "num_experts_per_tok": 6, "num_key_value_heads": 2, "num_nextn_predict_layers": 1, "routed_scaling_factor": 2.5,
      "ssm_state_size": 128, "tie_word_embeddings": false, "topk_group": 1, "use_bias": false, "use_conv_bias": true,
      "vocab_size": 131072})"    },
      {"Trinity Mini: every fourth layer is global",         26'123'974'400,
       R"({"model_type": "afmoe", "attention_bias": false, "global_attn_every_n_layers": 4, "head_dim": 128, "hidden_act": "silu",
      "hidden_size": 2048, "intermediate_size": 6144, "max_position_embeddings": 131072, "moe_intermediate_size": 1024, "mup_enabled": true,
      "n_group": 1, "num_attention_heads": 32, "num_dense_layers": 2, "num_expert_groups": 1, "num_experts": 128,
      "num_experts_per_tok": 8, "num_hidden_layers": 32, "num_key_value_heads": 4, "num_limited_groups": 1, "num_shared_experts": 1,
      "route_norm": true, "route_scale": 2.826, "score_func": "sigmoid", "sliding_window": 2048, "tie_word_embeddings": false,
      "topk_group": 1, "use_grouped_mm": true, "vocab_size": 200192})"      },
      {"Step 3.5 Flash: more heads in layers with a window", 196'956'130'368,
       R"({"model_type": "step3p5", "hidden_size": 4096, "intermediate_size": 11264, "num_hidden_layers": 45,
      "num_attention_heads": 64, "num_attention_groups": 8, "head_dim": 128, "vocab_size": 128896, "max_seq_len": 262144,
      "moe_num_experts": 288, "moe_top_k": 8, "moe_intermediate_size": 1280, "share_expert_dim": 1280,
      "first_k_dense_replace": 3, "norm_expert_weight": true, "use_moe_router_bias": true,
      "moe_router_activation": "sigmoid", "moe_router_scaling_factor": 3.0, "need_fp32_gate": true,
      "use_head_wise_attn_gate": true, "attention_other_setting": {"attention_type": "sliding_attention",
      "num_attention_heads": 96, "num_attention_groups": 8, "head_dim": 128, "true_head_dim": 128},
      "swiglu_limits": [0, 7], "use_rope_layers": [], "yarn_only_types": ["full_attention"], "sliding_window": 512,
      "zero_centered": true, "num_nextn_predict_layers": 3})"                           },
      {"Arctic: a dense part beside the experts",            478'584'608'768,
       R"({"model_type": "arctic", "hidden_size": 7168, "intermediate_size": 4864, "max_position_embeddings": 4096,
      "moe_layer_frequency": 1, "num_attention_heads": 56, "num_experts_per_tok": 2, "num_hidden_layers": 35, "num_key_value_heads": 8,
      "num_local_experts": 128, "parallel_attn_mlp_res": true, "use_residual": true, "vocab_size": 32000})"                     },
      {"Hunyuan 0.5B: one expert is none",                   463'512'576,
       R"({"model_type": "hunyuan_v1_dense", "attention_head_dim": 128, "head_dim": 128, "hidden_size": 1024, "intermediate_size": 3584,
      "max_position_embeddings": 262144, "norm_type": "rms", "num_attention_heads": 8, "num_experts": 1, "num_hidden_layers": 24,
      "num_key_value_heads": 4, "tie_word_embeddings": true, "use_qk_norm": true, "vocab_size": 120818})"},
  };
  for (const Row& row : table) {
    INFO(row.what);
    CHECK(trunk_of(row.config) == row.parameters);
  }
}

// The first, a middle and the last run of Llama-3_3-Nemotron-Super-49B-v1's blocks, with their numbers.
TEST_CASE("blocks found by architecture search are read as Hugging Face writes them") {
  json config = json::parse(R"({"model_type": "nemotron-nas", "hidden_size": 8192, "intermediate_size": null,
    "num_attention_heads": 64, "num_key_value_heads": null, "vocab_size": 128256, "max_position_embeddings": 131072,
    "tie_word_embeddings": false})");
  const auto block = [](json group, json mult) {
    return json{
        {"attention",
         {{"n_heads_in_group", group},
          {"no_op", group.is_null()},
          {"num_sink_tokens", nullptr},
          {"replace_with_linear", false},
          {"window_length", nullptr}}},
        {"ffn",
         {{"ffn_mult", mult},
          {"no_op", mult.is_null()},
          {"replace_with_linear", false},
          {"sparsify", nullptr}}     }
    };
  };
  config["block_configs"] = {block(8, 2.625), block(8, 5.25), block(nullptr, 1.3125),
                             block(nullptr, nullptr)};
  const Architecture model = read_hf_config(config, rows(), "c");
  REQUIRE(model.blocks.size() == 4);
  const auto width = [&](std::size_t i) {
    return std::get<DenseFeedForward>(model.blocks[i].feed_forward).width;
  };
  CHECK(width(0) == 14336);
  CHECK(width(1) == 28672);
  CHECK(width(2) == 7168);
  CHECK(std::holds_alternative<NoFeedForward>(model.blocks[3].feed_forward));
  CHECK(std::get<GroupedQueryAttention>(model.blocks[0].attention).kv_heads == 8);
  CHECK(std::holds_alternative<NoAttention>(model.blocks[2].attention));

  config["block_configs"][1]["attention"]["replace_with_linear"] = true;
  CHECK(refused(config).starts_with(
      "c: model_type nemotron-nas: block_configs[1].attention.replace_with_linear: this field is unknown"));
  config["block_configs"][1]["attention"]["replace_with_linear"] = false;
  config["block_configs"][1]["attention"]["window_length"] = 1024;
  CHECK(
      refused(config).starts_with("c: model_type nemotron-nas: block_configs[1].attention.window_length: "));
}

TEST_CASE("layers with full attention") {
  const auto kinds = [](const char* change) {
    json config = json::parse(R"({"model_type": "gemma3_text", "hidden_size": 64, "intermediate_size": 128,
      "num_hidden_layers": 6, "num_attention_heads": 4, "num_key_value_heads": 1, "head_dim": 16, "vocab_size": 100,
      "max_position_embeddings": 64, "sliding_window": 16})");
    config.merge_patch(json::parse(change));
    std::string letters;
    for (const Block& block : read_hf_config(config, rows(), "c").blocks)
      letters += std::get<GroupedQueryAttention>(block.attention).window ? 's' : 'f';
    return letters;
  };
  CHECK(kinds("{}") == "sssssf");
  CHECK(kinds(R"({"sliding_window_pattern": 3})") == "ssfssf");
  CHECK(kinds(R"({"sliding_window_pattern": "LG"})") == "sfsfsf");
  CHECK(kinds(R"({"full_attention_interval": 2})") == "sfsfsf");
  CHECK(kinds(R"({"sliding_window_pattern": 3, "layer_types": ["full_attention", "sliding_attention",
    "sliding_attention", "sliding_attention", "sliding_attention", "sliding_attention"]})") == "fsssss");
}

// 57 of 60 layers: (4 + 1) x 128 index columns of 6,144, and two norms of 128.
TEST_CASE("MiniMax-M3's index heads are in a separate object, and its type may be a wrapper's") {
  json text = json::parse(R"({"hidden_size": 6144, "intermediate_size": 3072, "num_hidden_layers": 4,
    "num_attention_heads": 64, "num_key_value_heads": 4, "head_dim": 128, "vocab_size": 200064,
    "max_position_embeddings": 1048576, "hidden_act": "swigluoai", "use_qk_norm": true, "qk_norm_type": "per_head",
    "dense_intermediate_size": 12288, "shared_intermediate_size": 3072, "num_local_experts": 128,
    "num_experts_per_tok": 4, "n_shared_experts": 1, "scoring_func": "sigmoid", "use_routing_bias": true,
    "moe_layer_freq": [0, 0, 0, 1], "num_mtp_modules": 1, "sparse_attention_config": {"use_sparse_attention": true,
    "sparse_index_dim": 128, "sparse_num_index_heads": 4, "sparse_topk_blocks": 16, "sparse_block_size": 128,
    "sparse_disable_index_value": [0, 0, 0, 1], "sparse_score_type": "max", "sparse_init_block": 0,
    "sparse_local_block": 1, "sparse_attention_freq": [0, 0, 0, 1]}})");
  const auto read = [&] {
    return read_hf_config(
        {
            {"model_type",    "minimax_m3_vl"},
            {"text_config",   text           },
            {"vision_config", json::object() }
    },
        rows(), "c");
  };
  const Architecture sparse = read();
  CHECK(sparse.gguf_name == "minimax-m3");
  CHECK(std::get<BlockSparseAttention>(sparse.blocks[3].attention).index_heads == 4);
  text["sparse_attention_config"]["use_sparse_attention"] = false;
  CHECK(parameters_of(sparse).trunk - parameters_of(read()).trunk == (4 + 1) * 128 * 6144 + 2 * 128);
  text["sparse_attention_config"]["use_sparse_attention"] = true;
  text["sparse_attention_config"]["sparse_heads_per_layer"] = 2;
  CHECK(refusal(read, ErrorCode::unsupported)
            .starts_with("c: model_type minimax_m3: sparse_attention_config.sparse_heads_per_layer: "));
}

// transformers 5 renamed the kinds of layers (configuration_utils.py, remap_legacy_layer_types).
TEST_CASE("the layer types of transformers 5 equal those of transformers 4") {
  struct Row {
    const char* what;
    const char *before, *after, *rest;
  };
  const Row table[] = {
      {"Nemotron-H",      R"("hybrid_override_pattern": "ME*-")",
       R"("layers_block_type": ["linear_attention", "moe", "full_attention", "mlp"])",                         R"("model_type": "nemotron_h", "n_routed_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 32,
       "mamba_num_heads": 4, "mamba_head_dim": 16, "ssm_state_size": 16, "n_groups": 1, "conv_kernel": 4)"          },
      {"Granite 4",       R"("layer_types": ["mamba", "attention", "mamba", "mamba"])",
       R"("layer_types": ["linear_attention", "full_attention", "linear_attention", "linear_attention"])",     R"("model_type": "granitemoehybrid", "mamba_n_heads": 4, "mamba_d_head": 32, "mamba_d_state": 16, "mamba_n_groups": 1,
       "mamba_d_conv": 4, "mamba_expand": 2)"},
      {"Jamba",           R"("attn_layer_period": 4, "attn_layer_offset": 1)",
       R"("layers_block_type": ["mamba", "attention", "mamba", "mamba"])",                                     R"("model_type": "jamba", "mamba_d_state": 16, "mamba_d_conv": 4, "mamba_dt_rank": 8, "mamba_expand": 2)"             },
      {"MiniMax-Text-01", R"("model_type": "minimax_text_01", "attn_type_list": [0, 1, 0, 0])",
       R"("model_type": "minimax", "layer_types": ["linear_attention", "full_attention", "linear_attention",
       "linear_attention"], "block_size": 256)",  R"("num_local_experts": 4, "num_experts_per_tok": 2)"                                                                 },
      {"GLM-5.2",         R"("indexer_types": ["full", "full", "shared", "full"])",
       R"("index_topk_freq": 2, "index_skip_topk_offset": 2)",                                                 R"("model_type": "glm_moe_dsa", "kv_lora_rank": 32, "q_lora_rank": 32, "qk_nope_head_dim": 16, "qk_rope_head_dim": 8,
       "v_head_dim": 16, "index_n_heads": 2, "index_head_dim": 8, "index_topk": 16)" },
      {"DeepSeek V4",     R"("compress_ratios": [0, 4, 128, 4], "num_hash_layers": 1, "qk_rope_head_dim": 8)",
       R"("layer_types": ["sliding_attention", "compressed_sparse_attention", "heavily_compressed_attention",
       "compressed_sparse_attention"], "mlp_layer_types": ["hash_moe", "moe", "moe", "moe"], "partial_rotary_factor": 0.5,
       "compress_rates": {"compressed_sparse_attention": 4, "heavily_compressed_attention": 128})", R"("model_type": "deepseek_v4", "q_lora_rank": 32, "o_lora_rank": 32, "o_groups": 2, "index_n_heads": 2,
       "index_head_dim": 8, "index_topk": 16, "sliding_window": 16, "hc_mult": 4, "n_routed_experts": 4,
       "num_experts_per_tok": 2, "moe_intermediate_size": 32)"              },
  };
  for (const Row& row : table) {
    INFO(row.what);
    const auto read = [&](const char* kinds) {
      return read_hf_config(
          json::parse(
              std::string(
                  R"({"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 4, "vocab_size": 100,
            "num_attention_heads": 4, "num_key_value_heads": 4, "head_dim": 16, "max_position_embeddings": 64, )") +
              kinds + ", " + row.rest + "}"),
          rows(), "c");
    };
    CHECK(read(row.after) == read(row.before));
  }
}

TEST_CASE("the type of a config is found by its class and by its wrapper") {
  const auto type = [](const char* config) { return model_type_of(json::parse(config), rows(), "c"); };
  CHECK(type(R"({"model_type": "deepseek_ref", "architectures": ["DeepseekV4ForCausalLM"]})") ==
        "deepseek_v4");
  CHECK(type(R"({"architectures": ["LlamaForCausalLM"]})") == "llama");
  CHECK(type(R"({"model_type": "bailing_moe", "architectures": ["BailingMoeV2ForCausalLM"]})") ==
        "bailing_moe_v2");
  CHECK(type(R"({"model_type": "minimax_m3_vl", "text_config": {"hidden_size": 8}})") == "minimax_m3");
  CHECK(type(R"({"model_type": "minimax_m3_vl", "text_config": {"model_type": "minimax_m2"}})") ==
        "minimax_m3");
  CHECK(type(R"({"model_type": "deepseek_vl", "text_config": {"model_type": "llama"}})") == "llama");
  CHECK(type(R"({"model_type": "qwen3_omni_moe", "thinker_config": {"model_type": "qwen3_omni_moe_thinker",
    "text_config": {"model_type": "qwen3_omni_moe_text"}}})") == "qwen3_vl_moe");
  CHECK(refusal([&] { type(R"({"model_type": "rwkv7"})"); }, ErrorCode::unsupported) ==
        "c: model_type \"rwkv7\" is not estimated yet, though llama.cpp 0.5.0 knows it as rwkv7 (--as TYPE "
        "reads it as another type)");
}

TEST_CASE("fields of a quantization that are not understood are refused") {
  const auto read = [](const char* config) { return read_quantization(json::parse(config), "c"); };
  const auto refused_with = [&](const char* config) {
    return refusal([&] { read(config); }, ErrorCode::unsupported);
  };
  CHECK(refused_with(R"({"quant_method": "awq", "bits": 4, "group_size": 128, "outlier_columns": 64})") ==
        "c: quantization_config: outlier_columns: this field is unknown, and it may change what the packed "
        "weights "
        "take (--ignore-field outlier_columns reads the config without it)");
  CHECK(refused_with(R"({"quant_method": "gptq", "bits": 4, "group_size": 128, "lm_head": true})")
            .starts_with("c: quantization_config: lm_head: "));
  CHECK(refused_with(R"({"quant_method": "gptq", "bits": "4", "group_size": 128})")
            .starts_with("c: quantization_config: bits: the value of this field is not understood"));
  CHECK(read_quantization(json::parse(R"({"quant_method": "awq", "bits": 4, "outlier_columns": 64})"), "c",
                          {"outlier_columns"})
            ->packing.has_value());

  const char* mixed[] = {
      R"({"quant_method": "modelopt", "quant_algo": "MIXED_PRECISION", "quantized_layers": {"a": {"quant_algo": "FP8"}}})",
      R"({"quant_method": "fp8", "weight_block_size": [128, 128], "moe_quant_algo": "NVFP4"})",
      R"({"quant_method": "compressed-tensors", "config_groups": {"group_0": {"weights": {"num_bits": 8, "type": "float"}},
        "group_1": {"weights": {"num_bits": 4, "type": "float"}}}})",
      R"({"quant_method": "compressed-tensors", "config_groups": {"group_0": 5,
        "group_1": {"weights": {"num_bits": 4, "type": "float"}}}})",
      R"({"quant_method": "gptq", "bits": 4, "group_size": 128, "dynamic": {"-:.*gate": {}}})",
  };
  for (const char* config : mixed) {
    INFO(config);
    CHECK_FALSE(read(config)->packing.has_value());
  }
  const NamedPacking escaped =
      *read(R"({"quant_method": "compressed-tensors", "config_groups": {"group_0": {"weights":
    {"num_bits": 8, "type": "float", "strategy": "block", "block_structure": [128, 128]}}},
    "ignore": ["re:.*\\.self_attn\\.q_proj$", "re:.*\\.self_attn\\.o_proj$"], "sparsity_config": {"format": "dense"}})");
  CHECK(escaped.packing->layout.parts == PartSet{PackedPart::indexer, PackedPart::linear_attention,
                                                 PackedPart::feed_forward, PackedPart::experts,
                                                 PackedPart::shared_experts});
}

TEST_CASE("JSON with many values is read in one pass, up to a limit") {
  std::string lists = "[";
  for (int i = 0; i < 1000; ++i) lists += i == 0 ? "{}" : ",{}";
  lists += "]";
  CHECK(read_json(lists, "c").size() == 1000);
  CHECK(refusal([&] { read_json(lists, "c", {}, 1000); }) == "c: more than 1000 values");
  CHECK(read_json(lists, "c", {}, 1001).size() == 1000);
  CHECK(without_python_numbers("[NaN,-Infinity,NaN,Infinity]") == "[null,null,null,null]");
  CHECK(without_python_numbers(R"(["-1", -1, "I", "N\"aN"])") == R"(["-1", -1, "I", "N\"aN"])");
}
