#include "runtime/llama_cpp/graph/allocated_bytes.hpp"

#include "runtime/llama_cpp/graph/flash_attention.hpp"
#include "runtime/llama_cpp/graph/metal.hpp"
#include "runtime/llama_cpp/graph/sycl.hpp"

namespace vramcalc::llama_cpp::graph {
namespace {

// ggml-cuda.cu, MATRIX_ROW_PADDING.
constexpr std::uint64_t device_row_elements = 512;

std::uint64_t with_scratch(const Graph& graph, const Node& node, const DeviceRules& rules,
                           std::uint64_t bytes) {
  switch (rules.scratch) {
    case Scratch::none: return bytes;
    case Scratch::cuda:
      return node.op == Op::flash_attention && rules.copies_cache
                 ? with_flash_attention_scratch(graph, node, rules.generation, bytes)
                 : bytes;
    case Scratch::metal: return with_metal_scratch(graph, node, bytes, rules.copies_cache);
    case Scratch::sycl_with_onednn: return with_sycl_scratch(graph, node, bytes, true);
    case Scratch::sycl: return with_sycl_scratch(graph, node, bytes, false);
  }
  return bytes;
}

}  // namespace

std::uint64_t allocated_bytes(const Graph& graph, const Node& node, const DeviceRules* rules) {
  std::uint64_t bytes = bytes_of(node);
  if (rules == nullptr) return bytes;
  bytes = with_scratch(graph, node, *rules, bytes);
  if (rules->pads_quantized_rows && node.ne[0] % device_row_elements != 0 && is_quantized(node.type)) {
    bytes = checked_add(bytes, row_stride(node.type, device_row_elements - node.ne[0] % device_row_elements));
  }
  return bytes;
}

}  // namespace vramcalc::llama_cpp::graph
