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
  void operator()(LatentAttention& attention) const { attention.absorbed = layer_.has("attn_k_b.weight"); }
  void operator()(DenseFeedForward& dense) const { set_dense(dense); }
  void operator()(MixtureOfExperts& experts) const { set_experts(experts); }
  template <class Other>
  void operator()(Other&) const {}

 private:
  std::uint32_t length(std::string_view tensor, std::size_t dimension) const {
    return static_cast<std::uint32_t>(std::min(layer_.length(tensor, dimension), widest));
  }
  std::uint32_t at(std::string_view key, std::uint32_t otherwise) const {
    const auto value = keys_.number_at(key, static_cast<std::size_t>(layer_.layer()));
    if (value == 0u) keys_.fail(key, fmt::format("0 for layer {}, which attends", layer_.layer()));
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
    attention.fused_qkv = layer_.has("attn_qkv.weight");
    attention.qkv_bias = layer_.has("attn_qkv.bias") || layer_.has("attn_q.bias");
    attention.output_bias = layer_.has("attn_output.bias");
    attention.key_is_value = !attention.fused_qkv && !layer_.has("attn_v.weight");
    attention.sinks = layer_.has("attn_sinks.weight");
    attention.qk_norm = qk_norm(attention);
    attention.qk_norm_bias = layer_.has("attn_q_norm.bias");
  }

  QkNorm qk_norm(const GroupedQueryAttention& attention) const {
    const Tensor* norm = layer_.find("attn_q_norm.weight");
    if (norm == nullptr) return QkNorm::none;
    if (norm->shape.rank() > 1) return QkNorm::per_head_layer_norm;
    return norm->shape.row() == attention.key_length ? QkNorm::per_head : QkNorm::per_layer;
  }

  void set_gates(GroupedQueryAttention& attention) const {
    const std::uint64_t query = std::uint64_t{attention.heads} * attention.key_length;
    const std::uint64_t gate = layer_.length("attn_gate.weight", 1);
    attention.output_gate = layer_.length("attn_q.weight", 1) == 2 * query;
    attention.head_gate = gate != 0 && gate == attention.heads;
    attention.separate_gate = gate != 0 && !attention.head_gate;
  }

  void set_dense(DenseFeedForward& dense) const {
    dense.width = length("ffn_down.weight", 0);
    dense.fused_gate_up =
        !layer_.has("ffn_gate.weight") && layer_.length("ffn_up.weight", 1) == 2 * std::uint64_t{dense.width};
    dense.gated = layer_.has("ffn_gate.weight") || dense.fused_gate_up;
    dense.bias = layer_.has("ffn_down.bias") || layer_.has("ffn_up.bias");
  }

  void set_experts(MixtureOfExperts& moe) const {
    moe.width = length("ffn_down_exps.weight", 0);
    moe.fused_gate_up = layer_.has("ffn_gate_up_exps.weight");
    moe.gated = moe.fused_gate_up || layer_.has("ffn_gate_exps.weight");
    moe.router_bias = layer_.has("ffn_gate_inp.bias");
    moe.expert_bias = layer_.has("ffn_down_exps.bias");
    moe.hash_routing = layer_.has("ffn_gate_tid2eid.weight");
    set_correction(moe);
    moe.shared_width = length("ffn_down_shexp.weight", 0);
    moe.shared_gate = layer_.has("ffn_gate_inp_shexp.weight");
    moe.router_scale = layer_.has("ffn_gate_inp.scale");
    moe.latent = length(fmt::format("{}_down.weight", moe.latent_tensors), 1);
    moe.latent_norm = layer_.has(fmt::format("{}_norm.weight", moe.latent_tensors));
    set_dense_beside(moe);
  }

  void set_dense_beside(MixtureOfExperts& moe) const {
    if (!layer_.has("ffn_down.weight")) return moe.dense.reset();
    if (!moe.dense) moe.dense.emplace().activation = moe.activation;
    set_dense(*moe.dense);
  }

  void set_correction(MixtureOfExperts& moe) const {
    moe.correction_bias = false;
    for (const char* name : {"exp_probs_b.bias", "exp_probs_b"})
      if (layer_.has(name)) {
        moe.correction_bias = true;
        moe.correction_tensor = name;
      }
  }

  const GgufKeys& keys_;
  const LayerTensors& layer_;
};

void set_block(Block& block, const GgufKeys& keys, const LayerTensors& layer) {
  const BlockSetter setter(keys, layer);
  const bool experts = layer.has("ffn_gate_inp.weight");
  if (!experts && !layer.has("ffn_down.weight")) block.feed_forward = NoFeedForward{};
  std::visit(setter, block.attention);
  std::visit(setter, block.feed_forward);
}

class Norms {
 public:
  Norms(Architecture& model, const TensorIndex& tensors) : model_(model), tensors_(tensors) {}

  void set() {
    std::erase_if(model_.block_norms.attention, [&](const std::string& name) { return !any_has(name); });
    std::erase_if(model_.block_norms.feed_forward, [&](const std::string& name) { return !any_has(name); });
    set_wiring();
    set_kind();
  }

 private:
  bool any_has(std::string_view name) const {
    for (std::size_t i = 0; i < model_.blocks.size(); ++i)
      if (tensors_.layer(static_cast<std::int32_t>(i)).has(name)) return true;
    return false;
  }

  // StableLM 2 12B has one norm for both parts, Falcon 40B one for each.
  void set_wiring() {
    if (model_.wiring == Wiring::pre_norm && model_.block_norms.feed_forward.empty() &&
        any_has("ffn_down.weight"))
      model_.wiring = Wiring::parallel;
    if (model_.wiring == Wiring::parallel && any_has("attn_norm_2.weight"))
      model_.block_norms.attention = {"attn_norm.weight", "attn_norm_2.weight"};
    model_.graph.parallel_attention_norm =
        model_.wiring == Wiring::parallel && model_.block_norms.attention.size() > 1;
    model_.graph.parallel_feed_forward_norm =
        model_.wiring == Wiring::parallel && !model_.block_norms.feed_forward.empty();
  }

  void set_kind() {
    const std::vector<std::string>& names = model_.block_norms.attention;
    if (names.empty() || model_.norm == NormKind::none) return;
    const std::string& name = names.front();
    const bool bias = any_has(name.substr(0, name.rfind(".weight")) + ".bias");
    if (bias) model_.norm = NormKind::layer;
    if (!bias && model_.norm == NormKind::layer) model_.norm = NormKind::layer_without_bias;
  }

  Architecture& model_;
  const TensorIndex& tensors_;
};

// Layers of one part are those of Nemotron and of hybrids; where the residual stream is wired otherwise, a
// layer has both.
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
                         fmt::format("layer {} has no {}; llama.cpp would not load it", i,
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
