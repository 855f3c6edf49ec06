#include "source/hf_modules.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <span>
#include <tuple>

#include "vramcalc/packing.hpp"

namespace vramcalc::source {
namespace {

using Words = std::vector<std::string_view>;
using Names = std::span<const std::string_view>;

Words words_of(std::string_view name) {
  Words words;
  while (!name.empty()) {
    const std::size_t dot = std::min(name.find('.'), name.size());
    words.push_back(name.substr(0, dot));
    name.remove_prefix(std::min(dot + 1, name.size()));
  }
  return words;
}

bool is_one_of(Names names, std::string_view word) { return std::ranges::find(names, word) != names.end(); }
bool has_one_of(Names names, const Words& words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return is_one_of(names, word); });
}

std::optional<std::int32_t> number_in(std::string_view word) {
  std::int32_t number = 0;
  const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), number);
  const bool good = code == std::errc() && end == word.data() + word.size() && number >= 0;
  return good ? std::optional(number) : std::nullopt;
}

// ---- where a tensor is

constexpr std::string_view tower_names[] = {"visual",
                                            "vision_tower",
                                            "vision_model",
                                            "vision",
                                            "vit",
                                            "vpm",
                                            "resampler",
                                            "vision_embedder",
                                            "embed_vision",
                                            "embed_audio",
                                            "audio_tower",
                                            "audio_model",
                                            "audio",
                                            "audio_encoder",
                                            "audio_projector",
                                            "multi_modal_projector",
                                            "mm_projector",
                                            "mlp1",
                                            "merger",
                                            "patch_merge_mlp",
                                            "patch_merger",
                                            "image_newline",
                                            "view_seperator",
                                            "img_projection",
                                            "vision_adapter",
                                            "vision_encoder",
                                            "vision_language_adapter",
                                            "sound_encoder",
                                            "sound_projection",
                                            "token2wav",
                                            "talker",
                                            "mm_token_embed"};
constexpr std::string_view layer_lists[] = {"layers", "h", "blocks", "block", "decoder_layers"};
constexpr std::string_view prediction_names[] = {"mtp", "mtp_layers", "mtp_block", "nextn", "mtp_predictor"};

struct Place {
  std::int32_t layer = -1;
  bool prediction = false;
  std::size_t inside = 0;  // the first word inside the layer or the model
};

Place place_of(const Words& words, std::int32_t trunk_layers) {
  Place place;
  const bool predicts = has_one_of(prediction_names, words);
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (!is_one_of(layer_lists, words[i]) && !(predicts && is_one_of(prediction_names, words[i]))) continue;
    const std::optional<std::int32_t> number = number_in(words[i + 1]);
    if (!number) continue;
    place.layer = *number;
    place.inside = i + 2;
    break;
  }
  place.prediction = predicts || (trunk_layers > 0 && place.layer >= trunk_layers);
  if (predicts) place.layer = trunk_layers + std::max(place.layer, 0);
  return place;
}

// ---- what it is

// Companions of a quantized matrix, as the last word or the end of it.
constexpr std::string_view companions[] = {"weight_scale_inv",
                                           "weight_scale",
                                           "weight_scale_2",
                                           "weight_global_scale",
                                           "input_scale",
                                           "input_global_scale",
                                           "input_amax",
                                           "weight_shape",
                                           "weight_zero_point",
                                           "weight_g_idx",
                                           "qzeros",
                                           "scales",
                                           "g_idx",
                                           "biases",
                                           "absmax",
                                           "quant_map",
                                           "nested_absmax",
                                           "nested_quant_map",
                                           "SCB",
                                           "weight_format",
                                           "suh",
                                           "svh",
                                           "su",
                                           "sv",
                                           "mcg",
                                           "mul1",
                                           "q_scale_max",
                                           "q_scale",
                                           "q_groups",
                                           "q_group_map",
                                           "q_perm",
                                           "q_invperm",
                                           "k_scale",
                                           "v_scale",
                                           "act_scale",
                                           "weight_scale_max",
                                           "scale"};
constexpr std::string_view values[] = {"weight", "qweight", "weight_packed", "q_weight", "trellis", "blocks"};

bool is_companion(std::string_view word) {
  return is_one_of(companions, word) || word.starts_with("bitsandbytes__");
}

struct RoleName {
  std::string_view name;
  TensorKind kind;
};

