#include "runtime/serving/vllm/linear_layers.hpp"

#include "runtime/serving/sharding.hpp"

namespace vramcalc::vllm {

bool is_linear_layer(Role role) {
  switch (role) {
    case Role::q_a:
    case Role::kv_a:
    case Role::kv: return true;
    case Role::attn_sinks:
    case Role::ssm_a:
    case Role::ssm_d: return false;
    default: break;
  }
  const serving::Sharding sharding = serving::sharding_of(role, GroupedQueryAttention{});
  return sharding != serving::Sharding::replicated && sharding != serving::Sharding::vocabulary &&
         !is_convolution(role);
}

}  // namespace vramcalc::vllm
