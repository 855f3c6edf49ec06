#include <array>

#include "source/hf_fields.hpp"

namespace vramcalc::source {
namespace {

using nlohmann::json;

struct Defaults {
  std::string_view model_type, fields;
};

// Widths and heads that a nested language-model config omits if they equal its class's defaults. A top-level
// config always states them (PretrainedConfig.to_diff_dict), so there they remain required.
constexpr std::array inner_shapes{
    Defaults{
             "cohere2",    R"({"vocab_size": 256000, "hidden_size": 8192, "intermediate_size": 22528, "num_hidden_layers": 40,
        "num_attention_heads": 64, "max_position_embeddings": 8192, "sliding_window": 4096})"},
    Defaults{
             "gemma",      R"({"vocab_size": 256000, "hidden_size": 3072, "intermediate_size": 24576, "num_hidden_layers": 28,
        "num_attention_heads": 16, "num_key_value_heads": 16, "head_dim": 256, "max_position_embeddings": 8192})"},
    Defaults{
             "gemma2",     R"({"vocab_size": 256000, "hidden_size": 2304, "intermediate_size": 9216, "num_hidden_layers": 26,
        "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256, "max_position_embeddings": 8192, "sliding_window": 4096})" },
    Defaults{
             "granite",    R"({"vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32,
        "num_attention_heads": 32, "max_position_embeddings": 2048})" },
    Defaults{
             "llama",      R"({"vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32,
        "num_attention_heads": 32, "max_position_embeddings": 2048})" },
    Defaults{
             "mistral",    R"({"vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
        "num_attention_heads": 32, "num_key_value_heads": 8, "max_position_embeddings": 131072})" },
    Defaults{
             "mixtral",    R"({"vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
        "num_attention_heads": 32, "num_key_value_heads": 8, "max_position_embeddings": 131072})" },
    Defaults{"phi",
             R"({"vocab_size": 51200, "hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": 24,
        "num_attention_heads": 32, "max_position_embeddings": 2048})"                },
    Defaults{"phi3",
             R"({"vocab_size": 32064, "hidden_size": 3072, "intermediate_size": 8192, "num_hidden_layers": 32,
        "num_attention_heads": 32, "max_position_embeddings": 4096})"                },
    Defaults{
             "qwen2",      R"({"vocab_size": 151936, "hidden_size": 4096, "intermediate_size": 22016, "num_hidden_layers": 32,
        "num_attention_heads": 32, "num_key_value_heads": 32, "max_position_embeddings": 32768})"},
    Defaults{
             "qwen2_vl",   R"({"vocab_size": 152064, "hidden_size": 8192, "intermediate_size": 29568, "num_hidden_layers": 80,
        "num_attention_heads": 64, "num_key_value_heads": 8, "max_position_embeddings": 32768})"},
    Defaults{
             "qwen2_5_vl", R"({"vocab_size": 152064, "hidden_size": 8192, "intermediate_size": 29568, "num_hidden_layers": 80,
        "num_attention_heads": 64, "num_key_value_heads": 8, "max_position_embeddings": 32768})"},
    Defaults{
             "qwen3",      R"({"vocab_size": 151936, "hidden_size": 4096, "intermediate_size": 22016, "num_hidden_layers": 32,
        "num_attention_heads": 32, "num_key_value_heads": 32, "head_dim": 128, "max_position_embeddings": 32768})"},
    Defaults{
             "qwen3_moe",  R"({"vocab_size": 151936, "hidden_size": 2048, "intermediate_size": 6144, "num_hidden_layers": 24,
        "num_attention_heads": 32, "num_key_value_heads": 4, "max_position_embeddings": 32768, "moe_intermediate_size": 768,
        "num_experts": 128, "num_experts_per_tok": 8})" },
    Defaults{
             "qwen3_vl",   R"({"vocab_size": 151936, "hidden_size": 4096, "intermediate_size": 22016, "num_hidden_layers": 32,
        "num_attention_heads": 32, "num_key_value_heads": 32, "head_dim": 128, "max_position_embeddings": 128000})"},
};

// Mamba 2 has no maximum context; conversion/mamba.py writes 2^20. Mamba's and StarCoder2's classes inherit
// tied embeddings from the base class, where they are the default.
constexpr std::array class_fields{
    Defaults{
             "gemma3",       R"({"vocab_size": 262208, "hidden_size": 2304, "intermediate_size": 9216, "num_hidden_layers": 26,
        "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256, "max_position_embeddings": 131072, "sliding_window": 4096})"       },
    Defaults{"gemma3n",      R"({"vocab_size": 262400, "vocab_size_per_layer_input": 262144, "hidden_size": 2048,
        "hidden_size_per_layer_input": 256, "intermediate_size": 16384, "num_hidden_layers": 35, "num_attention_heads": 8,
        "num_key_value_heads": 2, "head_dim": 256, "max_position_embeddings": 32768, "sliding_window": 512,
        "num_kv_shared_layers": 15, "laurel_rank": 64, "altup_num_inputs": 4})"                     },
    Defaults{
             "llama4",       R"({"vocab_size": 202048, "hidden_size": 5120, "intermediate_size": 8192, "intermediate_size_mlp": 16384,
        "num_hidden_layers": 48, "num_attention_heads": 40, "num_key_value_heads": 8, "head_dim": 128,
        "max_position_embeddings": 131072, "num_experts_per_tok": 1, "num_local_experts": 16, "interleave_moe_layer_step": 1,
        "attention_chunk_size": 8192, "n_shared_experts": 1})"},
    Defaults{
             "mistral3",     R"({"vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
        "num_attention_heads": 32, "num_key_value_heads": 8, "max_position_embeddings": 131072})"       },
    Defaults{
             "llava",        R"({"vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32,
        "num_attention_heads": 32, "max_position_embeddings": 2048})"       },
    Defaults{"gpt_bigcode",  R"({"multi_query": true})"                                                                               },
    Defaults{"mixtral",      R"({"num_local_experts": 8, "num_experts_per_tok": 2})"                                                  },
    Defaults{"mamba2",
             R"({"n_groups": 8, "conv_kernel": 4, "state_size": 128, "max_position_embeddings": 1048576})"                            },
    Defaults{"bloom",        R"({"max_position_embeddings": 2048})"                                                                   },
    Defaults{"falcon",       R"({"max_position_embeddings": 2048})"                                                                   },
    Defaults{"mamba",        R"({"max_position_embeddings": 2048, "tie_word_embeddings": true})"                                      },
    Defaults{"falcon_mamba", R"({"max_position_embeddings": 8192, "tie_word_embeddings": true})"                                      },
    Defaults{"starcoder2",   R"({"tie_word_embeddings": true})"                                                                       },
    Defaults{"minicpm",      R"({"tie_word_embeddings": true})"                                                                       },
};

template <std::size_t Count>
json find(const std::array<Defaults, Count>& defaults, std::string_view model_type) {
  for (const Defaults& each : defaults)
    if (each.model_type == model_type) return json::parse(each.fields);
  return json::object();
}

}  // namespace

json class_defaults(std::string_view model_type) { return find(class_fields, model_type); }

json inner_defaults(std::string_view model_type) { return find(inner_shapes, model_type); }

}  // namespace vramcalc::source