constexpr std::array indexer_names{
    RoleName{"wq_b",         Role::indexer_q_b   },
    RoleName{"q_b_proj",     Role::indexer_q_b   },
    RoleName{"wk",           Role::indexer_k     },
    RoleName{"k_proj",       Role::indexer_k     },
    RoleName{"k_norm",       Role::indexer_k_norm},
    RoleName{"q_norm",       Role::indexer_q_norm},
    RoleName{"weights_proj", Role::indexer_proj  },
    RoleName{"q_proj",       Role::indexer_q_proj},
};
constexpr std::array router_names{
    RoleName{"gate",   Role::router},
    RoleName{"router", Role::router},
    RoleName{"proj",   Role::router},
    RoleName{"layer",  Role::router},
};
constexpr std::array shared_names{
    RoleName{"gate_proj",    Role::shared_gate  },
    RoleName{"w1",           Role::shared_gate  },
    RoleName{"up_proj",      Role::shared_up    },
    RoleName{"w3",           Role::shared_up    },
    RoleName{"gate_up_proj", Role::shared_up    },
    RoleName{"down_proj",    Role::shared_down  },
    RoleName{"w2",           Role::shared_down  },
    RoleName{"gate",         Role::shared_router},
};
constexpr std::array expert_names{
    RoleName{"gate_proj",    Role::expert_gate   },
    RoleName{"w1",           Role::expert_gate   },
    RoleName{"up_proj",      Role::expert_up     },
    RoleName{"w3",           Role::expert_up     },
    RoleName{"gate_up_proj", Role::expert_gate_up},
    RoleName{"gate_up",      Role::expert_gate_up},
    RoleName{"down_proj",    Role::expert_down   },
    RoleName{"w2",           Role::expert_down   },
};
constexpr std::array feed_forward_names{
    RoleName{"gate_proj",     Role::gate},
    RoleName{"w1",            Role::gate},
    RoleName{"up_proj",       Role::up  },
    RoleName{"w3",            Role::up  },
    RoleName{"gate_up_proj",  Role::up  },
    RoleName{"fc1",           Role::up  },
    RoleName{"c_fc",          Role::up  },
    RoleName{"dense_h_to_4h", Role::up  },
    RoleName{"down_proj",     Role::down},
    RoleName{"w2",            Role::down},
    RoleName{"fc2",           Role::down},
    RoleName{"c_proj",        Role::down},
    RoleName{"dense_4h_to_h", Role::down},
};
constexpr std::array linear_attention_names{
    RoleName{"in_proj_qkvz", Role::qkv                          },
    RoleName{"in_proj_qkv",  Role::qkv                          },
    RoleName{"in_proj_z",    Role::attn_gate                    },
    RoleName{"in_proj_ba",   Role::ssm_ba                       },
    RoleName{"in_proj_b",    Role::ssm_beta                     },
    RoleName{"in_proj_a",    Role::ssm_alpha                    },
    RoleName{"b_proj",       Role::ssm_beta                     },
    RoleName{"f_a_proj",     Role::ssm_f_a                      },
    RoleName{"f_b_proj",     Role::ssm_f_b                      },
    RoleName{"g_a_proj",     Role::ssm_g_a                      },
    RoleName{"g_b_proj",     Role::ssm_g_b                      },
    RoleName{"q_conv1d",     Role::ssm_conv1d_q                 },
    RoleName{"k_conv1d",     Role::ssm_conv1d_k                 },
    RoleName{"v_conv1d",     Role::ssm_conv1d_v                 },
    RoleName{"o_norm",       Role::ssm_norm                     },
    RoleName{"in_proj",      Role::ssm_in                       },
    RoleName{"out_proj",     Role::ssm_out                      },
    RoleName{"x_proj",       Role::ssm_x                        },
    RoleName{"dt_proj",      Role::ssm_dt                       },
    RoleName{"conv1d",       Role::ssm_conv1d                   },
    RoleName{"A_log",        {Role::ssm_a, Component::parameter}},
    RoleName{"D",            {Role::ssm_d, Component::parameter}},
    RoleName{"dt_bias",      {Role::ssm_dt, Component::bias}    },
    RoleName{"norm",         Role::ssm_norm                     },
};
constexpr std::array short_convolution_names{
    RoleName{"in_proj",  Role::shortconv_in },
    RoleName{"out_proj", Role::shortconv_out},
    RoleName{"conv",     Role::shortconv    },
};
constexpr std::array attention_names{
    RoleName{"q_proj",              Role::q         },
    RoleName{"wq",                  Role::q         },
    RoleName{"k_proj",              Role::k         },
    RoleName{"wk",                  Role::k         },
    RoleName{"v_proj",              Role::v         },
    RoleName{"wv",                  Role::v         },
    RoleName{"qkv_proj",            Role::qkv       },
    RoleName{"query_key_value",     Role::qkv       },
    RoleName{"c_attn",              Role::qkv       },
    RoleName{"Wqkv",                Role::qkv       },
    RoleName{"wqkv",                Role::qkv       },
    RoleName{"W_pack",              Role::qkv       },
    RoleName{"o_proj",              Role::o         },
    RoleName{"wo",                  Role::o         },
    RoleName{"out_proj",            Role::o         },
    RoleName{"c_proj",              Role::o         },
    RoleName{"dense",               Role::o         },
    RoleName{"q_norm",              Role::q_norm    },
    RoleName{"q_layernorm",         Role::q_norm    },
    RoleName{"query_layernorm",     Role::q_norm    },
    RoleName{"k_norm",              Role::k_norm    },
    RoleName{"k_layernorm",         Role::k_norm    },
    RoleName{"key_layernorm",       Role::k_norm    },
    RoleName{"gate_proj",           Role::attn_gate },
    RoleName{"g_proj",              Role::attn_gate },
    RoleName{"sinks",               Role::attn_sinks},
    RoleName{"attn_sink",           Role::attn_sinks},
    RoleName{"attention_sink_bias", Role::attn_sinks},
    RoleName{"q_a_proj",            Role::q_a       },
    RoleName{"wq_a",                Role::q_a       },
    RoleName{"q_a_layernorm",       Role::q_a_norm  },
    RoleName{"q_b_proj",            Role::q_b       },
    RoleName{"wq_b",                Role::q_b       },
    RoleName{"kv_a_proj_with_mqa",  Role::kv_a      },
    RoleName{"wkv_a",               Role::kv_a      },
    RoleName{"kv_a_layernorm",      Role::kv_a_norm },
    RoleName{"kv_norm",             Role::kv_a_norm },
    RoleName{"kv_b_proj",           Role::kv_b      },
    RoleName{"wkv_b",               Role::kv_b      },
    RoleName{"wkv",                 Role::kv        },
    RoleName{"wo_a",                Role::o_a       },
    RoleName{"wo_b",                Role::o_b       },
};
constexpr std::array layer_names{
    RoleName{"input_layernorm",              Role::attn_norm           },
    RoleName{"ln_1",                         Role::attn_norm           },
    RoleName{"attention_norm",               Role::attn_norm           },
    RoleName{"attn_norm",                    Role::attn_norm           },
    RoleName{"operator_norm",                Role::attn_norm           },
    RoleName{"norm",                         Role::attn_norm           },
    RoleName{"post_attention_layernorm",     Role::ffn_norm            },
    RoleName{"ffn_norm",                     Role::ffn_norm            },
    RoleName{"ln_2",                         Role::ffn_norm            },
    RoleName{"pre_feedforward_layernorm",    Role::ffn_norm            },
    RoleName{"pre_mlp_layernorm",            Role::ffn_norm            },
    RoleName{"pre_feedforward_layernorm_2",  Role::pre_ffw_norm_2      },
    RoleName{"post_feedforward_layernorm",   Role::post_ffw_norm       },
    RoleName{"post_feedforward_layernorm_1", Role::post_ffw_norm_1     },
    RoleName{"post_feedforward_layernorm_2", Role::post_ffw_norm_2     },
    RoleName{"post_mlp_layernorm",           Role::post_ffw_norm       },
    RoleName{"layer_scalar",                 Role::layer_output_scale  },
    RoleName{"per_layer_input_gate",         Role::per_layer_gate      },
    RoleName{"per_layer_projection",         Role::per_layer_output    },
    RoleName{"post_per_layer_input_norm",    Role::per_layer_post_norm },
    RoleName{"shared_expert_gate",           Role::shared_router       },
    RoleName{"fc1_latent_proj",              Role::latent_down         },
    RoleName{"fc2_latent_proj",              Role::latent_up           },
    RoleName{"eh_proj",                      Role::nextn_projection    },
    RoleName{"enorm",                        Role::nextn_embedding_norm},
    RoleName{"hnorm",                        Role::nextn_hidden_norm   },
    RoleName{"embed_tokens",                 Role::nextn_embedding     },
    RoleName{"final_layernorm",              Role::nextn_head_norm     },
};
constexpr std::array prediction_head_names{
    RoleName{"fc",                    Role::nextn_projection    },
    RoleName{"pre_fc_norm_embedding", Role::nextn_embedding_norm},
    RoleName{"pre_fc_norm_hidden",    Role::nextn_hidden_norm   },
    RoleName{"norm",                  Role::nextn_head_norm     },
    RoleName{"head",                  Role::nextn_head          },
    RoleName{"lm_head",               Role::nextn_head          },
    RoleName{"embed_tokens",          Role::nextn_embedding     },
};
constexpr std::array outer_names{
    RoleName{"embed_tokens",               Role::embedding                },
    RoleName{"wte",                        Role::embedding                },
    RoleName{"word_embeddings",            Role::embedding                },
    RoleName{"tok_embeddings",             Role::embedding                },
    RoleName{"embeddings",                 Role::embedding                },
    RoleName{"embedding",                  Role::embedding                },
    RoleName{"embed",                      Role::embedding                },
    RoleName{"embed_in",                   Role::embedding                },
    RoleName{"wpe",                        Role::position_embedding       },
    RoleName{"embed_positions",            Role::position_embedding       },
    RoleName{"lm_head",                    Role::output                   },
    RoleName{"head",                       Role::output                   },
    RoleName{"output",                     Role::output                   },
    RoleName{"embed_out",                  Role::output                   },
    RoleName{"norm",                       Role::output_norm              },
    RoleName{"norm_f",                     Role::output_norm              },
    RoleName{"ln_f",                       Role::output_norm              },
    RoleName{"final_layernorm",            Role::output_norm              },
    RoleName{"embedding_norm",             Role::output_norm              },
    RoleName{"embed_tokens_per_layer",     Role::per_layer_embedding      },
    RoleName{"per_layer_model_projection", Role::per_layer_projection     },
    RoleName{"per_layer_projection_norm",  Role::per_layer_projection_norm},
};

