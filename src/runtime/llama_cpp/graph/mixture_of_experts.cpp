#include "runtime/llama_cpp/graph/builder.hpp"

namespace vramcalc::llama_cpp::graph {
namespace {

struct Router {
  NodeId scores;  // of every expert
  NodeId choice;  // the scores by which experts are chosen
};

// The router of Gemma 4 normalizes and scales what it reads.
NodeId router_logits(Builder& b, const MixtureOfExperts& part, NodeId x) {
  if (part.router_scale) {
    x = scale(b.g, b.g.like(Op::rms_norm, x));
    x = mul(b.g, x,
            b.vector(b.a.hidden_size, {
                                          {Role::router, Component::scale}
    }));
  }
  return b.project(Role::router, x, part.experts, part.router_bias);
}

// A factor per expert, repeated for the tokens and selected like the experts.
NodeId scaled_by_expert(Builder& b, const MixtureOfExperts& part, NodeId x, NodeId chosen) {
  Graph& g = b.g;
  const std::uint64_t tokens = g[x].ne[2];
  const NodeId column = g.reshape(b.vector(part.experts,
                                           {
                                               {Role::expert_down, Component::scale}
  }),
                                  {1, part.experts, 1, 1});
  return mul(g, x, get_rows(g, repeat(g, column, {1, part.experts, tokens, 1}), chosen));
}

Router route(Builder& b, const MixtureOfExperts& part, NodeId x) {
  NodeId logits = router_logits(b, part, x);
  NodeId scores = logits;
  switch (part.gating) {
    case ExpertGating::softmax: scores = soft_max(b.g, logits); break;
    case ExpertGating::sigmoid: scores = unary(b.g, logits); break;
    case ExpertGating::softmax_after_selection: break;
    case ExpertGating::sqrt_softplus: scores = b.g.like(Op::square_root, unary(b.g, logits)); break;
  }
  const NodeId choice = part.chooses_by_logits ? logits : scores;
  return {
      scores, part.correction_bias
                  ? add(b.g, scores, b.vector(part.experts, {{Role::router_correction, Component::bias}}
                      ))
                  : choice
  };
}

// Only experts of the best groups (DeepSeek V3), by the sum of each group's two best experts.
NodeId mask_groups(Builder& b, const MixtureOfExperts& part, NodeId choice) {
  Graph& g = b.g;
  const std::uint64_t tokens = g[choice].ne[1];
  const std::uint64_t per_group = part.experts / part.expert_groups;
  const NodeId grouped = g.reshape(choice, {per_group, part.expert_groups, tokens, 1});
  const NodeId best = argsort_top_k(g, grouped, 2);
  const NodeId column = g.reshape(grouped, {1, per_group, part.expert_groups, tokens});
  NodeId group_scores = get_rows(g, column, best);
  group_scores = sum_rows(g, g.reshape(group_scores, {2, part.expert_groups, tokens, 1}));
  group_scores = g.reshape(group_scores, {part.expert_groups, tokens, 1, 1});
  const NodeId groups = argsort_top_k(g, group_scores, part.expert_groups_used);
  const NodeId kept = get_rows(g, grouped, groups);
  const NodeId masked = set_rows(g, fill(g, grouped), kept, groups);
  return g.reshape(masked, {part.experts, tokens, 1, 1});
}

NodeId weights_of_chosen(Builder& b, const MixtureOfExperts& part, NodeId scores, NodeId chosen) {
  Graph& g = b.g;
  const std::uint64_t tokens = g[scores].ne[1];
  const Extent flat = {part.experts_used, tokens, 1, 1};
  const Extent column = {1, part.experts_used, tokens, 1};
  NodeId weights = get_rows(g, g.reshape(scores, {1, part.experts, tokens, 1}), chosen);
  if (part.gating == ExpertGating::softmax_after_selection) {
    weights = g.reshape(soft_max(g, g.reshape(weights, flat)), column);
  }
  if (part.normalize_weights) {
    weights = g.reshape(weights, flat);
    const NodeId total = clamp(g, sum_rows(g, weights));
    weights = g.reshape(div(g, weights, total), column);
  }
  return part.scale_weights ? scale(g, weights) : weights;
}

NodeId through_experts(Builder& b, const MixtureOfExperts& part, Role role, NodeId x, std::uint64_t rows,
                       NodeId chosen) {
  const NodeId result = mul_mat_id(b.g, b.weight(role, b.g[x].ne[0], rows, part.experts), x, chosen);
  return part.expert_bias ? add_id(b.g, result,
                                   b.vectors(
                                       {
                                           {role, Component::bias}
  },
                                       rows, part.experts),
                                   chosen)
                          : result;
}

NodeId activated(Builder& b, const MixtureOfExperts& part, NodeId x, NodeId chosen) {
  if (part.fused_gate_up) {
    const NodeId both =
        through_experts(b, part, Role::expert_gate_up, x, 2 * std::uint64_t{part.width}, chosen);
    const Extent half = {part.width, b.g[both].ne[1], b.g[both].ne[2], 1};
    const NodeId gate = slice(b.g, both, half, 0);
    const NodeId up = slice(b.g, both, half, part.width * b.g[both].nb[0]);
    return glu_split(b.g, gate, up);
  }
  const NodeId up = through_experts(b, part, Role::expert_up, x, part.width, chosen);
  if (part.activation == Activation::situ)
    return situ(b, through_experts(b, part, Role::expert_gate, x, part.width, chosen), up);
  if (part.gated)
    return glu_split(b.g, through_experts(b, part, Role::expert_gate, x, part.width, chosen), up);
  const NodeId result = unary(b.g, up);
  return part.activation == Activation::relu_squared ? square(b.g, result) : result;
}

// One view per expert, added one after another.
NodeId sum_of_experts(Builder& b, NodeId all) {
  Graph& g = b.g;
  const Node from = g[all];
  std::vector<NodeId> outputs;
  for (std::uint64_t e = 0; e < from.ne[1]; ++e) {
    outputs.push_back(g.view(all, {from.ne[0], from.ne[2], 1, 1},
                             {from.nb[0], from.nb[2], from.nb[2] * from.ne[2], 0}, e * from.nb[1]));
    g.expand(outputs.back());
  }
  NodeId result = outputs.front();
  for (std::size_t e = 1; e < outputs.size(); ++e) {
    result = add(g, result, outputs[e]);
    g.expand(result);
  }
  return outputs.size() == 1 ? contiguous(g, result) : result;
}

NodeId through_chosen(Builder& b, const MixtureOfExperts& part, const Router& router, NodeId chosen,
                      NodeId input) {
  const NodeId weights = weights_of_chosen(b, part, router.scores, chosen);
  b.g.expand(weights);
  const std::uint64_t width = b.g[input].ne[0], tokens = b.g[input].ne[1];
  NodeId column = b.g.reshape(input, {width, 1, tokens, 1});
  if (part.weighs_inputs)
    column = mul(b.g, repeat(b.g, column, {width, part.experts_used, tokens, 1}), weights);
  const NodeId hidden = activated(b, part, column, chosen);
  NodeId all = through_experts(b, part, Role::expert_down, hidden, width, chosen);
  if (part.router_scale) all = scaled_by_expert(b, part, all, chosen);
  if (!part.weighs_inputs) all = mul(b.g, all, weights);
  b.g.expand(all);
  return sum_of_experts(b, all);
}

// `x` chooses the experts, `input` goes through them.
NodeId routed(Builder& b, const MixtureOfExperts& part, NodeId x, NodeId input) {
  const Router router = route(b, part, x);
  // The token itself chooses the experts through a table (DeepSeek V4, first layers).
  if (part.hash_routing) {
    const NodeId table = b.g.stored(Storage::weight, b.layer_backend, ElementType::i32,
                                    {part.experts_used, b.a.vocab_size, 1, 1});
    return through_chosen(b, part, router, get_rows(b.g, table, b.token_ids), input);
  }
  const NodeId choice = part.expert_groups > 1 ? mask_groups(b, part, router.choice) : router.choice;
  const NodeId chosen = argsort_top_k(b.g, choice, part.experts_used);
  return through_chosen(b, part, router, chosen, input);
}

NodeId shared_experts(Builder& b, const MixtureOfExperts& part, NodeId x) {
  DenseFeedForward shared;
  shared.width = part.shared_width;
  shared.gated = part.gated;
  shared.activation = part.activation;
  const NodeId result = feed_forward(b, shared, x, {Role::shared_up, Role::shared_gate, Role::shared_down});
  return part.shared_gate ? mul(b.g, result, unary(b.g, b.project(Role::shared_router, x, 1))) : result;
}

}  // namespace

NodeId experts(Builder& b, const MixtureOfExperts& part, NodeId x, NodeId router_input) {
  const NodeId input = part.latent == 0 ? x : b.project(part.latent_roles.down, x, part.latent);
  NodeId result = routed(b, part, router_input == no_node ? x : router_input, input);
  if (part.latent_norm) result = norm(b, result, NormKind::rms, {Role::latent_norm, Role::routed_norm});
  if (part.latent != 0) result = b.project(part.latent_roles.up, result, b.a.hidden_size);
  return part.shared_width == 0 ? result : add(b.g, result, shared_experts(b, part, x));
}

}  // namespace vramcalc::llama_cpp::graph
