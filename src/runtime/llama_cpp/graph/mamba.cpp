#include "runtime/llama_cpp/graph/recurrent.hpp"

// Selective state spaces (src/models/mamba-base.cpp).
namespace vramcalc::llama_cpp::graph {
namespace {

struct Scan {
  std::uint64_t state, head_dim, heads;
  NodeId x, dt, a, b, c;
};

// The output of all tokens, followed by the states after the last ones.
NodeId scan(Builder& b, const Scan& s, NodeId table, NodeId rows) {
  const NodeId states = b.g.reshape(table, {s.state, s.head_dim, s.heads, b.states()});
  const std::uint64_t after = s.state * s.head_dim * s.heads * b.s.sequences * (1 + b.s.rollback_states);
  return b.g.compute(Op::ssm_scan, ElementType::f32, {elements_of(b.g[s.x]) + after, 1, 1, 1},
                     {states, s.x, s.dt, s.a, s.b, s.c, rows});
}

NodeId scanned(Builder& b, const Scan& s) {
  const NodeId state = recurrent_state(b, s.state * s.head_dim * s.heads);
  const NodeId result =
      load_state(b, state, [&](NodeId table, NodeId rows) { return scan(b, s, table, rows); });
  store_states(b, result, 4 * elements_of(b.g[s.x]), b.g[state].ne[0], state);
  return result;
}

NodeId piece(Builder& b, NodeId x, std::uint64_t width, std::uint64_t first) {
  return slice(b.g, x, {width, b.g[x].ne[1], b.g[x].ne[2], 1}, 4 * first);
}

NodeId by_heads(Builder& b, NodeId x, std::uint64_t width, std::uint64_t heads, std::uint64_t first) {
  const Node from = b.g[x];
  return b.g.view(x, {width, heads, from.ne[1], from.ne[2]}, {4, 4 * width, from.nb[1], from.nb[2]},
                  4 * first);
}

// x times the activation of z.
NodeId gated(Builder& b, NodeId z, NodeId y) { return glu_split(b.g, contiguous(b.g, z), y); }

}  // namespace

NodeId attention(Builder& b, const Mamba1& part, NodeId x) {
  Graph& g = b.g;
  const std::uint64_t inner = part.inner, tokens = tokens_per_sequence(b), sequences = b.s.sequences;
  const Convolution convolution = {inner, part.conv_kernel};
  const NodeId conv_state = recurrent_state(b, (part.conv_kernel - 1) * inner);
  const NodeId past = g.reshape(load_state(b, conv_state), {part.conv_kernel - 1u, inner, sequences, 1});
  const NodeId xz = b.project(Role::ssm_in, g.reshape(x, {b.a.hidden_size, tokens, sequences, 1}), 2 * inner);
  const NodeId z = piece(b, xz, inner, inner);
  NodeId u = convolution_input(b, convolution, conv_state, past, piece(b, xz, inner, 0));
  u = unary(g, add(g, convolve(b, convolution, u, Role::ssm_conv1d),
                   b.vector(inner, {
                                       {Role::ssm_conv1d, Component::bias}
  })));

  const NodeId parameters = b.project(Role::ssm_x, u, part.dt_rank + 2u * part.state);
  NodeId dt = piece(b, parameters, part.dt_rank, 0);
  NodeId in = by_heads(b, parameters, part.state, 1, part.dt_rank);
  NodeId out = by_heads(b, parameters, part.state, 1, std::uint64_t{part.dt_rank} + part.state);
  if (part.inner_norms) {
    dt = norm(b, dt, NormKind::rms, {Role::ssm_dt_norm});
    in = norm(b, in, NormKind::rms, {Role::ssm_b_norm});
    out = norm(b, out, NormKind::rms, {Role::ssm_c_norm});
  } else {
    dt = contiguous(g, dt);
  }
  dt = add(g, b.project(Role::ssm_dt, dt, inner),
           b.vector(inner, {
                               {Role::ssm_dt, Component::bias}
  }));
  const NodeId heads = g.reshape(u, {1, inner, tokens, sequences});
  // A weight is where its operation is supported (src/llama-model-loader.cpp), and Vulkan has no such scan.
  const bool on_host = b.where.rules.kernels == Kernels::vulkan;
  const NodeId decay = on_host ? g.stored(Storage::weight, b.backends.cpu(), ElementType::f32,
                                          {
                                              part.state, inner, 1, 1
  })
                               : b.vectors({{Role::ssm_a, Component::parameter}}, part.state, inner);
  const NodeId all = scanned(b, {part.state, 1, inner, heads, dt, decay, in, out});
  NodeId y = g.view(all, {inner, tokens, sequences, 1},
                    contiguous_strides(ElementType::f32, {inner, tokens, sequences, 1}));
  y = add(g, y,
          mul(g, u,
              b.vector(inner, {
                                  {Role::ssm_d, Component::parameter}
  })));
  return g.reshape(b.project(Role::ssm_out, gated(b, z, y), b.a.hidden_size),
                   {b.a.hidden_size, b.tokens, 1, 1});
}

NodeId attention(Builder& b, const Mamba2& part, NodeId x) {
  Graph& g = b.g;
  const std::uint64_t inner = part.inner(), groups = std::uint64_t{part.groups} * part.state;
  const std::uint64_t tokens = tokens_per_sequence(b), sequences = b.s.sequences;
  const Convolution convolution = {inner + 2 * groups, part.conv_kernel};
  const NodeId conv_state = recurrent_state(b, (part.conv_kernel - 1) * convolution.channels);
  const NodeId past =
      g.reshape(load_state(b, conv_state), {part.conv_kernel - 1u, convolution.channels, sequences, 1});
  NodeId all = b.project(Role::ssm_in, x, 2 * inner + 2 * groups + part.heads);
  all = g.reshape(all, {g[all].ne[0], tokens, sequences, 1});
  const NodeId z = by_heads(b, all, part.head_dim, part.heads, 0);
  NodeId dt = piece(b, all, part.heads, 2 * inner + 2 * groups);
  NodeId u = convolution_input(b, convolution, conv_state, past, piece(b, all, convolution.channels, inner));
  u = convolve(b, convolution, u, Role::ssm_conv1d);
  if (part.conv_bias)
    u = add(g, u,
            b.vector(convolution.channels, {
                                               {Role::ssm_conv1d, Component::bias}
    }));
  u = unary(g, u);

  const NodeId heads = by_heads(b, u, part.head_dim, part.heads, 0);
  const NodeId in = by_heads(b, u, part.state, part.groups, inner);
  const NodeId out = by_heads(b, u, part.state, part.groups, inner + groups);
  dt = add(g, contiguous(g, dt),
           b.vector(part.heads, {
                                    {Role::ssm_dt, Component::bias}
  }));
  const NodeId decay = b.vectors(
      {
          {Role::ssm_a, Component::parameter}
  },
      1, part.heads);
  const NodeId result = scanned(b, {part.state, part.head_dim, part.heads, heads, dt, decay, in, out});
  const Extent shape = {part.head_dim, part.heads, tokens, sequences};
  NodeId y = g.view(result, shape, contiguous_strides(ElementType::f32, shape));
  const NodeId skip = b.vectors(
      {
          {Role::ssm_d, Component::parameter}
  },
      1, part.heads);
  y = gated(b, z, add(g, y, mul(g, heads, skip)));
  if (part.norm) {
    y = g.reshape(y, {inner / part.groups, part.groups, tokens, sequences});
    y = norm(b, y, NormKind::rms, {Role::ssm_norm});
  }
  return b.project(Role::ssm_out, g.reshape(y, {inner, b.tokens, 1, 1}), b.a.hidden_size);
}

}  // namespace vramcalc::llama_cpp::graph