using RoleNames = std::span<const RoleName>;

// The table of the innermost module that is known: experts are inside the feed-forward part.
struct ModuleTable {
  Names modules;
  RoleNames names;
};
constexpr std::string_view indexer_modules[] = {"indexer"};
constexpr std::string_view shared_modules[] = {"shared_experts", "shared_expert", "shared_mlp",
                                               "share_expert"};
constexpr std::string_view expert_modules[] = {"experts", "switch_mlp"};
constexpr std::string_view router_modules[] = {"router", "gate"};
constexpr std::string_view linear_modules[] = {"linear_attn", "mamba", "kda", "mixer"};
constexpr std::string_view convolution_modules[] = {"conv", "short_conv"};
constexpr std::string_view attention_modules[] = {"self_attn", "attention", "attn", "self_attention",
                                                  "mixer"};
constexpr std::string_view feed_forward_modules[] = {"mlp", "feed_forward", "ffn",        "block_sparse_moe",
                                                     "moe", "mixer",        "shared_mlp", "dense_mlp"};
constexpr ModuleTable module_tables[] = {
    {indexer_modules,      indexer_names          },
    {shared_modules,       shared_names           },
    {expert_modules,       expert_names           },
    {linear_modules,       linear_attention_names },
    {convolution_modules,  short_convolution_names},
    {attention_modules,    attention_names        },
    {feed_forward_modules, feed_forward_names     },
    {router_modules,       router_names           },
};

