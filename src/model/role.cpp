#include "vramcalc/role.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace vramcalc {
namespace {

struct Row {
  Role role;
  std::string_view stem;
};

// In the order of the roles. The names are llama.cpp's (0.5.0, src/llama-arch.cpp, LLM_TENSOR_NAMES); names
// of tensors that no GGUF has are ours.
constexpr std::array table{
    Row{Role::other,                     ""                       },
    Row{Role::embedding,                 "token_embd"             },
    Row{Role::position_embedding,        "position_embd"          },
    Row{Role::token_type_embedding,      "token_types"            },
    Row{Role::embedding_norm,            "token_embd_norm"        },
    Row{Role::output_norm,               "output_norm"            },
    Row{Role::output,                    "output"                 },
    Row{Role::pooler,                    "pooler"                 },
    Row{Role::rope_freqs,                "rope_freqs"             },
    Row{Role::rope_factors_long,         "rope_factors_long"      },
    Row{Role::rope_factors_short,        "rope_factors_short"     },
    Row{Role::per_layer_embedding,       "per_layer_token_embd"   },
    Row{Role::per_layer_projection,      "per_layer_model_proj"   },
    Row{Role::per_layer_projection_norm, "per_layer_proj_norm"    },
    Row{Role::altup_projection,          "altup_proj"             },
    Row{Role::altup_unembed_projection,  "altup_unembd_proj"      },
    Row{Role::output_hc_fn,              "output_hc_fn"           },
    Row{Role::output_hc_base,            "output_hc_base"         },
    Row{Role::output_hc_scale,           "output_hc_scale"        },
    Row{Role::output_residual_score,     "output_res_score"       },
    Row{Role::output_residual_norm,      "output_res_norm"        },
    Row{Role::attn_norm,                 "attn_norm"              },
    Row{Role::attn_norm_2,               "attn_norm_2"            },
    Row{Role::attn_output_norm,          "attn_output_norm"       },
    Row{Role::post_attention_norm,       "post_attention_norm"    },
    Row{Role::ffn_norm,                  "ffn_norm"               },
    Row{Role::expert_ffn_norm,           "ffn_norm_exps"          },
    Row{Role::pre_ffw_norm_2,            "pre_ffw_norm_2"         },
    Row{Role::post_ffw_norm,             "post_ffw_norm"          },
    Row{Role::post_ffw_norm_1,           "post_ffw_norm_1"        },
    Row{Role::post_ffw_norm_2,           "post_ffw_norm_2"        },
    Row{Role::layer_output_norm,         "layer_output_norm"      },
    Row{Role::layer_output_scale,        "layer_output_scale"     },
    Row{Role::q,                         "attn_q"                 },
    Row{Role::k,                         "attn_k"                 },
    Row{Role::v,                         "attn_v"                 },
    Row{Role::qkv,                       "attn_qkv"               },
    Row{Role::o,                         "attn_output"            },
    Row{Role::q_norm,                    "attn_q_norm"            },
    Row{Role::k_norm,                    "attn_k_norm"            },
    Row{Role::attn_gate,                 "attn_gate"              },
    Row{Role::attn_sinks,                "attn_sinks"             },
    Row{Role::cross_attn_gate,           "cross_attn_gate"        },
    Row{Role::cross_ffn_gate,            "cross_ffn_gate"         },
    Row{Role::q_a,                       "attn_q_a"               },
    Row{Role::q_a_norm,                  "attn_q_a_norm"          },
    Row{Role::q_b,                       "attn_q_b"               },
    Row{Role::kv_a,                      "attn_kv_a_mqa"          },
    Row{Role::kv_a_norm,                 "attn_kv_a_norm"         },
    Row{Role::kv_b,                      "attn_kv_b"              },
    Row{Role::k_b,                       "attn_k_b"               },
    Row{Role::v_b,                       "attn_v_b"               },
    Row{Role::kv,                        "attn_kv"                },
    Row{Role::o_a,                       "attn_output_a"          },
    Row{Role::o_b,                       "attn_output_b"          },
    Row{Role::compressor_kv,             "attn_compressor_kv"     },
    Row{Role::compressor_gate,           "attn_compressor_gate"   },
    Row{Role::compressor_ape,            "attn_compressor_ape"    },
    Row{Role::compressor_norm,           "attn_compressor_norm"   },
    Row{Role::indexer_q_b,               "indexer.attn_q_b"       },
    Row{Role::indexer_k,                 "indexer.attn_k"         },
    Row{Role::indexer_q_proj,            "indexer.q_proj"         },
    Row{Role::indexer_k_proj,            "indexer.k_proj"         },
    Row{Role::indexer_q_norm,            "indexer.q_norm"         },
    Row{Role::indexer_k_norm,            "indexer.k_norm"         },
    Row{Role::indexer_proj,              "indexer.proj"           },
    Row{Role::indexer_compressor_kv,     "indexer_compressor_kv"  },
    Row{Role::indexer_compressor_gate,   "indexer_compressor_gate"},
    Row{Role::indexer_compressor_ape,    "indexer_compressor_ape" },
    Row{Role::indexer_compressor_norm,   "indexer_compressor_norm"},
    Row{Role::ssm_in,                    "ssm_in"                 },
    Row{Role::ssm_conv1d,                "ssm_conv1d"             },
    Row{Role::ssm_conv1d_q,              "ssm_conv1d_q"           },
    Row{Role::ssm_conv1d_k,              "ssm_conv1d_k"           },
    Row{Role::ssm_conv1d_v,              "ssm_conv1d_v"           },
    Row{Role::ssm_x,                     "ssm_x"                  },
    Row{Role::ssm_dt,                    "ssm_dt"                 },
    Row{Role::ssm_dt_norm,               "ssm_dt_norm"            },
    Row{Role::ssm_b_norm,                "ssm_b_norm"             },
    Row{Role::ssm_c_norm,                "ssm_c_norm"             },
    Row{Role::ssm_a,                     "ssm_a"                  },
    Row{Role::ssm_d,                     "ssm_d"                  },
    Row{Role::ssm_ba,                    "ssm_ba"                 },
    Row{Role::ssm_beta,                  "ssm_beta"               },
    Row{Role::ssm_alpha,                 "ssm_alpha"              },
    Row{Role::ssm_f_a,                   "ssm_f_a"                },
    Row{Role::ssm_f_b,                   "ssm_f_b"                },
    Row{Role::ssm_g,                     "ssm_g"                  },
    Row{Role::ssm_g_a,                   "ssm_g_a"                },
    Row{Role::ssm_g_b,                   "ssm_g_b"                },
    Row{Role::ssm_norm,                  "ssm_norm"               },
    Row{Role::ssm_out,                   "ssm_out"                },
    Row{Role::shortconv,                 "shortconv.conv"         },
    Row{Role::shortconv_in,              "shortconv.in_proj"      },
    Row{Role::shortconv_out,             "shortconv.out_proj"     },
    Row{Role::gate,                      "ffn_gate"               },
    Row{Role::up,                        "ffn_up"                 },
    Row{Role::down,                      "ffn_down"               },
    Row{Role::router,                    "ffn_gate_inp"           },
    Row{Role::router_hash,               "ffn_gate_tid2eid"       },
    Row{Role::router_correction,         "exp_probs_b"            },
    Row{Role::expert_gate,               "ffn_gate_exps"          },
    Row{Role::expert_up,                 "ffn_up_exps"            },
    Row{Role::expert_gate_up,            "ffn_gate_up_exps"       },
    Row{Role::expert_down,               "ffn_down_exps"          },
    Row{Role::chunk_expert_gate,         "ffn_gate_chexps"        },
    Row{Role::chunk_expert_up,           "ffn_up_chexps"          },
    Row{Role::chunk_expert_down,         "ffn_down_chexps"        },
    Row{Role::shared_router,             "ffn_gate_inp_shexp"     },
    Row{Role::shared_gate,               "ffn_gate_shexp"         },
    Row{Role::shared_up,                 "ffn_up_shexp"           },
    Row{Role::shared_down,               "ffn_down_shexp"         },
    Row{Role::latent_down,               "ffn_latent_down"        },
    Row{Role::latent_up,                 "ffn_latent_up"          },
    Row{Role::latent_norm,               "ffn_latent_norm"        },
    Row{Role::routed_down,               "ffn_routed_down"        },
    Row{Role::routed_up,                 "ffn_routed_up"          },
    Row{Role::routed_norm,               "ffn_routed_norm"        },
    Row{Role::per_layer_gate,            "inp_gate"               },
    Row{Role::per_layer_output,          "proj"                   },
    Row{Role::per_layer_post_norm,       "post_norm"              },
    Row{Role::altup_correct_coef,        "altup_correct_coef"     },
    Row{Role::altup_correct_scale,       "altup_correct_scale"    },
    Row{Role::altup_predict_coef,        "altup_predict_coef"     },
    Row{Role::altup_router,              "altup_router"           },
    Row{Role::altup_router_norm,         "altup_router_norm"      },
    Row{Role::laurel_l,                  "laurel_l"               },
    Row{Role::laurel_r,                  "laurel_r"               },
    Row{Role::laurel_post_norm,          "laurel_post_norm"       },
    Row{Role::hc_attn_fn,                "hc_attn_fn"             },
    Row{Role::hc_attn_base,              "hc_attn_base"           },
    Row{Role::hc_attn_scale,             "hc_attn_scale"          },
    Row{Role::hc_ffn_fn,                 "hc_ffn_fn"              },
    Row{Role::hc_ffn_base,               "hc_ffn_base"            },
    Row{Role::hc_ffn_scale,              "hc_ffn_scale"           },
    Row{Role::attn_residual_score,       "attn_res_score"         },
    Row{Role::attn_residual_norm,        "attn_res_norm"          },
    Row{Role::ffn_residual_score,        "ffn_res_score"          },
    Row{Role::ffn_residual_norm,         "ffn_res_norm"           },
    Row{Role::nextn_projection,          "nextn.eh_proj"          },
    Row{Role::nextn_embedding_norm,      "nextn.enorm"            },
    Row{Role::nextn_hidden_norm,         "nextn.hnorm"            },
    Row{Role::nextn_embedding,           "nextn.embed_tokens"     },
    Row{Role::nextn_head,                "nextn.shared_head_head" },
    Row{Role::nextn_head_norm,           "nextn.shared_head_norm" },
    Row{Role::nextn_hc_fn,               "nextn.hc_fn"            },
    Row{Role::nextn_hc_base,             "nextn.hc_base"          },
    Row{Role::nextn_hc_scale,            "nextn.hc_scale"         },
};
static_assert(table.size() == roles);
static_assert([] {
  for (std::size_t i = 0; i < roles; ++i)
    if (table[i].role != static_cast<Role>(i)) return false;
  return true;
}());

constexpr std::array norms{Role::embedding_norm,
                           Role::output_norm,
                           Role::per_layer_projection_norm,
                           Role::output_residual_norm,
                           Role::attn_norm,
                           Role::attn_norm_2,
                           Role::attn_output_norm,
                           Role::post_attention_norm,
                           Role::ffn_norm,
                           Role::expert_ffn_norm,
                           Role::pre_ffw_norm_2,
                           Role::post_ffw_norm,
                           Role::post_ffw_norm_1,
                           Role::post_ffw_norm_2,
                           Role::layer_output_norm,
                           Role::q_norm,
                           Role::k_norm,
                           Role::q_a_norm,
                           Role::kv_a_norm,
                           Role::compressor_norm,
                           Role::indexer_q_norm,
                           Role::indexer_k_norm,
                           Role::indexer_compressor_norm,
                           Role::ssm_dt_norm,
                           Role::ssm_b_norm,
                           Role::ssm_c_norm,
                           Role::ssm_norm,
                           Role::latent_norm,
                           Role::routed_norm,
                           Role::per_layer_post_norm,
                           Role::altup_router_norm,
                           Role::laurel_post_norm,
                           Role::attn_residual_norm,
                           Role::ffn_residual_norm,
                           Role::nextn_embedding_norm,
                           Role::nextn_hidden_norm,
                           Role::nextn_head_norm};
constexpr std::array convolutions{Role::ssm_conv1d, Role::ssm_conv1d_q, Role::ssm_conv1d_k,
                                  Role::ssm_conv1d_v, Role::shortconv};

template <std::size_t count>
constexpr auto set_of(const std::array<Role, count>& members) {
  std::array<bool, roles> set{};
  for (const Role role : members) set[static_cast<std::size_t>(role)] = true;
  return set;
}
constexpr auto norm_set = set_of(norms);
constexpr auto convolution_set = set_of(convolutions);

constexpr std::string_view stem(Role role) { return table[static_cast<std::size_t>(role)].stem; }

constexpr auto by_stem = [] {
  std::array<Role, roles> sorted{};
  std::ranges::transform(table, sorted.begin(), &Row::role);
  std::ranges::sort(sorted, {}, stem);
  return sorted;
}();

constexpr std::array<std::string_view, 4> endings{".weight", ".bias", ".scale", ""};  // by component

Role role_with_stem(std::string_view wanted) {
  const auto found = std::ranges::lower_bound(by_stem, wanted, {}, stem);
  return found != by_stem.end() && stem(*found) == wanted ? *found : Role::other;
}

}  // namespace

std::string_view stem_of(Role role) { return stem(role); }

std::string tensor_name(TensorKind kind, std::int32_t layer) {
  const std::string_view ending = endings[static_cast<std::size_t>(kind.component)];
  return layer < 0 ? fmt::format("{}{}", stem_of(kind.role), ending)
                   : fmt::format("blk.{}.{}{}", layer, stem_of(kind.role), ending);
}

TensorKind tensor_kind(std::string_view name) {
  const auto ending =
      std::ranges::find_if(endings, [&](std::string_view each) { return name.ends_with(each); });
  name.remove_suffix(ending->size());
  return {role_with_stem(name), static_cast<Component>(ending - endings.begin())};
}

bool is_norm(Role role) { return norm_set[static_cast<std::size_t>(role)]; }

bool is_convolution(Role role) { return convolution_set[static_cast<std::size_t>(role)]; }

}  // namespace vramcalc
