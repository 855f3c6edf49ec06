#include <fmt/format.h>

#include "model/blocks/blocks.hpp"

namespace vramcalc {
namespace {

// A matrix an expert, and a bias an expert.
void append_experts(TensorList& list, const MixtureOfExperts& moe, std::string_view name, std::uint64_t in,
                    std::uint64_t out) {
  list.add(fmt::format("{}.weight", name), {in, out, moe.experts}).native_type = moe.native_type;
  if (moe.expert_bias) list.add(fmt::format("{}.bias", name), {out, moe.experts});
}

void append_routed(TensorList& list, std::uint64_t hidden, const MixtureOfExperts& moe) {
  const std::uint64_t width = moe.latent > 0 ? moe.latent : hidden;
  if (moe.fused_gate_up) {
    append_experts(list, moe, "ffn_gate_up_exps", width, times(2, moe.width));
  } else {
    if (moe.gated) append_experts(list, moe, "ffn_gate_exps", width, moe.width);
    append_experts(list, moe, "ffn_up_exps", width, moe.width);
  }
  append_experts(list, moe, "ffn_down_exps", moe.width, width);
}

void append_latent(TensorList& list, std::uint64_t hidden, const MixtureOfExperts& moe) {
  if (moe.latent == 0) return;
  list.linear(fmt::format("{}_down", moe.latent_tensors), hidden, moe.latent);
  list.linear(fmt::format("{}_up", moe.latent_tensors), moe.latent, hidden);
  if (moe.latent_norm)
    list.norm(fmt::format("{}_norm.weight", moe.latent_tensors), NormKind::rms, moe.latent);
}

void append_router(TensorList& list, const BlockContext& context, const MixtureOfExperts& moe) {
  const std::uint64_t experts = checked_add(moe.experts, moe.zero_experts);
  list.linear("ffn_gate_inp", context.hidden_size, experts, moe.router_bias);
  if (moe.hash_routing)
    list.add("ffn_gate_tid2eid.weight", {moe.experts_used, context.vocab_size}).native_type =
        ElementType::i32;
  else if (moe.correction_bias)
    list.add(moe.correction_tensor, {experts});
  if (moe.router_scale) {
    list.add("ffn_gate_inp.scale", {context.hidden_size});
    list.add("ffn_down_exps.scale", {moe.experts});
  }
}

void append_shared(TensorList& list, std::uint64_t hidden, const MixtureOfExperts& moe) {
  if (moe.shared_width == 0) return;
  if (moe.shared_gate) list.add("ffn_gate_inp_shexp.weight", {hidden});
  if (moe.gated) list.linear("ffn_gate_shexp", hidden, moe.shared_width);
  list.linear("ffn_up_shexp", hidden, moe.shared_width);
  list.linear("ffn_down_shexp", moe.shared_width, hidden);
}

}  // namespace

void append(TensorList& list, const BlockContext& context, const MixtureOfExperts& moe) {
  append_router(list, context, moe);
  append_routed(list, context.hidden_size, moe);
  append_latent(list, context.hidden_size, moe);
  append_shared(list, context.hidden_size, moe);
  for (const std::string& name : moe.norms) list.norm(name, context.norm, context.hidden_size);
  if (moe.dense) append(list, context, *moe.dense);
}

}  // namespace vramcalc
