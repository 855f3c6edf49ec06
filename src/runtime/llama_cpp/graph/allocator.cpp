#include "runtime/llama_cpp/graph/allocator.hpp"

#include <algorithm>

#include "runtime/llama_cpp/graph/allocated_bytes.hpp"
#include "runtime/llama_cpp/graph/pool.hpp"

namespace vramcalc::llama_cpp::graph {
namespace {

// The state of a tensor while the graph is walked.
struct Placed {
  std::int32_t users = 0;  // operations that still have to read it
  std::int32_t views = 0;  // views of it that still have to be read
  BackendId backend = no_backend;
  bool held = false;  // occupies memory of the buffer
  Linear offset;
  Linear bytes;  // aligned
  friend bool operator==(const Placed&, const Placed&) = default;
};

// The memory at a mark: the holes and the tensors of the last round.
struct Snapshot {
  std::vector<Pool> pools;
  std::vector<Placed> recent;
  bool looks_like(const Snapshot& other) const {
    return recent == other.recent &&
           std::equal(pools.begin(), pools.end(), other.pools.begin(), other.pools.end(),
                      [](const Pool& a, const Pool& b) { return a.looks_like(b); });
  }
};

class Walk {
 public:
  Walk(const GraphPair& graphs, int devices, const DeviceRules& rules, std::uint64_t steps)
      : graph_(graphs.graph),
        next_(graphs.next),
        devices_(devices),
        rules_(rules),
        horizon_(steps),
        placed_(graphs.graph.size()),
        memory_(graphs.graph.size()) {
    for (NodeId id = 0; id < static_cast<NodeId>(graph_.size()); ++id) memory_of(id) = memory_of_node(id);
    for (int d = 0; d <= devices; ++d)
      pools_.emplace_back(d < devices ? rules.alignment : rules.host_alignment, rules.largest_buffer);
  }

  bool run(const Schedule& schedule, const std::vector<Recurrence>& recurrences) {
    for (const Step& leaf : schedule.leaves) place(leaf.node, leaf.backend);
    for (const Step& step : schedule.steps) count(step);
    std::size_t done = 0;
    for (const Recurrence& expected : recurrences) {
      const std::size_t before = schedule.marks[expected.before], after = schedule.marks[expected.after];
      const std::size_t length = after - schedule.marks[expected.after - expected.round];
      // The layers that are left out would have had their own copies, all placed at the start.
      const auto copied = std::lower_bound(schedule.kept_copies.begin(), schedule.kept_copies.end(), before);
      if (copied != schedule.kept_copies.end() && *copied < after) return false;
      done = execute_until(schedule, done, before);
      const Snapshot first = snapshot(schedule, before, length);
      done = execute_until(schedule, done, after);
      if (!snapshot(schedule, after, length).looks_like(first)) return false;
    }
    execute_until(schedule, done, schedule.steps.size());
    return true;
  }

  std::vector<Linear> sizes() {
    std::vector<Linear> result;
    for (const Pool& pool : pools_) result.push_back(pool.high_water(horizon_));
    return result;
  }
  std::uint64_t steps() const { return horizon_.steps(); }

 private:
  Placed& at(NodeId id) { return placed_[static_cast<std::size_t>(id)]; }
  Pool& pool(BackendId backend) { return pools_[static_cast<std::size_t>(backend)]; }
  Linear bytes(NodeId id, BackendId backend) {
    const DeviceRules* rules = backend < devices_ ? &rules_ : nullptr;
    const std::uint64_t now = pool(backend).aligned(allocated_bytes(graph_, graph_[id], rules));
    if (&graph_ == &next_) return {now, 0};
    return line_through(now, pool(backend).aligned(allocated_bytes(next_, next_[id], rules)));
  }

  // Whose memory a tensor uses, as far as it matters here: most operands are weights or views.
  enum class Memory : std::uint8_t { elsewhere, of_another, own, own_and_placed };
  Memory& memory_of(NodeId id) { return memory_[static_cast<std::size_t>(id)]; }
  Memory memory_of_node(NodeId id) const {
    const Node& node = graph_[id];
    const Node& owner = node.is_view() ? graph_[node.view_of] : node;
    if (owner.storage != Storage::graph) return Memory::elsewhere;
    return node.is_view() ? Memory::of_another : Memory::own;
  }

