#include "runtime/llama_cpp/graph/metal.hpp"

#include <algorithm>

#include "runtime/llama_cpp/graph/flash_attention.hpp"

namespace vramcalc::llama_cpp::graph {
namespace {

// ggml-metal-ops.cpp and ggml-metal-impl.h: OP_FLASH_ATTN_EXT_NCPSG, OP_FLASH_ATTN_EXT_NQPSG, the work groups
// and tokens of the kernel for few tokens, N_MM_NPART_AMAX.
constexpr std::uint64_t cells_per_block = 64, tokens_per_block = 8;
constexpr std::uint64_t work_groups = 32, few_tokens = 32;
constexpr std::uint64_t scales_of_product = 8 + 256 * 4;

std::uint64_t blocks(std::uint64_t count, std::uint64_t of) { return (count + of - 1) / of; }

std::uint64_t flash_attention_scratch(const Graph& graph, const Node& operation, bool copies_cache) {
  const Node &q = graph[operation.sources[0]], &k = graph[operation.sources[1]],
             &v = graph[operation.sources[2]];
  const std::uint64_t tokens = q.ne[1], heads = q.ne[2] * q.ne[3];
  std::uint64_t last_cells = k.nb[1] * k.ne[2] * k.ne[3] + v.nb[1] * v.ne[2] * v.ne[3];
  std::uint64_t blocks_of_mask = 0;
  if (operation.sources[3] != no_node) {
    const Node& mask = graph[operation.sources[3]];
    const std::uint64_t planes = mask.ne[2] * mask.ne[3];
    last_cells += 2 * mask.ne[1] * planes;
    blocks_of_mask = blocks(mask.ne[0], cells_per_block) * blocks(tokens, tokens_per_block) * planes;
  }
  const std::uint64_t partial_results =
      4 * std::min(tokens, few_tokens) * heads * work_groups * (v.ne[0] + 2);
  const std::uint64_t kept =
      checked_add(cells_per_block * last_cells + round_up(blocks_of_mask, 32), partial_results);
  if (!copies_cache) return kept;
  const std::uint64_t copy_of_k = round_up(checked_multiply(2, elements_of(k)), 16);
  const std::uint64_t copy_of_v =
      values_are_keys(graph, operation) ? 0 : round_up(checked_multiply(2, elements_of(v)), 16);
  return checked_add(kept, checked_add(copy_of_k, copy_of_v));
}

}  // namespace

std::uint64_t with_metal_scratch(const Graph& graph, const Node& operation, std::uint64_t result_bytes,
                                 bool copies_cache) {
  switch (operation.op) {
    case Op::flash_attention:
      return checked_add(result_bytes, flash_attention_scratch(graph, operation, copies_cache));
    case Op::mul_mat_id: {
      const std::uint64_t experts = graph[operation.sources[0]].ne[2];
      const std::uint64_t tokens = graph[operation.sources[2]].ne[1];
      return checked_add(result_bytes, 4 * experts * (1 + tokens) + scales_of_product);
    }
    case Op::argsort: return checked_multiply(2, result_bytes);
    case Op::top_k: return checked_multiply(2 * 4, elements_of(graph[operation.sources[0]]));
    default: return result_bytes;
  }
}

}  // namespace vramcalc::llama_cpp::graph