std::optional<TensorKind> named(RoleNames names, std::string_view name) {
  const auto found = std::ranges::find(names, name, &RoleName::name);
  return found == names.end() ? std::nullopt : std::optional(found->kind);
}

// Experts in one tensor are named "gate_up_proj_blocks", "down_proj_bias".
std::string_view without_ending(std::string_view name, std::string_view& ending) {
  for (const std::string_view each : {"_blocks", "_scales", "_bias", "_scale_inv", "_scale"})
    if (name.size() > each.size() && name.ends_with(each)) {
      ending = each.substr(1);
      return name.substr(0, name.size() - each.size());
    }
  return name;
}

// The last word that names a module or parameter, and what precedes it.
struct Leaf {
  std::string_view name;
  Component component = Component::weight;
  bool scale = false;
  std::size_t end = 0;  // words up to here precede it
};

Leaf leaf_of(const Words& words, std::size_t inside) {
  Leaf leaf;
  std::size_t end = words.size();
  while (end > inside + 1 && is_companion(words[end - 1])) leaf.scale = true, --end;
  if (end > inside + 1 && words[end - 1] == "quant_state") leaf.scale = true, --end;
  if (end > inside + 1 && is_one_of(values, words[end - 1])) --end;
  if (end > inside + 1 && words[end - 1] == "bias") leaf.component = Component::bias, --end;
  std::string_view ending;
  leaf.name = without_ending(words[end - 1], ending);
  leaf.end = end - 1;
  if (ending == "bias" && leaf.name != "dt" && leaf.name != "attention_sink" &&
      leaf.name != "e_score_correction")
    leaf.component = Component::bias;
  else if (ending == "bias")
    leaf.name = words[end - 1];
  leaf.scale = leaf.scale || ending.starts_with("scale");
  return leaf;
}