  // Users and views are counted before anything is placed, and inputs are placed before any result.
  void count(const Step& step) {
    const Node& node = graph_[step.node];
    if (node.is_view() && node.op != Op::none) ++at(node.view_of).views;
    if (node.input) place(step.node, step.backend);
    for (const NodeId source : node.sources) {
      if (source == no_node || memory_of(source) == Memory::elsewhere) continue;
      ++at(source).users;
      if (memory_of(source) == Memory::own && graph_[source].input) place(source, step.backend);
    }
  }

  std::size_t execute_until(const Schedule& schedule, std::size_t step, std::size_t end) {
    for (; step < end; ++step) execute(schedule.steps[step]);
    return end;
  }

  Snapshot snapshot(const Schedule& schedule, std::size_t step, std::size_t length) {
    Snapshot result{pools_, {}};
    for (std::size_t i = step - length; i < step; ++i) {
      Placed placed = at(schedule.steps[i].node);
      if (!placed.held) placed.offset = {};  // its old place does not matter any more
      result.recent.push_back(placed);
    }
    return result;
  }

  void execute(const Step& step) {
    const Node& node = graph_[step.node];
    for (const NodeId source : node.sources) {
      if (source != no_node) place(source, step.backend);
    }
    place(step.node, step.backend);
    for (const NodeId source : node.sources) {
      if (source != no_node && memory_of(source) != Memory::elsewhere) leave(source);
    }
  }

  void place(NodeId id, BackendId backend) {
    if (memory_of(id) != Memory::own) return;
    memory_of(id) = Memory::own_and_placed;
    const Node& node = graph_[id];
    at(id).held = true;
    if (can_overwrite_operand(node.op) && take_over_operand(id)) return;
    at(id).backend = backend;
    at(id).bytes = bytes(id, backend);
    at(id).offset = pool(backend).allocate(at(id).bytes, horizon_);
  }

  // An element-wise result may use the memory of an operand that is not read again. Views are never taken
  // over, because the allocator looks for memory that the operand itself owns.
  bool take_over_operand(NodeId id) {
    const Node& node = graph_[id];
    for (const NodeId source : node.sources) {
      if (source == no_node || !at(source).held || graph_[source].output) continue;
      if (!laid_out_alike(graph_[source], node)) continue;
      if (at(source).users != 1 || at(source).views != 0) continue;
      at(id).backend = at(source).backend;
      at(id).offset = at(source).offset;
      at(source).held = false;
      release_surplus(id, source);
      return true;
    }
    return false;
  }

  // Flash attention results end with scratch memory that their successor does not need.
  void release_surplus(NodeId id, NodeId operand) {
    const Linear needed = at(id).bytes = bytes(id, at(id).backend);
    const Linear had = at(operand).bytes;
    if (!horizon_.less(needed, had)) return;
    pool(at(id).backend).release(at(id).offset + needed, had - needed, horizon_);
  }

  void leave(NodeId source) {
    if (--at(source).users != 0 || at(source).views != 0) return;
    const NodeId owner = graph_[source].view_of;
    if (owner == no_node) {
      release(source);
    } else if (--at(owner).views == 0 && at(owner).users == 0) {
      release(owner);
    }
  }

  void release(NodeId id) {
    if (!at(id).held || graph_[id].output) return;
    pool(at(id).backend).release(at(id).offset, at(id).bytes, horizon_);
    at(id).held = false;
  }

  const Graph& graph_;
  const Graph& next_;
  int devices_;
  const DeviceRules& rules_;
  Horizon horizon_;
  std::vector<Placed> placed_;
  std::vector<Memory> memory_;
  std::vector<Pool> pools_;
};

}  // namespace

Allocation place(const GraphPair& graphs, const Schedule& schedule, int devices, const DeviceRules& rules,
                 const std::vector<Recurrence>& recurrences, std::uint64_t steps) {
  Walk walk(graphs, devices, rules, steps);
  const bool recurred = walk.run(schedule, recurrences);
  std::vector<Linear> bytes = walk.sizes();
  return {std::move(bytes), walk.steps(), recurred};
}

}  // namespace vramcalc::llama_cpp::graph
