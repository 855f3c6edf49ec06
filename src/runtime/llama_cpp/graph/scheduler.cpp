#include "runtime/llama_cpp/graph/scheduler.hpp"

#include <algorithm>
#include <iterator>

#include "runtime/llama_cpp/graph/cuda_fusion.hpp"
#include "runtime/llama_cpp/graph/device_support.hpp"
#include "runtime/llama_cpp/graph/metal_order.hpp"
#include "runtime/llama_cpp/graph/vulkan_order.hpp"

namespace vramcalc::llama_cpp::graph {
namespace {

// ggml-cuda.cu, GGML_OP_OFFLOAD_MIN_BATCH.
constexpr std::uint64_t smallest_offloaded_batch = 32;

std::uint64_t batch_of(const Node& node) {
  switch (node.op) {
    case Op::get_rows: return 0;
    case Op::mul_mat: return node.ne[1];
    case Op::mul_mat_id:
    case Op::rope: return node.ne[2];
    default: return node.ne[1] * node.ne[2] * node.ne[3];
  }
}

constexpr std::int32_t no_row = -1;
constexpr std::size_t most_sources = 8;

// A run of operations on one backend, with the tensors of other backends that it copies first.
struct Split {
  BackendId backend;
  std::size_t first;
  std::size_t last;
  std::vector<NodeId> inputs;
};

class Scheduler {
 public:
  Scheduler(Graph& graph, const Backends& backends)
      : graph_(graph),
        backends_(backends),
        assigned_(graph.size(), no_backend),
        row_of_copies_(graph.size(), no_row) {
    computed_.reserve(graph.order().size());
  }

  Schedule run(const std::vector<std::size_t>& marks) {
    if (may_fuse()) readers_ = count_readers(graph_);
    assign_by_location();
    spread(true, true);
    spread(true, false);
    spread(false, true);
    spread(false, false);
    assign_by_operands();
    assign_the_rest();
    split();
    return emit(marks);
  }

 private:
  Node& node(NodeId id) { return graph_[id]; }
  BackendId& backend(NodeId id) { return assigned_[static_cast<std::size_t>(id)]; }
  // Few tensors are copied; each of them has a row with one entry per backend.
  NodeId& copy(NodeId id, BackendId to) {
    const auto backends = static_cast<std::size_t>(backends_.devices + 1);
    std::int32_t& row = row_of_copies_[static_cast<std::size_t>(id)];
    if (row == no_row) {
      row = static_cast<std::int32_t>(copies_.size() / backends);
      copies_.resize(copies_.size() + backends, no_node);
    }
    return copies_[static_cast<std::size_t>(row) * backends + static_cast<std::size_t>(to)];
  }

  bool supports(BackendId where, NodeId id) {
    return where == backends_.cpu() || device_supports(graph_, node(id));
  }

  // A backend uses only memory of its own kind: a device does not read host memory.
  BackendId owner(NodeId id) {
    const NodeId root = node(id).is_view() ? node(id).view_of : id;
    if (node(root).storage != Storage::graph) return node(root).backend;
    return backend(id) != no_backend ? backend(id) : backend(root);
  }

  BackendId by_location(NodeId id) {
    const Node& n = node(id);
    if (n.pinned != no_backend) return n.pinned;
    const Node& root = n.is_view() ? node(n.view_of) : n;
    if (root.storage != Storage::graph) return root.backend;
    if (n.input) return backends_.cpu();
    if (n.op == Op::rope || n.op == Op::flash_attention) return no_backend;
    for (const NodeId source : n.sources) {
      if (source == no_node || node(source).storage != Storage::weight) continue;
      return by_weight(id, node(source).backend);
    }
    return no_backend;
  }

  BackendId by_weight(NodeId id, BackendId weight) {
    if (weight == backends_.cpu() && backends_.offload_host_weights && backends_.devices > 0 &&
        supports(0, id) && batch_of(node(id)) >= smallest_offloaded_batch) {
      return 0;
    }
    return supports(weight, id) ? weight : no_backend;
  }

  void assign_by_location() {
    for (const NodeId leaf : graph_.leaves()) backend(leaf) = by_location(leaf);
    const auto& order = graph_.order();
    for (std::size_t i = 0; i < order.size(); ++i) {
      backend(order[i]) = by_location(order[i]);
      if (!is_view_op(node(order[i]).op)) computed_.push_back(i);
    }
  }

