#include "quantization/role_rules.hpp"

#include <array>

namespace vramcalc {
namespace {

template <class Value>
struct Row {
  Role role;
  Value value;
};
template <class Value>
Row(Role, Value) -> Row<Value>;

// Experts and fused matrices belong to the category of their kind.
constexpr std::array category_rows{
    Row{Role::output,              TensorCategory::output     },
    Row{Role::embedding,           TensorCategory::embedding  },
    Row{Role::per_layer_embedding, TensorCategory::embedding  },
    Row{Role::qkv,                 TensorCategory::qkv        },
    Row{Role::kv_b,                TensorCategory::kv_b       },
    Row{Role::v,                   TensorCategory::v          },
    Row{Role::k,                   TensorCategory::k          },
    Row{Role::indexer_k,           TensorCategory::k          },
    Row{Role::q,                   TensorCategory::q          },
    Row{Role::o,                   TensorCategory::attn_output},
    Row{Role::up,                  TensorCategory::ffn_up     },
    Row{Role::expert_up,           TensorCategory::ffn_up     },
    Row{Role::chunk_expert_up,     TensorCategory::ffn_up     },
    Row{Role::shared_up,           TensorCategory::ffn_up     },
    Row{Role::gate,                TensorCategory::ffn_gate   },
    Row{Role::expert_gate,         TensorCategory::ffn_gate   },
    Row{Role::expert_gate_up,      TensorCategory::ffn_gate   },
    Row{Role::chunk_expert_gate,   TensorCategory::ffn_gate   },
    Row{Role::shared_gate,         TensorCategory::ffn_gate   },
    Row{Role::shared_router,       TensorCategory::ffn_gate   },
    Row{Role::router,              TensorCategory::ffn_gate   },
    Row{Role::router_hash,         TensorCategory::ffn_gate   },
    Row{Role::down,                TensorCategory::ffn_down   },
    Row{Role::expert_down,         TensorCategory::ffn_down   },
    Row{Role::chunk_expert_down,   TensorCategory::ffn_down   },
    Row{Role::shared_down,         TensorCategory::ffn_down   },
};

// Small or sensitive matrices; norms are kept too.
constexpr std::array kept_rows{
    Row{Role::router,                   ElementType::f32},
    Row{Role::router_hash,              ElementType::f16},
    Row{Role::position_embedding,       ElementType::f32},
    Row{Role::token_type_embedding,     ElementType::f32},
    Row{Role::ssm_conv1d,               ElementType::f32},
    Row{Role::ssm_conv1d_q,             ElementType::f32},
    Row{Role::ssm_conv1d_k,             ElementType::f32},
    Row{Role::ssm_conv1d_v,             ElementType::f32},
    Row{Role::shortconv,                ElementType::f32},
    Row{Role::indexer_q_proj,           ElementType::f32}, // MiniMax-M3
    Row{Role::indexer_k_proj,           ElementType::f32},
    Row{Role::altup_correct_coef,       ElementType::f32}, // Gemma 3n
    Row{Role::altup_predict_coef,       ElementType::f32},
    Row{Role::altup_correct_scale,      ElementType::f16},
    Row{Role::altup_projection,         ElementType::f16},
    Row{Role::altup_unembed_projection, ElementType::f16},
    Row{Role::altup_router,             ElementType::f16},
    Row{Role::laurel_l,                 ElementType::f16},
    Row{Role::laurel_r,                 ElementType::f16},
    Row{Role::per_layer_projection,     ElementType::f16}, // also Gemma 4
};

template <class Value, std::size_t count>
constexpr auto by_role(const std::array<Row<Value>, count>& rows) {
  std::array<std::optional<Value>, role_count> result{};
  for (const Row<Value>& row : rows) result[static_cast<std::size_t>(row.role)] = row.value;
  return result;
}
constexpr auto categories = by_role(category_rows);
constexpr auto kept_types = by_role(kept_rows);

}  // namespace

TensorCategory category_of(TensorKind kind) {
  if (kind.component != Component::weight) return TensorCategory::other;
  return categories[static_cast<std::size_t>(kind.role)].value_or(TensorCategory::other);
}

std::optional<ElementType> kept_type(TensorKind kind, unsigned rank) {
  if (rank < 2 || kind.component != Component::weight || is_norm(kind.role)) return ElementType::f32;
  return kept_types[static_cast<std::size_t>(kind.role)];
}

}  // namespace vramcalc
