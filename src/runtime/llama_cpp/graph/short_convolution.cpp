#include "runtime/llama_cpp/graph/recurrent.hpp"

namespace vramcalc::llama_cpp::graph {

// Two gates around a convolution (src/models/lfm2.cpp).
NodeId attention(Builder& b, const ShortConvolution& part, NodeId x) {
  Graph& g = b.g;
  const std::uint64_t width = b.a.hidden_size, tokens = tokens_per_sequence(b), sequences = b.s.sequences;
  const Convolution convolution = {width, part.kernel};
  const NodeId all = b.project(Role::shortconv_in, g.reshape(x, {width, tokens, sequences, 1}), 3 * width);
  const auto piece = [&](std::uint64_t i) {
    return slice(g, all, {width, tokens, sequences, 1}, 4 * i * width);
  };
  const NodeId before = piece(0), after = piece(1), value = piece(2);
  const NodeId gated = mul(g, before, value);
  const NodeId state = recurrent_state(b, (part.kernel - 1) * width);
  const NodeId past = g.reshape(load_state(b, state), {part.kernel - 1u, width, sequences, 1});
  const NodeId input = convolution_input(b, convolution, state, past, gated);
  const NodeId y =
      b.project(Role::shortconv_out, mul(g, after, convolve(b, convolution, input, Role::shortconv)), width);
  return g.reshape(y, {width, b.tokens, 1, 1});
}

}  // namespace vramcalc::llama_cpp::graph
