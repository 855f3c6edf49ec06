#include "runtime/llama_cpp/graph/recurrent.hpp"

#include <algorithm>

namespace vramcalc::llama_cpp::graph {

std::uint64_t tokens_per_sequence(const Builder& b) { return b.tokens / b.s.sequences; }

NodeId recurrent_state(Builder& b, std::uint64_t width) {
  return b.cache(ElementType::f32, {width, b.states(), 1, 1});
}

void clear_one_row(Builder& b, NodeId table) {
  const std::uint64_t width = b.g[table].ne[0];
  const NodeId row =
      b.g.view(table, {width, 1, 1, 1}, contiguous_strides(ElementType::f32, {width, 1, 1, 1}));
  b.g.expand(scale_inplace(b.g, row));
}

// Nearly every reserved graph has all sequences in its batch, so no row is left to move.
void move_other_rows(Builder& b, NodeId table, NodeId state) {
  const NodeId rows = get_rows(b.g, table, b.other_state_rows);
  Extent others = b.g[state].ne;
  others[1] -= b.s.sequences;
  b.g.expand(copy_into(b.g, rows, slice(b.g, state, others, b.s.sequences * b.g[state].nb[1])));
}

NodeId load_state(Builder& b, NodeId state) {
  return load_state(b, state, [&](NodeId table, NodeId rows) { return get_rows(b.g, table, rows); });
}

void store_state(Builder& b, NodeId from, NodeId state) {
  Extent batch = b.g[state].ne;
  batch[1] = b.s.sequences;
  b.g.expand(copy_into(b.g, from, slice(b.g, state, batch, 0)));
}

std::uint64_t written_states(const Builder& b) {
  return std::min<std::uint64_t>(tokens_per_sequence(b), 1 + b.s.rollback_states);
}

void store_states(Builder& b, NodeId all, std::uint64_t first_byte, std::uint64_t width, NodeId state) {
  const Extent ne = {width, b.s.sequences, written_states(b), 1};
  const NodeId from = b.g.view(all, ne, contiguous_strides(ElementType::f32, ne), first_byte);
  const std::uint64_t row = b.g[state].nb[1];
  b.g.expand(copy_into(b.g, from, b.g.view(state, ne, {4, row, row * b.states(), row * b.states() * ne[2]})));
}

NodeId convolution_input(Builder& b, const Convolution& shape, NodeId state, NodeId past, NodeId x) {
  const NodeId input = concat(b.g, past, b.g.transpose(x), 0);
  const std::uint64_t kept = shape.kernel - 1, tokens = tokens_per_sequence(b);
  for (std::uint64_t back = 0; back <= b.s.rollback_states; ++back) {
    const std::uint64_t first = tokens > back ? tokens - back : 0;
    store_state(b, slice(b.g, input, {kept, shape.channels, b.s.sequences, 1}, 4 * first), state);
  }
  return input;
}

// A kernel with more than two dimensions is read through a view.
NodeId convolve(Builder& b, const Convolution& shape, NodeId input, Role role, bool padded_kernel) {
  const Extent ne = {shape.kernel, shape.channels, 1, 1};
  NodeId kernel = b.vectors({role}, ne[0], ne[1]);
  if (padded_kernel) kernel = b.g.reshape(kernel, ne);
  return b.g.compute(Op::ssm_conv, ElementType::f32,
                     {shape.channels, b.g[input].ne[0] - shape.kernel + 1, b.g[input].ne[2], 1},
                     {input, kernel});
}

}  // namespace vramcalc::llama_cpp::graph
