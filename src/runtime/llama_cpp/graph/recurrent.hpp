#pragma once

#include "runtime/llama_cpp/graph/builder.hpp"

// What recurrent layers share: their states, with one f32 row per sequence for any cache type
// (llama-graph.cpp, build_rs), and the short convolution before most of them.
namespace vramcalc::llama_cpp::graph {

// A state of `width` elements per sequence, for all sequences.
NodeId recurrent_state(Builder& b, std::uint64_t width);

// The rows of the sequences in the batch, read before anything overwrites them.
NodeId load_state(Builder& b, NodeId state);

// The same for an operation that reads the rows itself: `read` gets the table and the row numbers.
template <typename Read>
NodeId load_state(Builder& b, NodeId state, Read read);

// Writes the state after the last token back.
void store_state(Builder& b, NodeId from, NodeId state);

// The states after the last tokens that a batch writes: of the last one, and of those before it to roll back
// to.
std::uint64_t written_states(const Builder& b);

// Writes all of them from `all`, where they begin at `first_byte` and have `width` elements each.
void store_states(Builder& b, NodeId all, std::uint64_t first_byte, std::uint64_t width, NodeId state);

struct Convolution {
  std::uint64_t channels = 0;
  std::uint64_t kernel = 0;
};

// The last columns before the batch, followed by those of the batch, whose last columns become the new state.
// `x` is channels × tokens per sequence × sequences.
NodeId convolution_input(Builder& b, const Convolution& shape, NodeId state, NodeId past, NodeId x);
NodeId convolve(Builder& b, const Convolution& shape, NodeId input, Role kernel, bool padded_kernel = false);

std::uint64_t tokens_per_sequence(const Builder& b);

// ---- implementation of the template

void clear_one_row(Builder& b, NodeId table);
void move_other_rows(Builder& b, NodeId table, NodeId state);

template <typename Read>
NodeId load_state(Builder& b, NodeId state, Read read) {
  const NodeId table = b.g.reshape(state, Extent(b.g[state].ne));
  clear_one_row(b, table);
  const NodeId rows = read(table, b.state_rows);
  b.g.expand(rows);
  move_other_rows(b, table, state);
  return rows;
}

}  // namespace vramcalc::llama_cpp::graph
