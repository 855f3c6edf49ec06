#include "runtime/llama_cpp/graph/metal_order.hpp"

#include <algorithm>

#include "runtime/llama_cpp/graph/metal_fusion.hpp"

namespace vramcalc::llama_cpp::graph {
namespace {

bool is_empty(Op op) { return op == Op::none || is_view_op(op); }

// Operations that others may be moved across.
bool may_be_crossed(Op op) {
  switch (op) {
    case Op::mul_mat:
    case Op::mul_mat_id:
    case Op::rope:
    case Op::norm:
    case Op::rms_norm:
    case Op::sum_rows:
    case Op::ssm_conv:
    case Op::ssm_scan:
    case Op::clamp:
    case Op::mul:
    case Op::add:
    case Op::sub:
    case Op::div:
    case Op::glu:
    case Op::scale:
    case Op::unary:
    case Op::get_rows:
    case Op::set_rows:
    case Op::copy:
    case Op::contiguous:
    case Op::repeat: return true;
    default: return is_empty(op);
  }
}

// Operations that one kernel computes.
struct Group {
  std::size_t first = 0, last = 0;  // positions among the nodes
};

// The memory that a set of operations reads and writes, by the tensors that own it.
class Accesses {
 public:
  explicit Accesses(std::size_t tensors) : marks_(tensors) {}
  void clear() { ++now_; }
  void read(NodeId id) { of(id).read = now_; }
  void write(NodeId id) { of(id).written = now_; }
  bool is_read(NodeId id) const { return marks_[static_cast<std::size_t>(id)].read == now_; }
  bool is_written(NodeId id) const { return marks_[static_cast<std::size_t>(id)].written == now_; }

 private:
  struct Marks {
    std::uint32_t read = 0, written = 0;
  };
  Marks& of(NodeId id) { return marks_[static_cast<std::size_t>(id)]; }
  std::vector<Marks> marks_;
  std::uint32_t now_ = 1;
};

class Reordering {
 public:
  Reordering(const Graph& graph, const Readers& readers, std::span<const NodeId> nodes,
             std::size_t (*fused)(const Graph&, const Readers&, std::span<const NodeId>, std::size_t))
      : graph_(graph), nodes_(nodes), running_(graph.size()), passed_(graph.size()) {
    for (std::size_t place = 0; place < nodes.size(); place = groups_.back().last + 1)
      groups_.push_back({place, place + fused(graph, readers, nodes, place) - 1});
    used_.resize(groups_.size());
  }

  std::vector<NodeId> run() {
    result_.reserve(nodes_.size());
    for (std::size_t at = 0; at < groups_.size(); ++at) {
      if (used_[at]) continue;
      if (!is_empty(op(groups_[at].first)) && !runs_beside(running_, groups_[at])) {
        look_ahead(at);
        running_.clear();
      }
      start(groups_[at]);
    }
    return std::move(result_);
  }

 private:
  static constexpr std::size_t groups_ahead = 64;

  const Node& node(std::size_t place) const { return graph_[nodes_[place]]; }
  Op op(std::size_t place) const { return node(place).op; }
  NodeId owner(NodeId id) const { return graph_[id].is_view() ? graph_[id].view_of : id; }

  bool is_inside(const Group& group, NodeId id) const {
    for (std::size_t place = group.first; place <= group.last; ++place)
      if (nodes_[place] == id) return true;
    return false;
  }

  template <class Visit>
  void for_sources(const Group& group, const Visit& visit) const {
    for (std::size_t place = group.first; place <= group.last; ++place)
      for (const NodeId source : node(place).sources)
        if (source != no_node && !is_inside(group, source)) visit(owner(source));
  }

  bool runs_beside(const Accesses& set, const Group& group) const {
    bool free = true;
    for_sources(group, [&](NodeId source) { free = free && !set.is_written(source); });
    for (std::size_t place = group.first; free && place <= group.last; ++place) {
      const NodeId target = owner(nodes_[place]);
      free = !set.is_read(target) && !set.is_written(target);
    }
    return free;
  }

  void add(Accesses& set, const Group& group) {
    for_sources(group, [&](NodeId source) { set.read(source); });
    for (std::size_t place = group.first; place <= group.last; ++place) set.write(owner(nodes_[place]));
  }

  void start(const Group& group) {
    add(running_, group);
    for (std::size_t place = group.first; place <= group.last; ++place) result_.push_back(nodes_[place]);
  }

  // Moves operations that can run now ahead of those that have to wait.
  void look_ahead(std::size_t at) {
    passed_.clear();
    add(passed_, groups_[at]);
    for (std::size_t next = at + 1; next < std::min(at + groups_ahead, groups_.size()); ++next) {
      if (used_[next]) continue;
      const Group& group = groups_[next];
      if (!may_be_crossed(op(group.first))) return;
      const bool may_run = is_empty(op(group.first)) || runs_beside(running_, group);
      if (may_run && runs_beside(passed_, group)) {
        start(group);
        used_[next] = true;
      } else {
        add(passed_, group);
      }
    }
  }

  const Graph& graph_;
  std::span<const NodeId> nodes_;
  Accesses running_, passed_;
  std::vector<Group> groups_;
  std::vector<bool> used_;
  std::vector<NodeId> result_;
};

}  // namespace

std::vector<NodeId> in_older_metal_order(const Graph& graph, const Readers& readers,
                                         std::span<const NodeId> nodes) {
  return Reordering(graph, readers, nodes, fused_by_older_metal).run();
}

ReorderedRun in_metal_order(const Graph& graph, const Readers& readers, std::span<const NodeId> nodes) {
  ReorderedRun run{Reordering(graph, readers, nodes, fused_by_metal).run(), {}};
  std::vector<KeptUntil> kept = kept_by_metal(graph, nodes);
  for (const NodeId id : run.nodes) {
    const auto found = std::ranges::find(kept, id, &KeptUntil::operation);
    if (found != kept.end()) run.kept.push_back(std::move(*found));
  }
  return run;
}

}  // namespace vramcalc::llama_cpp::graph
