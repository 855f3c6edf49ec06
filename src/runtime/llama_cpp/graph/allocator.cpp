#include "runtime/llama_cpp/graph/allocator.hpp"

#include <algorithm>
#include <numeric>

#include "runtime/llama_cpp/graph/flash_attention.hpp"
#include "runtime/llama_cpp/graph/metal.hpp"
#include "runtime/llama_cpp/graph/sycl.hpp"

namespace vramcalc::llama_cpp::graph {
namespace {

// ggml-cuda.cu, MATRIX_ROW_PADDING.
constexpr std::uint64_t device_row_elements = 512;

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

bool laid_out_alike(const Node& a, const Node& b) { return a.type == b.type && a.ne == b.ne && a.nb == b.nb; }

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

constexpr Linear without_end{std::uint64_t{1} << 62, 0};

// ggml-alloc.c, GGML_VBUFFER_MAX_CHUNKS; the last one has no limit.
constexpr std::size_t most_parts = 16;

// The number of the buffer in an address.
constexpr unsigned part_shift = 56;
std::uint64_t part_of(const Linear& address) { return address.at >> part_shift; }
std::uint64_t within_part(std::uint64_t address) { return address & ((std::uint64_t{1} << part_shift) - 1); }

}  // namespace

Pool::Pool(std::uint64_t alignment, std::uint64_t largest_buffer)
    : alignment_(alignment),
      largest_buffer_(largest_buffer),
      holes_{
          {{}, largest_buffer == 0 ? without_end : Linear{largest_buffer, 0}}
} {
  holes_.reserve(32);
}

Linear Pool::allocate(const Linear& bytes, Horizon& horizon) {
  if (holes_.empty() || !tops_.empty()) return allocate_in_parts(bytes, horizon);
  std::size_t best = holes_.size() - 1;  // the last hole only if no other fits
  for (std::size_t i = 0; i + 1 < holes_.size(); ++i) {
    if (horizon.less(holes_[i].bytes, bytes)) continue;
    // Of two holes of the same size the later one is taken.
    const bool first = best == holes_.size() - 1;
    if (first || !horizon.less(holes_[best].bytes, holes_[i].bytes)) best = i;
  }
  if (largest_buffer_ != 0 && horizon.less(holes_[best].bytes, bytes))
    return allocate_in_parts(bytes, horizon);
  if (holes_[best].bytes.at < bytes.at) throw_overflow();
  const Linear offset = take(best, bytes, horizon);
  reach(offset + bytes);
  return offset;
}

Linear Pool::take(std::size_t index, const Linear& bytes, Horizon& horizon) {
  Hole& hole = holes_[index];
  const Linear offset = hole.offset;
  hole.offset += bytes;
  hole.bytes -= bytes;
  if (horizon.equal(hole.bytes, {})) holes_.erase(holes_.begin() + static_cast<std::ptrdiff_t>(index));
  return offset;
}

// Sizes over several buffers are computed for one context at a time.
Linear Pool::allocate_in_parts(const Linear& bytes, Horizon& horizon) {
  if (tops_.empty()) tops_ = {high_water(horizon).at};
  horizon.end();
  std::optional<std::size_t> hole = best_inner_hole(bytes.at);
  if (!hole) hole = best_end(bytes.at);
  if (!hole) hole = add_part(bytes.at);
  const Linear offset = take(*hole, bytes, horizon);
  std::uint64_t& top = tops_[part_of(offset)];
  top = std::max(top, within_part((offset + bytes).at));
  return offset;
}

std::vector<Pool::Part> Pool::parts() const {
  std::vector<Part> result;
  for (std::size_t i = 0; i < holes_.size(); ++i) {
    if (i > 0 && part_of(holes_[i].offset) == part_of(holes_[i - 1].offset)) {
      result.back().last = i;
    } else {
      result.push_back({i, i});
    }
  }
  return result;
}

// The best fit of the last buffer that has one.
std::optional<std::size_t> Pool::best_inner_hole(std::uint64_t bytes) const {
  std::optional<std::size_t> best;
  for (const Part& part : parts()) {
    std::uint64_t smallest = UINT64_MAX;
    for (std::size_t i = part.first; i < part.last; ++i) {
      if (holes_[i].bytes.at < bytes || holes_[i].bytes.at > smallest) continue;
      best = i;
      smallest = holes_[i].bytes.at;
    }
  }
  return best;
}

// The end of the buffer that grows least, or if some need not grow, of the one with the least room to spare.
std::optional<std::size_t> Pool::best_end(std::uint64_t bytes) const {
  std::optional<std::size_t> best;
  std::int64_t best_room = INT64_MIN;
  for (const Part& part : parts()) {
    const Hole& end = holes_[part.last];
    if (end.bytes.at < bytes) continue;
    const auto room =
        static_cast<std::int64_t>(tops_[part_of(end.offset)] - within_part(end.offset.at) - bytes);
    const bool less_growth = best_room < 0 && room > best_room;
    const bool less_to_spare = room >= 0 && room < best_room;
    if (!less_growth && !less_to_spare) continue;
    best = part.last;
    best_room = room;
  }
  return best;
}

std::size_t Pool::add_part(std::uint64_t bytes) {
  const std::uint64_t number = tops_.size();
  if (number == most_parts) throw_overflow();
  const std::uint64_t limit = std::max(bytes, largest_buffer_);
  const std::uint64_t no_limit = (std::uint64_t{1} << part_shift) - 1;
  tops_.push_back(0);
  holes_.push_back({
      {number << part_shift,                        0},
      {number + 1 == most_parts ? no_limit : limit, 0}
  });
  return holes_.size() - 1;
}

void Pool::reach(const Linear& end) {
  const auto covers = [](const Linear& a, const Linear& b) { return a.at >= b.at && a.slope >= b.slope; };
  for (const Linear& known : ends_)
    if (covers(known, end)) return;
  std::erase_if(ends_, [&](const Linear& known) { return covers(end, known); });
  ends_.push_back(end);
}

Linear Pool::high_water(Horizon& horizon) const {
  if (!tops_.empty()) return {std::accumulate(tops_.begin(), tops_.end(), std::uint64_t{0}), 0};
  Linear highest;
  for (const Linear& end : ends_)
    if (std::pair(end.at, end.slope) > std::pair(highest.at, highest.slope)) highest = end;
  for (const Linear& end : ends_) horizon.less(highest, end);
  return highest;
}

void Pool::merge_with_next(std::size_t index, Horizon& horizon) {
  if (index + 1 >= holes_.size() || !horizon.equal(holes_[index].end(), holes_[index + 1].offset)) return;
  holes_[index].bytes += holes_[index + 1].bytes;
  holes_.erase(holes_.begin() + static_cast<std::ptrdiff_t>(index) + 1);
}

void Pool::release(const Linear& offset, const Linear& bytes, Horizon& horizon) {
  const Hole freed{offset, bytes};
  for (std::size_t i = 0; i < holes_.size(); ++i) {
    if (horizon.equal(holes_[i].end(), freed.offset)) {
      holes_[i].bytes += freed.bytes;
      merge_with_next(i, horizon);
      return;
    }
    if (horizon.equal(freed.end(), holes_[i].offset)) {
      holes_[i] = {freed.offset, freed.bytes + holes_[i].bytes};
      if (i > 0) merge_with_next(i - 1, horizon);
      return;
    }
  }
  const auto after = std::find_if(holes_.begin(), holes_.end(),
                                  [&](const Hole& h) { return !horizon.less(h.offset, offset); });
  holes_.insert(after, freed);
}

namespace {

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

Allocation place(const GraphPair& graphs, const Schedule& schedule, int devices, const DeviceRules& rules,
                 const std::vector<Recurrence>& recurrences, std::uint64_t steps) {
  Walk walk(graphs, devices, rules, steps);
  const bool recurred = walk.run(schedule, recurrences);
  std::vector<Linear> bytes = walk.sizes();
  return {std::move(bytes), walk.steps(), recurred};
}

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
