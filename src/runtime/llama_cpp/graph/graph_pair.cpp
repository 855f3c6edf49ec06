#include "runtime/llama_cpp/graph/graph_pair.hpp"

#include <algorithm>

#include "runtime/llama_cpp/graph/allocated_bytes.hpp"
#include "runtime/llama_cpp/graph/linear.hpp"

namespace vramcalc::llama_cpp::graph {

bool same_structure(const Graph& a, const Schedule& of_a, const Graph& b, const Schedule& of_b) {
  if (a.size() != b.size() || of_a != of_b) return false;
  for (NodeId id = 0; id < static_cast<NodeId>(a.size()); ++id) {
    const Node &x = a[id], &y = b[id];
    if (x.op != y.op || x.type != y.type || x.storage != y.storage || x.sources != y.sources ||
        x.view_of != y.view_of || x.input != y.input || x.output != y.output)
      return false;
    if (!can_overwrite_operand(x.op)) continue;
    for (const NodeId source : x.sources)
      if (source != no_node && laid_out_alike(a[source], x) != laid_out_alike(b[source], y)) return false;
  }
  return true;
}

bool grows_evenly(const GraphPair& graphs, const Graph& later, const DeviceRules& rules,
                  std::uint64_t steps) {
  const auto alignment = static_cast<std::int64_t>(std::max(rules.alignment, rules.host_alignment));
  for (NodeId id = 0; id < static_cast<NodeId>(later.size()); ++id) {
    if (later[id].is_view() || later[id].storage != Storage::graph) continue;
    for (const DeviceRules* on : {&rules, static_cast<const DeviceRules*>(nullptr)}) {
      const auto bytes = [&](const Graph& graph) { return allocated_bytes(graph, graph[id], on); };
      const Linear line = line_through(bytes(graphs.graph), bytes(graphs.next));
      // Sizes that are not a multiple of the alignment do not grow evenly once padded.
      if (line.slope % alignment != 0) return false;
      if (line.after(steps) != bytes(later)) return false;
    }
  }
  return true;
}

}  // namespace vramcalc::llama_cpp::graph