  // Unassigned operations join the last assigned one before (or after) them; first only for devices.
  void spread(bool devices_only, bool forwards) {
    BackendId current = no_backend;
    const auto visit = [&](std::size_t i) {
      const NodeId id = graph_.order()[i];
      if (backend(id) != no_backend) {
        current = devices_only && backend(id) == backends_.cpu() ? no_backend : backend(id);
      } else if (current != no_backend && supports(current, id)) {
        backend(id) = current;
      }
    };
    if (forwards) {
      std::for_each(computed_.begin(), computed_.end(), visit);
    } else {
      std::for_each(computed_.rbegin(), computed_.rend(), visit);
    }
  }

  // Operations that no neighbour could take go to the backend of most of their operands.
  void assign_by_operands() {
    for (const std::size_t i : computed_) {
      const NodeId id = graph_.order()[i];
      if (backend(id) != no_backend) continue;
      int best = -1;
      for (BackendId b = 0; b <= backends_.cpu(); ++b) {
        if (!supports(b, id)) continue;
        int local = 0;
        for (const NodeId source : node(id).sources) local += source != no_node && owner(source) == b ? 1 : 0;
        if (local > best) {
          best = local;
          backend(id) = b;
        }
      }
    }
  }

  void assign_the_rest() {
    for (const NodeId id : graph_.order()) {
      if (node(id).is_view() && backend(id) == no_backend) backend(id) = backend(node(id).view_of);
      for (const NodeId source : node(id).sources) {
        if (source == no_node || backend(source) != no_backend) continue;
        backend(source) = node(source).is_view() ? backend(node(source).view_of) : backend(id);
      }
      for (BackendId b = 0; b <= backends_.cpu() && backend(id) == no_backend; ++b) {
        if (supports(b, id)) backend(id) = b;
      }
    }
  }

  // A weight that must be copied starts a new split, so that the memory of the one before can be reused.
  bool brings_a_weight(NodeId id, BackendId current) {
    return std::any_of(node(id).sources.begin(), node(id).sources.end(), [&](NodeId source) {
      return source != no_node && node(source).storage == Storage::weight && backend(source) != current &&
             owner(source) != current;
    });
  }

  void split() {
    const auto& order = graph_.order();
    if (computed_.empty()) return;
    splits_.push_back({backend(order[computed_.front()]), 0, order.size(), {}});
    for (const std::size_t i : computed_) {
      const NodeId id = order[i];
      const BackendId current = splits_.back().backend;
      const bool new_split =
          backend(id) != current || (!splits_.back().inputs.empty() && brings_a_weight(id, current));
      if (new_split) {
        splits_.back().last = i;
        splits_.push_back({backend(id), i, order.size(), {}});
      }
      const std::size_t copied = splits_.back().inputs.size();
      fetch_operands(id, splits_.back());
      if (backends_.copies > 1 && splits_.back().inputs.size() > copied) kept_copies_.push_back(i);
    }
  }

  void fetch_operands(NodeId id, Split& split) {
    for (std::size_t s = 0; s < node(id).sources.size(); ++s) {
      const NodeId source = node(id).sources[s];
      if (source == no_node) continue;
      if (node(source).input && backends_.copies > 1) keep_copies_of_input(source);
      if (backend(source) == split.backend || owner(source) == split.backend) continue;
      if (copy(source, split.backend) == no_node) {
        copy(source, split.backend) = make_copies(source, backends_.copies);
        split.inputs.push_back(source);
      }
      node(id).sources[s] = copy(source, split.backend);
    }
  }

  // Copies have consecutive ids; the reserved graph uses the first one.
  NodeId make_copies(NodeId of, int count) {
    const NodeId first = static_cast<NodeId>(graph_.size());
    for (int c = 0; c < count; ++c) {
      const NodeId id = graph_.duplicate(of);
      node(id).input = node(id).output = backends_.copies > 1;
    }
    return first;
  }

  void keep_copies_of_input(NodeId input) {
    if (copy(input, backend(input)) != no_node) return;
    copy(input, backend(input)) = make_copies(input, backends_.copies - 1);
    node(input).output = true;
    kept_inputs_.push_back(input);
  }

