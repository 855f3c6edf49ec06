#include "runtime/llama_cpp/graph/device_support.hpp"

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

}  // namespace

bool device_supports(const Graph& graph, const Node& operation) {
  switch (operation.op) {
    case Op::flash_attention: return device_supports_flash_attention(graph, operation);
    case Op::get_rows: return reads_rows(graph[operation.sources[0]]);
    case Op::ssm_conv: return graph[operation.sources[0]].ne[1] % 128 == 0;
    case Op::ssm_scan: return scans(graph, operation);
    case Op::lightning_indexer: return chooses_cells(graph, operation);
    default: return true;
  }
}

}  // namespace vramcalc::llama_cpp::graph
