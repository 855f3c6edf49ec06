#include "source/gguf_blocks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

namespace vramcalc::source {
namespace {

constexpr std::uint64_t widest = UINT32_MAX;

class BlockSetter {
 public:
  BlockSetter(const GgufKeys& keys, const LayerTensors& layer) : keys_(keys), layer_(layer) {}

  void operator()(GroupedQueryAttention& attention) const {
    set_heads(attention);
    set_tensors(attention);
    set_gates(attention);
  }
  void operator()(BlockSparseAttention& sparse) const { (*this)(sparse.attention); }
  void operator()(ParallelMamba2Attention& both) const { (*this)(both.attention); }
  void operator()(LatentAttention& attention) const { attention.absorbed = layer_.has(Role::k_b); }
  void operator()(DenseFeedForward& dense) const { set_dense(dense); }
  void operator()(MixtureOfExperts& experts) const { set_experts(experts); }
  template <class Other>
  void operator()(Other&) const {}

 private:
  std::uint32_t length(TensorKind tensor, std::size_t dimension) const {
    return static_cast<std::uint32_t>(std::min(layer_.length(tensor, dimension), widest));
  }
  std::uint32_t at(std::string_view key, std::uint32_t otherwise) const {
    const auto value = keys_.number_at(key, static_cast<std::size_t>(layer_.layer()));
    if (value == 0u) keys_.fail(key, fmt::format("0 for layer {}, which has attention", layer_.layer()));
    return value.value_or(otherwise);
  }

  void set_heads(GroupedQueryAttention& attention) const {
    const bool window = attention.window.has_value();
    attention.heads = at("attention.head_count", attention.heads);
    attention.kv_heads = at("attention.head_count_kv", attention.heads);
    if (window) attention.key_length = at("attention.key_length_swa", attention.key_length);
    if (window) attention.value_length = at("attention.value_length_swa", attention.value_length);
    if (attention.heads % attention.kv_heads != 0)
      keys_.fail("attention.head_count_kv", fmt::format("{} heads of layer {} do not divide into {} groups",
                                                        attention.heads, layer_.layer(), attention.kv_heads));
  }

  void set_tensors(GroupedQueryAttention& attention) const {
    attention.fused_qkv = layer_.has(Role::qkv);
    attention.qkv_bias = layer_.has({Role::qkv, Component::bias}) || layer_.has({Role::q, Component::bias});
    attention.output_bias = layer_.has({Role::o, Component::bias});
    attention.key_is_value = !attention.fused_qkv && !layer_.has(Role::v);
    attention.sinks = layer_.has(Role::attn_sinks);
    attention.qk_norm = qk_norm(attention);
    attention.qk_norm_bias = layer_.has({Role::q_norm, Component::bias});
  }

  QkNorm qk_norm(const GroupedQueryAttention& attention) const {
    const Tensor* norm = layer_.find(Role::q_norm);
    if (norm == nullptr) return QkNorm::none;
    if (norm->shape.rank() > 1) return QkNorm::per_head_layer_norm;
    return norm->shape.row() == attention.key_length ? QkNorm::per_head : QkNorm::per_layer;
  }

  void set_gates(GroupedQueryAttention& attention) const {
    const std::uint64_t query = std::uint64_t{attention.heads} * attention.key_length;
    const std::uint64_t gate = layer_.length(Role::attn_gate, 1);
    attention.output_gate = layer_.length(Role::q, 1) == 2 * query;
    attention.head_gate = gate != 0 && gate == attention.heads;
    attention.separate_gate = gate != 0 && !attention.head_gate;
  }

  void set_dense(DenseFeedForward& dense) const {
    dense.width = length(Role::down, 0);
    dense.fused_gate_up =
        !layer_.has(Role::gate) && layer_.length(Role::up, 1) == 2 * std::uint64_t{dense.width};
    dense.gated = layer_.has(Role::gate) || dense.fused_gate_up;
    dense.bias = layer_.has({Role::down, Component::bias}) || layer_.has({Role::up, Component::bias});
  }

  void set_experts(MixtureOfExperts& moe) const {
    moe.width = length(Role::expert_down, 0);
    moe.fused_gate_up = layer_.has(Role::expert_gate_up);
    moe.gated = moe.fused_gate_up || layer_.has(Role::expert_gate);
    moe.router_bias = layer_.has({Role::router, Component::bias});
    moe.expert_bias = layer_.has({Role::expert_down, Component::bias});
    moe.hash_routing = layer_.has(Role::router_hash);
    set_correction(moe);
    moe.shared_width = length(Role::shared_down, 0);
    moe.shared_gate = layer_.has(Role::shared_router);
    moe.router_scale = layer_.has({Role::router, Component::scale});
    moe.latent = length(moe.latent_roles.down, 1);
    moe.latent_norm = layer_.has(moe.latent_roles.norm);
    set_dense_beside(moe);
  }

