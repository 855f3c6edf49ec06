#include "runtime/llama_cpp/graph/device_support.hpp"

#include <algorithm>
#include <array>

#include "runtime/llama_cpp/graph/flash_attention.hpp"

namespace vramcalc::llama_cpp::graph {
namespace {

// Types with small blocks are read in super-blocks of 256; ternary types and NVFP4 are not supported.
bool reads_rows(const Node& table) {
  switch (table.type) {
    case ElementType::iq4_nl:
    case ElementType::mxfp4: return table.ne[0] % 256 == 0;
    case ElementType::tq1_0:
    case ElementType::tq2_0:
    case ElementType::nvfp4: return false;
    default: return true;
  }
}

bool scans(const Graph& graph, const Node& operation) {
  const Node& state = graph[operation.sources[0]];
  const bool one_decay_per_head = graph[operation.sources[3]].ne[0] == 1;
  if (one_decay_per_head) return (state.ne[0] == 128 || state.ne[0] == 256) && state.ne[1] % 16 == 0;
  const bool one_group = graph[operation.sources[4]].ne[1] == 1;
  return state.ne[0] == 16 && state.ne[1] == 1 && state.ne[2] % 128 == 0 && one_group;
}

// lightning-indexer.cu, ggml_cuda_lightning_indexer_supported.
bool chooses_cells(const Graph& graph, const Node& operation) {
  const Node &q = graph[operation.sources[0]], &k = graph[operation.sources[1]];
  const bool has_kernel = q.ne[0] == 128 && (q.ne[1] == 32 || q.ne[1] == 64);
  return has_kernel && kernels_read_cache(k.type) && strides_aligned(q) && strides_aligned(k);
}

bool cuda_supports(const Graph& graph, const Node& operation) {
  switch (operation.op) {
    case Op::flash_attention: return device_supports_flash_attention(graph, operation);
    case Op::get_rows: return reads_rows(graph[operation.sources[0]]);
    case Op::ssm_conv: return graph[operation.sources[0]].ne[1] % 128 == 0;
    case Op::ssm_scan: return scans(graph, operation);
    case Op::lightning_indexer: return chooses_cells(graph, operation);
    default: return true;
  }
}

bool has_contiguous_rows(const Node& node) { return node.nb[0] == layout_of(node.type).block_bytes; }

// Any head size that is a multiple of 8.
bool vulkan_attends(const Graph& graph, const Node& operation) {
  const Node &k = graph[operation.sources[1]], &v = graph[operation.sources[2]];
  const bool same_precision = (k.type == ElementType::bf16) == (v.type == ElementType::bf16);
  return k.ne[0] % 8 == 0 && v.ne[0] % 8 == 0 && same_precision;
}

// Only Mamba 2, with one decay per head.
bool vulkan_scans(const Graph& graph, const Node& operation) {
  const Node& state = graph[operation.sources[0]];
  if (graph[operation.sources[3]].ne[0] != 1) return false;
  return (state.ne[0] == 128 || state.ne[0] == 256) && state.ne[1] % 16 == 0;
}

// The rows of a matrix follow each other, also from the last one of a plane to the next.
bool has_contiguous_planes(const Node& node) {
  return has_contiguous_rows(node) && node.nb[1] == row_stride(node.type, node.ne[0]) &&
         (node.ne[3] == 1 || node.nb[3] == node.nb[2] * node.ne[2]);
}

// No matrix is repeated over the last dimension, and a quantized one is not read through a view of some rows.
bool vulkan_multiplies(const Node& a, const Node& b) {
  return a.ne[3] == b.ne[3] && (!is_quantized(a.type) || has_contiguous_planes(a));
}

bool vulkan_supports(const Graph& graph, const Node& operation) {
  const auto source = [&](std::size_t place) -> const Node& { return graph[operation.sources[place]]; };
  switch (operation.op) {
    case Op::flash_attention: return vulkan_attends(graph, operation);
    case Op::ssm_scan: return vulkan_scans(graph, operation);
    case Op::mul_mat: return vulkan_multiplies(source(0), source(1));
    case Op::lightning_indexer: return source(0).ne[0] == 128;
    case Op::gated_delta_net: return source(2).ne[0] >= 16 && source(2).ne[0] <= 128;
    case Op::argsort:
    case Op::top_k:
    case Op::scale:
    case Op::soft_max: return is_contiguous(source(0));
    case Op::sum_rows: return has_contiguous_rows(source(0));
    default: return true;
  }
}

// ggml-metal-device.m: the head sizes of the queries. Values are no longer than keys, and both have one type.
bool metal_attends(const Graph& graph, const Node& operation) {
  constexpr std::array<std::uint64_t, 14> sizes = {32,  40,  48,  64,  72,  80,  96,
                                                   112, 128, 192, 256, 320, 512, 576};
  const Node &q = graph[operation.sources[0]], &k = graph[operation.sources[1]],
             &v = graph[operation.sources[2]];
  if (std::ranges::find(sizes, q.ne[0]) == sizes.end() || k.type != v.type) return false;
  return k.ne[0] >= v.ne[0] && (k.ne[0] != 72 || v.ne[0] == 72) && k.type != ElementType::iq4_nl;
}

bool metal_supports(const Graph& graph, const Node& operation) {
  const auto source = [&](std::size_t place) -> const Node& { return graph[operation.sources[place]]; };
  switch (operation.op) {
    case Op::flash_attention: return metal_attends(graph, operation);
    case Op::gated_delta_net: return source(2).ne[0] % 32 == 0;
    case Op::lightning_indexer: return source(0).ne[0] == 128 && source(0).ne[1] == 64;
    case Op::get_rows:
    case Op::mul_mat:
    case Op::mul_mat_id: return source(0).type != ElementType::nvfp4 && source(0).type != ElementType::tq1_0;
    case Op::add:
    case Op::sub:
    case Op::mul:
    case Op::div:
    case Op::add_id: return has_contiguous_rows(source(0)) && has_contiguous_rows(source(1));
    case Op::scale:
    case Op::unary:
    case Op::square:
    case Op::square_root:
    case Op::clamp:
    case Op::sum_rows:
    case Op::soft_max:
    case Op::norm:
    case Op::rms_norm: return has_contiguous_rows(source(0));
    default: return true;
  }
}

}  // namespace

bool device_supports(const Graph& graph, const Node& operation, Kernels kernels) {
  switch (kernels) {
    case Kernels::cuda: return cuda_supports(graph, operation);
    case Kernels::vulkan: return vulkan_supports(graph, operation);
    case Kernels::metal: return metal_supports(graph, operation);
  }
  return true;
}

}  // namespace vramcalc::llama_cpp::graph
