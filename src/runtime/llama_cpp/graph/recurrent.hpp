#pragma once

#include "runtime/llama_cpp/graph/builder.hpp"

// What recurrent layers share: their states, one row a sequence, f32 whatever the cache type
// (llama-graph.cpp, build_rs), and the short convolution in front of most of them.
namespace vramcalc::llama_cpp::graph {

// A state of `width` elements a sequence, all sequences.
NodeId recurrent_state(Builder& b, std::uint64_t width);

// The rows of the sequences in the batch, read before anything overwrites them.
NodeId load_state(Builder& b, NodeId state);

// The same where an operation reads the rows by itself: `read` gets the table and the numbers of the rows.
template <typename Read>
NodeId load_state(Builder& b, NodeId state, Read read);

// Writes the state after the last token back.
void store_state(Builder& b, NodeId from, NodeId state);

struct Convolution {
  std::uint64_t channels = 0;
  std::uint64_t kernel = 0;
};

// The last columns before the batch, then those of the batch; the last ones of the batch become the new
// state. `x` is channels × tokens a sequence × sequences.
NodeId convolution_input(Builder& b, const Convolution& shape, NodeId state, NodeId past, NodeId x);
NodeId convolve(Builder& b, const Convolution& shape, NodeId input, bool padded_kernel = false);

std::uint64_t tokens_per_sequence(const Builder& b);

// ---- implementation of the template
// ----------------------------------------------------------------------------

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
