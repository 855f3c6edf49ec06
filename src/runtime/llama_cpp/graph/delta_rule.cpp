#include <array>

#include "runtime/llama_cpp/graph/recurrent.hpp"

// Linear attention with the delta rule, computed by one fused operation (src/models/delta-net-base.cpp,
// qwen3next.cpp, qwen35.cpp, kimi-linear.cpp).
namespace vramcalc::llama_cpp::graph {
namespace {

NodeId unit_norm(Graph& g, NodeId x) { return scale(g, g.like(Op::rms_norm, x)); }

struct DeltaRule {
  NodeId q, k, v, gate, beta;
  NodeId state_rows;  // head × head × heads × sequences
};

struct Result {
  NodeId output;
  NodeId all;                     // the output, followed by the states
  std::uint64_t first_state = 0;  // byte
};

// The output of all tokens, followed by the states after the last ones.
Result apply(Builder& b, const DeltaRule& rule) {
  Graph& g = b.g;
  const std::uint64_t head = g[rule.v].ne[0], heads = g[rule.v].ne[1];
  const std::uint64_t tokens = g[rule.v].ne[2], sequences = g[rule.v].ne[3];
  const NodeId all = g.compute(Op::gated_delta_net, ElementType::f32,
                               {head * heads, (tokens + head * (1 + b.s.rollback_states)) * sequences, 1, 1},
                               {rule.q, rule.k, rule.v, rule.gate, rule.beta, rule.state_rows});
  const Extent output = {head, heads, tokens, sequences};
  return {g.view(all, output, contiguous_strides(ElementType::f32, output)), all,
          4 * head * heads * tokens * sequences};
}

struct Gates {
  NodeId beta;
  NodeId decay;
};

NodeId decay_of(Builder& b, NodeId alpha, std::uint64_t heads) {
  alpha = unary(b.g, add(b.g, alpha,
                         b.vector(heads, {
                                             {Role::ssm_dt, Component::bias}
  })));
  return mul(b.g, alpha,
             b.vector(heads, {
                                 {Role::ssm_a, Component::parameter}
  }));
}

// One matrix for both, interleaved by key heads (Qwen3-Next).
Gates fused_gates(Builder& b, const GatedDeltaNet& part, NodeId x) {
  Graph& g = b.g;
  const std::uint64_t heads = part.value_heads, per_key = part.value_heads / part.key_heads;
  const std::uint64_t tokens = tokens_per_sequence(b), sequences = b.s.sequences;
  const NodeId both =
      g.reshape(b.project(Role::ssm_ba, x, 2 * heads), {2 * per_key, part.key_heads, tokens, sequences});
  const Extent half = {per_key, part.key_heads, tokens, sequences};
  const NodeId beta = unary(g, contiguous(g, slice(g, both, half, 0)));
  const NodeId alpha = contiguous(g, slice(g, both, half, 4 * per_key), {heads, tokens, sequences, 1});
  const Extent shape = {1, heads, tokens, sequences};
  const NodeId decay = decay_of(b, alpha, heads);
  return {g.reshape(beta, shape), g.reshape(decay, shape)};
}

Gates separate_gates(Builder& b, const GatedDeltaNet& part, NodeId x) {
  Graph& g = b.g;
  const std::uint64_t heads = part.value_heads, tokens = tokens_per_sequence(b), sequences = b.s.sequences;
  const Extent shape = {1, heads, tokens, sequences};
  const NodeId beta = unary(g, g.reshape(b.project(Role::ssm_beta, x, heads), shape));
  const NodeId alpha = g.reshape(b.project(Role::ssm_alpha, x, heads), {heads, tokens, sequences, 1});
  return {beta, g.reshape(decay_of(b, alpha, heads), shape)};
}

// Each key head serves several value heads, so it is repeated unless the operation handles that.
NodeId repeated(Builder& b, const GatedDeltaNet& part, NodeId x) {
  Graph& g = b.g;
  if (!part.fused_beta_alpha || part.key_heads == part.value_heads) return x;
  const std::uint64_t head = part.key_head_dim, times = part.value_heads / part.key_heads;
  x = g.reshape(x, {head, 1, part.key_heads, b.tokens});
  x = repeat(g, x, {head, times, part.key_heads, b.tokens});
  return g.reshape(x, {head, part.value_heads, tokens_per_sequence(b), b.s.sequences});
}

}  // namespace

NodeId attention(Builder& b, const GatedDeltaNet& part, NodeId x) {
  Graph& g = b.g;
  const std::uint64_t tokens = tokens_per_sequence(b), sequences = b.s.sequences;
  const std::uint64_t keys = std::uint64_t{part.key_heads} * part.key_head_dim;
  const std::uint64_t values = std::uint64_t{part.value_heads} * part.value_head_dim;
  const Convolution convolution = {2 * keys + values, part.conv_kernel};
  const NodeId qkv =
      g.reshape(b.project(Role::qkv, x, convolution.channels), {convolution.channels, tokens, sequences, 1});
  const NodeId z = b.project(Role::attn_gate, x, values);
  const Gates gates = part.fused_beta_alpha ? fused_gates(b, part, x) : separate_gates(b, part, x);

  const NodeId conv_state = recurrent_state(b, (part.conv_kernel - 1) * convolution.channels);
  const NodeId state =
      recurrent_state(b, std::uint64_t{part.value_heads} * part.value_head_dim * part.value_head_dim);
  const NodeId past =
      g.reshape(load_state(b, conv_state), {part.conv_kernel - 1u, convolution.channels, sequences, 1});
  const NodeId input = convolution_input(b, convolution, conv_state, past, qkv);
  const NodeId rows = g.reshape(load_state(b, state),
                                {part.value_head_dim, part.value_head_dim, part.value_heads, sequences});
  const NodeId mixed = unary(g, convolve(b, convolution, input, Role::ssm_conv1d));
  const auto heads = [&](std::uint64_t head, std::uint64_t count, std::uint64_t first) {
    const std::uint64_t row = 4 * convolution.channels;
    return g.view(mixed, {head, count, tokens, sequences}, {4, 4 * head, row, row * tokens}, 4 * first);
  };
  const NodeId q = repeated(b, part, unit_norm(g, heads(part.key_head_dim, part.key_heads, 0)));
  const NodeId k = repeated(b, part, unit_norm(g, heads(part.key_head_dim, part.key_heads, keys)));
  const NodeId v = heads(part.value_head_dim, part.value_heads, 2 * keys);
  const Result result = apply(b, {q, k, v, gates.decay, gates.beta, rows});
  store_states(b, result.all, result.first_state, b.g[state].ne[0], state);

  const NodeId gate = unary(g, g.reshape(z, {part.value_head_dim, part.value_heads, tokens, sequences}));
  const NodeId y = mul(g, norm(b, result.output, NormKind::rms, {Role::ssm_norm}), gate);
  const NodeId out = b.project(Role::ssm_out, g.reshape(y, {values, tokens, sequences, 1}), b.a.hidden_size);
  return g.reshape(out, {b.a.hidden_size, b.tokens, 1, 1});
}

namespace {

// One of Q, K and V, with its own projection and its own third of the convolution state.
NodeId convolved(Builder& b, const KimiDeltaAttention& part, NodeId state, NodeId past, std::size_t third,
                 NodeId x) {
  Graph& g = b.g;
  constexpr std::array roles = {Role::q, Role::k, Role::v};
  constexpr std::array kernels = {Role::ssm_conv1d_q, Role::ssm_conv1d_k, Role::ssm_conv1d_v};
  const std::uint64_t width = std::uint64_t{part.heads} * part.head_dim, kept = part.conv_kernel - 1u;
  const std::uint64_t tokens = tokens_per_sequence(b), sequences = b.s.sequences;
  const Convolution convolution = {width, part.conv_kernel};
  const Extent shape = {kept, width, sequences, 1};
  const Extent strides = {4, 4 * kept, 4 * 3 * kept * width, 4 * 3 * kept * width * sequences};
  const std::uint64_t first = 4 * third * kept * width;
  const NodeId own = g.view(past, shape, strides, first);
  const NodeId projected = g.reshape(b.project(roles[third], x, width), {width, tokens, sequences, 1});
  const NodeId input = concat(g, own, g.transpose(projected), 0);
  g.expand(copy_into(g, slice(g, input, shape, 4 * tokens), g.view(state, shape, strides, first)));
  NodeId y = g.reshape(convolve(b, convolution, input, kernels[third], true), {width, b.tokens, 1, 1});
  return g.reshape(unary(g, y), {part.head_dim, part.heads, tokens, sequences});
}

}  // namespace

NodeId attention(Builder& b, const KimiDeltaAttention& part, NodeId x) {
  Graph& g = b.g;
  const std::uint64_t head = part.head_dim, heads = part.heads, width = heads * head;
  const std::uint64_t tokens = tokens_per_sequence(b), sequences = b.s.sequences;
  const NodeId conv_state = recurrent_state(b, 3 * (part.conv_kernel - 1) * width);
  const NodeId past = load_state(b, conv_state);
  const NodeId q = convolved(b, part, conv_state, past, 0, x);
  const NodeId k = convolved(b, part, conv_state, past, 1, x);
  const NodeId v = convolved(b, part, conv_state, past, 2, x);

  NodeId decay = b.project(Role::ssm_f_b, b.project(Role::ssm_f_a, x, head), width);
  decay = unary(g, add(g, decay,
                       b.vector(width, {
                                           {Role::ssm_dt, Component::bias}
  })));
  const NodeId a = b.vectors(
      {
          {Role::ssm_a, Component::parameter}
  },
      1, heads);
  decay = mul(g, g.reshape(decay, {head, heads, b.tokens, 1}), g.reshape(a, {1, heads, 1, 1}));
  decay = g.reshape(decay, {head, heads, tokens, sequences});
  const NodeId beta = unary(g, g.reshape(b.project(Role::ssm_beta, x, heads), {1, heads, tokens, sequences}));

  const NodeId state = recurrent_state(b, head * head * heads);
  const NodeId rows = g.reshape(load_state(b, state), {head, head, heads, sequences});
  const Result result = apply(b, {unit_norm(g, q), unit_norm(g, k), v, decay, beta, rows});
  const NodeId output = contiguous(g, result.output);
  store_states(b, result.all, result.first_state, b.g[state].ne[0], state);

  const NodeId flat = g.reshape(x, {b.a.hidden_size, b.tokens, 1, 1});
  NodeId gate = part.full_rank_gate ? b.project(Role::ssm_g, flat, width)
                                    : b.project(Role::ssm_g_b, b.project(Role::ssm_g_a, flat, head), width);
  gate = g.reshape(gate, {head, heads, b.tokens, 1});
  const NodeId normed =
      norm(b, g.reshape(output, {head, heads, b.tokens, 1}), NormKind::rms, {Role::ssm_norm});
  const NodeId gated = mul(g, normed, unary(g, gate));
  return b.project(Role::o, contiguous(g, gated, {width, b.tokens, 1, 1}), b.a.hidden_size);
}

}  // namespace vramcalc::llama_cpp::graph
