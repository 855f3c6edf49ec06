#include "runtime/llama_cpp/graph/sycl.hpp"

#include "runtime/llama_cpp/graph/flash_attention.hpp"

namespace vramcalc::llama_cpp::graph {
namespace {

constexpr std::uint64_t alignment = 128;  // SYCL_BUFFER_ALIGNMENT

std::uint64_t append_halves(std::uint64_t end, std::uint64_t count) {
  return count == 0 ? end : checked_add(round_up(end, alignment), checked_multiply(2, count));
}

}  // namespace

std::uint64_t with_sycl_scratch(const Graph& graph, const Node& operation, std::uint64_t result_bytes,
                                bool onednn) {
  if (operation.op != Op::flash_attention) return result_bytes;
  const Node &q = graph[operation.sources[0]], &k = graph[operation.sources[1]],
             &v = graph[operation.sources[2]];
  const std::uint64_t queries = onednn ? checked_multiply(q.ne[1] * q.ne[2], k.ne[0]) : 0;
  const bool shares_copy = !onednn && k.type != ElementType::f16 && values_are_keys(graph, operation);
  std::uint64_t end = append_halves(result_bytes, queries);
  if (k.type != ElementType::f16) end = append_halves(end, elements_of(k));
  if (v.type != ElementType::f16 && !shares_copy) end = append_halves(end, elements_of(v));
  if (onednn) end = append_halves(end, 1);
  return append_halves(end, queries);
}

}  // namespace vramcalc::llama_cpp::graph
