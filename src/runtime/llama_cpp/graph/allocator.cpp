#include "runtime/llama_cpp/graph/allocator.hpp"

#include <algorithm>

#include "runtime/llama_cpp/graph/flash_attention.hpp"

namespace vramcalc::llama_cpp::graph {
namespace {

// ggml-cuda.cu: alignment of the buffer type, padding of quantized rows; ggml-impl.h: TENSOR_ALIGNMENT.
constexpr std::uint64_t device_alignment = 128;
constexpr std::uint64_t host_alignment = 32;
constexpr std::uint64_t device_row_elements = 512;

// What is known of a tensor while the graph is walked.
struct Placed {
  std::int32_t users = 0;  // operations yet to read it
  std::int32_t views = 0;  // views of it yet to be read
  BackendId backend = no_backend;
  bool held = false;  // occupies memory of the buffer
  std::uint64_t offset = 0;
  friend bool operator==(const Placed&, const Placed&) = default;
};

// What the memory looks like at a mark: the holes, and what is known of the tensors of the last round.
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
  Walk(const Graph& graph, int devices) : graph_(graph), devices_(devices), placed_(graph.size()) {
    for (int d = 0; d <= devices; ++d) pools_.emplace_back(d < devices ? device_alignment : host_alignment);
  }

  bool run(const Schedule& schedule, const std::vector<Recurrence>& recurrences) {
    for (const Step& leaf : schedule.leaves) place(leaf.node, leaf.backend);
    for (const Step& step : schedule.steps) count(step);
    std::size_t done = 0;
    for (const Recurrence& expected : recurrences) {
      const std::size_t before = schedule.marks[expected.before], after = schedule.marks[expected.after];
      const std::size_t length = after - schedule.marks[expected.after - expected.round];
      // What is left out would have had copies of its own, all placed at the start.
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

  std::vector<std::uint64_t> sizes() const {
    std::vector<std::uint64_t> result;
    for (const Pool& pool : pools_) result.push_back(pool.high_water());
    return result;
  }

 private:
  Placed& at(NodeId id) { return placed_[static_cast<std::size_t>(id)]; }
  Pool& pool(BackendId backend) { return pools_[static_cast<std::size_t>(backend)]; }
  std::uint64_t bytes(NodeId id, BackendId backend) const {
    return allocated_bytes(graph_, graph_[id], backend < devices_);
  }

  // Users and views are known before anything is placed; inputs are placed before any result can overwrite
  // them.
  void count(const Step& step) {
    const Node& node = graph_[step.node];
    if (node.is_view() && node.op != Op::none) ++at(node.view_of).views;
    if (node.input) place(step.node, step.backend);
    for (const NodeId source : node.sources) {
      if (source == no_node) continue;
      ++at(source).users;
      if (graph_[source].input) place(source, step.backend);
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
      if (!placed.held) placed.offset = 0;  // where it was does not matter any more
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
      if (source != no_node) leave(source);
    }
  }

  void place(NodeId id, BackendId backend) {
    const Node& node = graph_[id];
    if (node.is_view() || node.storage != Storage::graph || at(id).held) return;
    at(id).held = true;
    if (can_overwrite_operand(node.op) && take_over_operand(id)) return;
    at(id).backend = backend;
    at(id).offset = pool(backend).allocate(bytes(id, backend));
  }

  // An element-wise result may use the memory of an operand that nobody reads any more. Views are never taken
  // over: the allocator looks for memory that the operand itself owns.
  bool take_over_operand(NodeId id) {
    const Node& node = graph_[id];
    for (const NodeId source : node.sources) {
      if (source == no_node || !at(source).held || graph_[source].output) continue;
      const Node& operand = graph_[source];
      if (operand.type != node.type || operand.ne != node.ne || operand.nb != node.nb) continue;
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
    Pool& memory = pool(at(id).backend);
    const std::uint64_t needed = memory.aligned(bytes(id, at(id).backend));
    const std::uint64_t had = memory.aligned(bytes(operand, at(id).backend));
    if (had > needed) memory.release(at(id).offset + needed, had - needed);
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
    pool(at(id).backend).release(at(id).offset, bytes(id, at(id).backend));
    at(id).held = false;
  }

  const Graph& graph_;
  int devices_;
  std::vector<Placed> placed_;
  std::vector<Pool> pools_;
};

}  // namespace

std::uint64_t Pool::allocate(std::uint64_t bytes) {
  const std::uint64_t size = aligned(bytes);
  std::size_t best = holes_.size() - 1;  // the last one only where no other fits
  std::uint64_t best_bytes = without_end + 1;
  for (std::size_t i = 0; i + 1 < holes_.size(); ++i) {
    // Of two holes of one size the later one is taken.
    if (holes_[i].bytes < size || holes_[i].bytes > best_bytes) continue;
    best = i;
    best_bytes = holes_[i].bytes;
  }
  Hole& hole = holes_[best];
  if (hole.bytes < size) throw_overflow();
  const std::uint64_t offset = hole.offset;
  hole.offset += size;
  hole.bytes -= size;
  if (hole.bytes == 0) holes_.erase(holes_.begin() + static_cast<std::ptrdiff_t>(best));
  high_water_ = std::max(high_water_, offset + size);
  return offset;
}

void Pool::merge_with_next(std::size_t index) {
  if (index + 1 >= holes_.size() || holes_[index].end() != holes_[index + 1].offset) return;
  holes_[index].bytes += holes_[index + 1].bytes;
  holes_.erase(holes_.begin() + static_cast<std::ptrdiff_t>(index) + 1);
}

void Pool::release(std::uint64_t offset, std::uint64_t bytes) {
  const Hole freed{offset, aligned(bytes)};
  for (std::size_t i = 0; i < holes_.size(); ++i) {
    if (holes_[i].end() == freed.offset) {
      holes_[i].bytes += freed.bytes;
      merge_with_next(i);
      return;
    }
    if (freed.end() == holes_[i].offset) {
      holes_[i] = {freed.offset, freed.bytes + holes_[i].bytes};
      if (i > 0) merge_with_next(i - 1);
      return;
    }
  }
  const auto after =
      std::find_if(holes_.begin(), holes_.end(), [&](const Hole& h) { return h.offset >= offset; });
  holes_.insert(after, freed);
}

std::uint64_t allocated_bytes(const Graph& graph, const Node& node, bool on_device) {
  std::uint64_t bytes = bytes_of(node);
  if (!on_device) return bytes;
  if (node.op == Op::flash_attention) bytes = with_flash_attention_scratch(graph, node, bytes);
  if (node.ne[0] % device_row_elements != 0 && is_quantized(node.type)) {
    bytes = checked_add(bytes, row_stride(node.type, device_row_elements - node.ne[0] % device_row_elements));
  }
  return bytes;
}

Placement place(const Graph& graph, const Schedule& schedule, int devices,
                const std::vector<Recurrence>& recurrences) {
  Walk walk(graph, devices);
  const bool recurred = walk.run(schedule, recurrences);
  return {walk.sizes(), recurred};
}

}  // namespace vramcalc::llama_cpp::graph