  void set_dense_beside(MixtureOfExperts& moe) const {
    if (!layer_.has(Role::down)) return moe.dense.reset();
    if (!moe.dense) moe.dense.emplace().activation = moe.activation;
    set_dense(*moe.dense);
  }

  void set_correction(MixtureOfExperts& moe) const {
    moe.correction_bias = false;
    for (const Component component : {Component::bias, Component::parameter})
      if (layer_.has({Role::router_correction, component})) {
        moe.correction_bias = true;
        moe.correction_component = component;
      }
  }

  const GgufKeys& keys_;
  const LayerTensors& layer_;
};

void set_block(Block& block, const GgufKeys& keys, const LayerTensors& layer) {
  const BlockSetter setter(keys, layer);
  const bool experts = layer.has(Role::router);
  if (!experts && !layer.has(Role::down)) block.feed_forward = NoFeedForward{};
  std::visit(setter, block.attention);
  std::visit(setter, block.feed_forward);
}

class Norms {
 public:
  Norms(Architecture& model, const TensorIndex& tensors) : model_(model), tensors_(tensors) {}

  void set() {
    std::erase_if(model_.block_norms.attention, [&](TensorKind norm) { return !any_has(norm); });
    std::erase_if(model_.block_norms.feed_forward, [&](TensorKind norm) { return !any_has(norm); });
    set_wiring();
    set_kind();
  }

 private:
  bool any_has(TensorKind kind) const {
    for (std::size_t i = 0; i < model_.blocks.size(); ++i)
      if (tensors_.layer(static_cast<std::int32_t>(i)).has(kind)) return true;
    return false;
  }

  // StableLM 2 12B has one norm for both parts, Falcon 40B one per part.
  void set_wiring() {
    if (model_.wiring == Wiring::pre_norm && model_.block_norms.feed_forward.empty() && any_has(Role::down))
      model_.wiring = Wiring::parallel;
    if (model_.wiring == Wiring::parallel && any_has(Role::attn_norm_2))
      model_.block_norms.attention = {Role::attn_norm, Role::attn_norm_2};
    model_.graph.parallel_attention_norm =
        model_.wiring == Wiring::parallel && model_.block_norms.attention.size() > 1;
    model_.graph.parallel_feed_forward_norm =
        model_.wiring == Wiring::parallel && !model_.block_norms.feed_forward.empty();
  }

  void set_kind() {
    const std::vector<TensorKind>& norms = model_.block_norms.attention;
    if (norms.empty() || model_.norm == NormKind::none) return;
    const bool bias = any_has({norms.front().role, Component::bias});
    if (bias) model_.norm = NormKind::layer;
    if (!bias && model_.norm == NormKind::layer) model_.norm = NormKind::layer_without_bias;
  }

  Architecture& model_;
  const TensorIndex& tensors_;
};

// Nemotron and hybrids have layers with only one part. With any other wiring of the residual stream, every
// layer has both parts.
bool may_lack_a_part(const Architecture& model) {
  const bool plain =
      model.wiring == Wiring::single || model.wiring == Wiring::pre_norm || model.wiring == Wiring::sandwich;
  return plain && !model.alternating_updates && !model.hyper_connections &&
         !model.attention_residual_scores && !model.graph.residual_is_normed;
}

void require_parts(const Architecture& model, const GgufKeys& keys) {
  const bool one_will_do = may_lack_a_part(model);
  for (std::size_t i = 0; i < model.blocks.size(); ++i) {
    const Block& block = model.blocks[i];
    const bool attends = !std::holds_alternative<NoAttention>(block.attention);
    const bool feeds = !std::holds_alternative<NoFeedForward>(block.feed_forward);
    const bool side_by_side = std::holds_alternative<ParallelMamba2Attention>(block.attention);
    if ((attends && feeds) || block.mtp || (one_will_do && !side_by_side && (attends || feeds))) continue;
    keys.metadata().fail("general.architecture",
                         fmt::format("layer {} has no {}; llama.cpp would not load the file", i,
                                     attends ? "feed-forward part" : "attention"));
  }
}

}  // namespace

void set_from_tensors(Architecture& architecture, const GgufKeys& keys, const TensorIndex& tensors) {
  for (std::size_t i = 0; i < architecture.blocks.size(); ++i)
    set_block(architecture.blocks[i], keys, tensors.layer(static_cast<std::int32_t>(i)));
  Norms(architecture, tensors).set();
  if (keys.flag("use_parallel_residual") == false && architecture.wiring == Wiring::parallel) {
    architecture.wiring = Wiring::pre_norm;
    architecture.graph.parallel_attention_norm = architecture.graph.parallel_feed_forward_norm = false;
  }
  require_parts(architecture, keys);
}

}  // namespace vramcalc::source
