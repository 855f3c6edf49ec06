#include "model/blocks/blocks.hpp"

namespace vramcalc {
namespace {

// One matrix and one bias per expert.
void append_experts(TensorList& list, const MixtureOfExperts& moe, Role role, std::uint64_t in,
                    std::uint64_t out) {
  list.add(role, {in, out, moe.experts}).native_type = moe.native_type;
  if (moe.expert_bias) list.add({role, Component::bias}, {out, moe.experts});
}

void append_routed(TensorList& list, std::uint64_t hidden, const MixtureOfExperts& moe) {
  const std::uint64_t width = moe.latent > 0 ? moe.latent : hidden;
  if (moe.fused_gate_up) {
    append_experts(list, moe, Role::expert_gate_up, width, times(2, moe.width));
  } else {
    if (moe.gated) append_experts(list, moe, Role::expert_gate, width, moe.width);
    append_experts(list, moe, Role::expert_up, width, moe.width);
  }
  append_experts(list, moe, Role::expert_down, moe.width, width);
}

void append_latent(TensorList& list, std::uint64_t hidden, const MixtureOfExperts& moe) {
  if (moe.latent == 0) return;
  list.linear(moe.latent_roles.down, hidden, moe.latent);
  list.linear(moe.latent_roles.up, moe.latent, hidden);
  if (moe.latent_norm) list.norm(moe.latent_roles.norm, NormKind::rms, moe.latent);
}

void append_router(TensorList& list, const BlockContext& context, const MixtureOfExperts& moe) {
  const std::uint64_t experts = checked_add(moe.experts, moe.zero_experts);
  list.linear(Role::router, context.hidden_size, experts, moe.router_bias);
  if (moe.hash_routing)
    list.add(Role::router_hash, {moe.experts_used, context.vocab_size}).native_type = ElementType::i32;
  else if (moe.correction_bias)
    list.add({Role::router_correction, moe.correction_component}, {experts});
  if (moe.router_scale) {
    list.add({Role::router, Component::scale}, {context.hidden_size});
    list.add({Role::expert_down, Component::scale}, {moe.experts});
  }
}

void append_shared(TensorList& list, std::uint64_t hidden, const MixtureOfExperts& moe) {
  if (moe.shared_width == 0) return;
  if (moe.shared_gate) list.add(Role::shared_router, {hidden});
  if (moe.gated) list.linear(Role::shared_gate, hidden, moe.shared_width);
  list.linear(Role::shared_up, hidden, moe.shared_width);
  list.linear(Role::shared_down, moe.shared_width, hidden);
}

}  // namespace

void append(TensorList& list, const BlockContext& context, const MixtureOfExperts& moe) {
  append_router(list, context, moe);
  append_routed(list, context.hidden_size, moe);
  append_latent(list, context.hidden_size, moe);
  append_shared(list, context.hidden_size, moe);
  for (const TensorKind norm : moe.norms) list.norm(norm, context.norm, context.hidden_size);
  if (moe.dense) append(list, context, *moe.dense);
}

}  // namespace vramcalc
