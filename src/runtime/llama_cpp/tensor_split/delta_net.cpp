#include "runtime/llama_cpp/tensor_split/delta_net.hpp"

#include <numeric>

namespace vramcalc::llama_cpp::tensor_split {
namespace {

std::uint64_t delta_step(const Layer& layer) {
  return std::lcm(std::lcm(block_of(layer.state_output), std::uint64_t{128}),
                  std::uint64_t{layer.delta_net()->key_head_dim});
}

}  // namespace

DeltaSegments delta_segments(const Layer& layer) { return {*layer.delta_net(), delta_step(layer)}; }

void cut_delta_net(Cut& cut, const Tensor& tensor, const Layer& layer) {
  const DeltaSegments segments = delta_segments(layer);
  switch (tensor.kind.role) {
    case Role::qkv:
    case Role::ssm_conv1d: cut.segments = segments.channels(1); break;
    case Role::attn_gate: cut.segments = segments.of_values(1); break;
    case Role::ssm_out: cut = {0, segments.of_values(1), cut.rotation}; break;
    case Role::ssm_dt:
    case Role::ssm_a:
    case Role::ssm_alpha:
    case Role::ssm_beta: cut.segments = segments.of_heads(1); break;
    case Role::ssm_ba: cut.segments = segments.of_heads(2); break;
    default: break;
  }
}

}  // namespace vramcalc::llama_cpp::tensor_split