bool is_correction(std::string_view name) {
  constexpr std::string_view names[] = {"e_score_correction_bias", "e_score_correction", "expert_bias",
                                        "expert_bias_correction"};
  return is_one_of(names, name);
}

TensorKind with_component(TensorKind kind, Component component) {
  if (component == Component::bias && kind.component == Component::weight) kind.component = Component::bias;
  return kind;
}

std::optional<TensorKind> kind_in_layer(const Words& words, const Place& place, const Leaf& leaf) {
  if (is_correction(leaf.name)) return TensorKind(Role::router_correction, Component::bias);
  for (const ModuleTable& table : module_tables)
    for (std::size_t i = place.inside; i < leaf.end; ++i)
      if (is_one_of(table.modules, words[i]))
        if (const auto kind = named(table.names, leaf.name)) return kind;
  if (is_one_of(router_modules, leaf.name) && leaf.end > place.inside) return TensorKind(Role::router);
  for (std::size_t i = place.inside; i < leaf.end; ++i)
    if (words[i] == "shared_head")
      return TensorKind(leaf.name == "norm" ? Role::nextn_head_norm : Role::nextn_head);
  if (is_one_of(router_modules, leaf.name)) return TensorKind(Role::router);
  if (const auto kind = named(layer_names, leaf.name)) return kind;
  if (const auto kind = named(attention_names, leaf.name)) return kind;
  return named(linear_attention_names, leaf.name);
}

std::optional<TensorKind> kind_of(const Words& words, const Place& place, const Leaf& leaf) {
  if (place.inside > 0) {
    const auto kind = kind_in_layer(words, place, leaf);
    return kind || !place.prediction ? kind : named(prediction_head_names, leaf.name);
  }
  return named(place.prediction ? RoleNames(prediction_head_names) : RoleNames(outer_names), leaf.name);
}

bool is_packed_dtype(std::string_view dtype) {
  return dtype != "BF16" && dtype != "F16" && dtype != "F32" && dtype != "F64" && dtype != "I64" &&
         dtype != "BOOL";
}

std::uint64_t elements_of(const CheckpointTensor& tensor) {
  std::uint64_t elements = 1;
  for (const std::uint64_t dimension : tensor.shape) elements = checked_multiply(elements, dimension);
  return elements;
}

using PartKey = std::tuple<bool, std::int32_t, bool, TensorKind>;
PartKey key_of(const CheckpointPart& part) { return {part.tower, part.layer, part.prediction, part.kind}; }

}  // namespace

HfModule hf_module(std::string_view tensor, std::int32_t trunk_layers) {
  const Words words = words_of(tensor);
  HfModule module;
  if (words.empty()) return module;
  if (has_one_of(tower_names, words)) {
    module.tower = true;
    return module;
  }
  const Place place = place_of(words, trunk_layers);
  const Leaf leaf = leaf_of(words, place.inside);
  module.layer = place.layer;
  module.prediction = place.prediction;
  module.scale = leaf.scale;
  module.kind = with_component(kind_of(words, place, leaf).value_or(TensorKind()), leaf.component);
  return module;
}

std::vector<CheckpointPart> parts_of_headers(const std::vector<CheckpointTensor>& tensors,
                                             const Architecture& architecture) {
  const auto trunk = static_cast<std::int32_t>(std::ranges::count(architecture.blocks, false, &Block::mtp));
  std::map<PartKey, CheckpointPart> parts;
  for (const CheckpointTensor& tensor : tensors) {
    const HfModule module = hf_module(tensor.name, trunk);
    const PartKey key{module.tower, module.layer, module.prediction, module.kind};
    CheckpointPart& part = parts.try_emplace(key).first->second;
    part.kind = module.kind;
    part.layer = module.layer;
    part.prediction = module.prediction;
    part.tower = module.tower;
    part.packed = part.packed || is_packed_dtype(tensor.dtype);
    if (!module.scale) part.elements = checked_add(part.elements, elements_of(tensor));
    part.bytes += tensor.bytes;
  }
  for (const CheckpointPart& derived : checkpoint_parts(architecture, Packing{}))
    if (const auto found = parts.find(key_of(derived)); found != parts.end() && found->second.packed)
      found->second.elements = derived.elements;
  std::vector<CheckpointPart> list;
  list.reserve(parts.size());
  for (auto& [key, part] : parts) list.push_back(part);
  return list;
}

}  // namespace vramcalc::source
