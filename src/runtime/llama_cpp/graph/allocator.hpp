#pragma once

#include <cstdint>
#include <vector>

#include "runtime/llama_cpp/graph/device_rules.hpp"
#include "runtime/llama_cpp/graph/graph.hpp"
#include "runtime/llama_cpp/graph/linear.hpp"
#include "runtime/llama_cpp/graph/repetition.hpp"

namespace vramcalc::llama_cpp::graph {

// The free list of one backend's compute buffer (ggml-alloc.c, ggml_dyn_tallocr): grows at its end, never
// moves anything, prefers the hole that fits best. CUDA and host memory set no largest buffer, so that the
// list is one chunk; a backend that splits its buffers (Vulkan, Metal) would need more.
//
// Empty tensors are placed and released like any other. They leave empty holes behind, which keep neighbours
// from merging, so that they cannot be skipped here.
class Pool {
 public:
  explicit Pool(std::uint64_t alignment);

  // Sizes are aligned ones.
  Linear allocate(const Linear& bytes, Horizon& horizon);
  void release(const Linear& offset, const Linear& bytes, Horizon& horizon);
  bool looks_like(const Pool& other) const { return holes_ == other.holes_; }
  // The highest end of anything ever placed.
  Linear high_water(Horizon& horizon) const;
  std::uint64_t aligned(std::uint64_t bytes) const { return round_up(bytes, alignment_); }

 private:
  struct Hole {
    Linear offset;
    Linear bytes;
    Linear end() const { return offset + bytes; }
    friend bool operator==(const Hole&, const Hole&) = default;
  };

  void merge_with_next(std::size_t index, Horizon& horizon);
  void reach(const Linear& end);

  std::uint64_t alignment_;
  std::vector<Hole> holes_;   // in order of insertion by offset
  std::vector<Linear> ends_;  // of what was placed, none below another one for ever
};

// What the scheduler hands over: operations and leaves with the backend that each one runs or lies on.
struct Step {
  NodeId node;
  BackendId backend;
  friend bool operator==(const Step&, const Step&) = default;
};
struct Schedule {
  std::vector<Step> leaves;
  std::vector<Step> steps;
  std::vector<std::size_t> marks;  // steps before which the places asked for begin
  std::vector<std::size_t>
      kept_copies;  // steps that are the first to use a copy that was placed at the start
  friend bool operator==(const Schedule&, const Schedule&) = default;
};

// Bytes that `node` takes in the compute buffer of a device with these rules; null: of the host.
std::uint64_t allocated_bytes(const Graph& graph, const Node& node, const DeviceRules* rules);

// Bytes per backend, the CPU last, and for how many steps they grow as they say.
struct Allocation {
  std::vector<Linear> bytes;
  std::uint64_t steps = 0;
  bool recurred = true;  // every recurrence asked for did take place
};

// One graph for two contexts, a step apart; the same one twice where only a point is asked for.
struct GraphPair {
  const Graph& graph;
  const Graph& next;
};

// Places every tensor of the schedule (ggml-alloc.c, ggml_gallocr_reserve), at best for `steps` steps on. A
// recurrence names two marks of the schedule: from the second one on the memory looks as it did from the
// first one on.
Allocation place(const GraphPair& graphs, const Schedule& schedule, int devices, const DeviceRules& rules,
                const std::vector<Recurrence>& recurrences, std::uint64_t steps);

// The same operations on the same backends, whatever the sizes.
bool same_structure(const Graph& a, const Schedule& of_a, const Graph& b, const Schedule& of_b);
// `later` is what `graphs` said that it would be so many steps on.
bool grows_evenly(const GraphPair& graphs, const Graph& later, const DeviceRules& rules, std::uint64_t steps);

}  // namespace vramcalc::llama_cpp::graph