  // CUDA's fusions that matter to memory are those of experts. The readers are those of the graph without
  // copies.
  bool may_fuse() const {
    return backends_.rules.order == Order::cuda &&
           std::ranges::any_of(graph_.order(), [&](NodeId id) { return graph_[id].op == Op::mul_mat_id; });
  }

  Schedule emit(const std::vector<std::size_t>& marks) {
    Schedule result;
    result.steps.reserve(graph_.order().size() + 64);
    emit_copies_as_leaves(result);
    for (const NodeId leaf : graph_.leaves()) result.leaves.push_back({leaf, backend(leaf)});
    std::size_t kept = 0;  // may reach into the next split
    for (const Split& split : splits_) {
      for (const NodeId input : split.inputs) {
        result.steps.push_back({graph_.dependency(input), backend(input)});
        result.steps.push_back({copy(input, split.backend), split.backend});
      }
      ReorderedRun run = order_of(split);
      std::ranges::move(run.kept, std::back_inserter(kept_));
      for (std::size_t i = split.first; i < split.last; ++i) {
        const NodeId id = run.nodes[i - split.first];
        while (result.marks.size() < marks.size() && marks[result.marks.size()] <= i) {
          result.marks.push_back(result.steps.size());
        }
        if (result.kept_copies.size() < kept_copies_.size() && kept_copies_[result.kept_copies.size()] == i)
          result.kept_copies.push_back(result.steps.size());
        result.steps.push_back({id, backend(id)});
        for (; kept != kept_.size() && kept_[kept].operation == id; ++kept)
          emit_kept(kept_[kept], split, result);
      }
    }
    return result;
  }

  ReorderedRun order_of(const Split& split) {
    const auto& order = graph_.order();
    const std::span run(order.data() + split.first, split.last - split.first);
    const Order wanted = split.backend == backends_.cpu() ? Order::as_built : backends_.rules.order;
    switch (wanted) {
      case Order::vulkan: return in_vulkan_order(graph_, run);
      case Order::metal: return {in_metal_order(graph_, run), {}};
      case Order::cuda:
        if (readers_.empty()) break;
        return {
            {run.begin(), run.end()},
            kept_by_cuda(graph_, readers_, backends_.rules, order, split.first, split.last)
        };
      case Order::as_built: break;
    }
    return {
        {run.begin(), run.end()},
        {           }
    };
  }

  // Adds a step that reads all kept tensors.
  void emit_kept(const KeptUntil& kept, const Split& split, Schedule& result) {
    for (std::size_t first = 0; first < kept.tensors.size(); first += most_sources) {
      const NodeId reader = graph_.dependency(kept.tensors[first]);
      const std::size_t end = std::min(first + most_sources, kept.tensors.size());
      for (std::size_t i = first + 1; i < end; ++i) node(reader).sources.append({kept.tensors[i]});
      result.steps.push_back({reader, split.backend});
    }
  }

  void emit_copies_as_leaves(Schedule& result) {
    if (backends_.copies == 1) return;
    for (const NodeId input : kept_inputs_) {
      result.leaves.push_back({input, backend(input)});
      const NodeId first = copy(input, backend(input));
      for (int c = 0; c < backends_.copies - 1; ++c) result.leaves.push_back({first + c, backend(input)});
    }
    for (const Split& split : splits_) {
      for (const NodeId input : split.inputs) {
        const NodeId first = copy(input, split.backend);
        for (int c = 0; c < backends_.copies; ++c) result.leaves.push_back({first + c, split.backend});
      }
    }
  }

  Graph& graph_;
  const Backends& backends_;
  std::vector<BackendId> assigned_;
  std::vector<std::size_t> computed_;        // positions in the graph's order, without views
  Readers readers_;                          // if operations may be fused
  std::vector<KeptUntil> kept_;              // in the order of their operations
  std::vector<std::int32_t> row_of_copies_;  // by tensor
  std::vector<NodeId> copies_;
  std::vector<Split> splits_;
  std::vector<NodeId> kept_inputs_;
  std::vector<std::size_t> kept_copies_;  // positions in the graph's order of their first uses
};

}  // namespace

Schedule schedule(Graph& graph, const Backends& backends, const std::vector<std::size_t>& marks) {
  return Scheduler(graph, backends).run(marks);
}

}  // namespace vramcalc::llama_cpp::graph
