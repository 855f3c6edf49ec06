#include "runtime/serving/sharding.hpp"

#include <algorithm>
#include <array>

namespace vramcalc::serving {
namespace {

struct Row {
  Role role;
  Sharding sharding;
};

// Roles that are not in the table are replicated.
constexpr std::array rows = {
    Row{Role::embedding,            Sharding::vocabulary},
    Row{Role::output,               Sharding::vocabulary},
    Row{Role::per_layer_embedding,  Sharding::vocabulary},
    Row{Role::nextn_embedding,      Sharding::vocabulary},
    Row{Role::nextn_head,           Sharding::vocabulary},
    Row{Role::per_layer_projection, Sharding::columns   },
    Row{Role::per_layer_gate,       Sharding::columns   },
    Row{Role::per_layer_output,     Sharding::rows      },
    Row{Role::laurel_l,             Sharding::columns   },
    Row{Role::laurel_r,             Sharding::rows      },
    Row{Role::q,                    Sharding::columns   },
    Row{Role::k,                    Sharding::kv_heads  },
    Row{Role::v,                    Sharding::kv_heads  },
    Row{Role::qkv,                  Sharding::fused_qkv },
    Row{Role::o,                    Sharding::rows      },
    Row{Role::attn_gate,            Sharding::columns   },
    Row{Role::attn_sinks,           Sharding::columns   },
    Row{Role::q_b,                  Sharding::columns   },
    Row{Role::kv_b,                 Sharding::columns   },
    Row{Role::k_b,                  Sharding::columns   },
    Row{Role::v_b,                  Sharding::columns   },
    Row{Role::o_a,                  Sharding::columns   },
    Row{Role::o_b,                  Sharding::rows      },
    Row{Role::ssm_in,               Sharding::mamba2    },
    Row{Role::ssm_conv1d,           Sharding::mamba2    },
    Row{Role::ssm_conv1d_q,         Sharding::columns   },
    Row{Role::ssm_conv1d_k,         Sharding::columns   },
    Row{Role::ssm_conv1d_v,         Sharding::columns   },
    Row{Role::ssm_x,                Sharding::rows      },
    Row{Role::ssm_dt,               Sharding::columns   },
    Row{Role::ssm_a,                Sharding::columns   },
    Row{Role::ssm_d,                Sharding::columns   },
    Row{Role::ssm_ba,               Sharding::columns   },
    Row{Role::ssm_beta,             Sharding::columns   },
    Row{Role::ssm_alpha,            Sharding::columns   },
    Row{Role::ssm_f_b,              Sharding::columns   },
    Row{Role::ssm_g,                Sharding::columns   },
    Row{Role::ssm_g_b,              Sharding::columns   },
    Row{Role::ssm_out,              Sharding::rows      },
    Row{Role::shortconv,            Sharding::columns   },
    Row{Role::shortconv_in,         Sharding::columns   },
    Row{Role::shortconv_out,        Sharding::rows      },
    Row{Role::gate,                 Sharding::columns   },
    Row{Role::up,                   Sharding::columns   },
    Row{Role::down,                 Sharding::rows      },
    Row{Role::expert_gate,          Sharding::experts   },
    Row{Role::expert_up,            Sharding::experts   },
    Row{Role::expert_gate_up,       Sharding::experts   },
    Row{Role::expert_down,          Sharding::experts   },
    Row{Role::chunk_expert_gate,    Sharding::experts   },
    Row{Role::chunk_expert_up,      Sharding::experts   },
    Row{Role::chunk_expert_down,    Sharding::experts   },
    Row{Role::shared_gate,          Sharding::columns   },
    Row{Role::shared_up,            Sharding::columns   },
    Row{Role::shared_down,          Sharding::rows      },
};

constexpr std::array<Sharding, role_count> by_role = [] {
  std::array<Sharding, role_count> table{};
  for (const Row& row : rows) table[static_cast<std::size_t>(row.role)] = row.sharding;
  return table;
}();

// An attention without KV heads splits what others keep together.
Sharding without_groups(Sharding sharding) {
  return sharding == Sharding::kv_heads || sharding == Sharding::fused_qkv ? Sharding::columns : sharding;
}

std::uint64_t kv_heads_per_rank(std::uint64_t kv_heads, std::uint64_t tensor) {
  return std::max<std::uint64_t>(1, kv_heads / tensor);
}

Share fused_qkv(const GroupedQueryAttention& attention, std::uint64_t tensor) {
  const std::uint64_t q = checked_multiply(attention.heads, attention.key_length);
  const std::uint64_t head = attention.key_length + std::uint64_t{attention.value_length};
  const std::uint64_t kv = kv_heads_per_rank(attention.kv_heads, tensor);
  return {checked_add(q / tensor, checked_multiply(kv, head)),
          checked_add(q, checked_multiply(attention.kv_heads, head))};
}

// The projection in has the gate and the input (as wide as all heads), B and C of every group, and a step per
// head; the convolution has the input, B and C.
Share mamba2(const Mamba2& mamba, Role role, std::uint64_t tensor) {
  const std::uint64_t split =
      role == Role::ssm_in ? checked_add(checked_multiply(2, mamba.inner()), mamba.heads) : mamba.inner();
  const std::uint64_t groups = mamba.groups % tensor == 0 ? mamba.groups / tensor : 1;
  const std::uint64_t b_and_c = 2 * std::uint64_t{mamba.state};
  return {checked_add(split / tensor, checked_multiply(groups, b_and_c)),
          checked_add(split, checked_multiply(mamba.groups, b_and_c))};
}

const Mamba2* mamba2_of(const Attention& attention) {
  if (const auto* both = std::get_if<ParallelMamba2Attention>(&attention)) return &both->mamba;
  return std::get_if<Mamba2>(&attention);
}

std::uint64_t vocabulary_of(Role role, const Architecture& architecture) {
  if (role == Role::per_layer_embedding && architecture.per_layer_input)
    return architecture.per_layer_input->vocab_size;
  return architecture.checkpoint_vocab_size;
}

Share experts(const Block* block, const Parallel& parallel) {
  const std::uint64_t ranks = checked_multiply(parallel.tensor, parallel.data);
  const auto* moe = block != nullptr ? std::get_if<MixtureOfExperts>(&block->feed_forward) : nullptr;
  if (!parallel.experts || moe == nullptr || moe->experts == 0) return {1, ranks};
  return {(moe->experts + ranks - 1) / ranks, moe->experts};
}

bool is_whole(TensorKind kind, Sharding sharding) {
  return sharding == Sharding::replicated ||
         (sharding == Sharding::rows && kind.component == Component::bias) ||
         kind.component == Component::scale;
}

}  // namespace

const GroupedQueryAttention* grouped_query(const Attention& attention) {
  if (const auto* grouped = std::get_if<GroupedQueryAttention>(&attention)) return grouped;
  if (const auto* both = std::get_if<ParallelMamba2Attention>(&attention)) return &both->attention;
  if (const auto* sparse = std::get_if<BlockSparseAttention>(&attention)) return &sparse->attention;
  if (const auto* cross = std::get_if<CrossAttention>(&attention)) return &cross->attention;
  return nullptr;
}

Sharding sharding_of(Role role, const Attention& attention) {
  const Sharding sharding = by_role[static_cast<std::size_t>(role)];
  if (sharding == Sharding::mamba2)
    return mamba2_of(attention) != nullptr ? Sharding::mamba2 : Sharding::columns;
  return grouped_query(attention) != nullptr ? sharding : without_groups(sharding);
}

Bytes Share::of(Bytes whole) const {
  const std::uint64_t count = whole.count();
  const std::uint64_t rest = checked_multiply(count % denominator, numerator);
  return Bytes(checked_add(checked_multiply(count / denominator, numerator),
                           rest / denominator + (rest % denominator != 0 ? 1 : 0)));
}

Share share_of(TensorKind kind, const Block* block, const Architecture& architecture,
               const Parallel& parallel) {
  static const Attention none = NoAttention{};
  const Attention& attention = block != nullptr ? block->attention : none;
  const Sharding sharding = sharding_of(kind.role, attention);
  const std::uint64_t tensor = parallel.tensor;
  if (is_whole(kind, sharding)) return {};
  switch (sharding) {
    case Sharding::replicated: break;
    case Sharding::columns:
    case Sharding::rows: return {1, tensor};
    case Sharding::kv_heads: {
      const std::uint64_t kv_heads = grouped_query(attention)->kv_heads;
      return {kv_heads_per_rank(kv_heads, tensor), kv_heads};
    }
    case Sharding::fused_qkv: return fused_qkv(*grouped_query(attention), tensor);
    case Sharding::mamba2: return mamba2(*mamba2_of(attention), kind.role, tensor);
    case Sharding::vocabulary: {
      const std::uint64_t rows_of_all = vocabulary_of(kind.role, architecture);
      return {round_up(rows_of_all, vocabulary_padding), checked_multiply(rows_of_all, tensor)};
    }
    case Sharding::experts: return experts(block, parallel);
  }
  return {};
}

}  // namespace vramcalc::serving
