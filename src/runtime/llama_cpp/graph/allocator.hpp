#pragma once

#include <cstdint>
#include <vector>

#include "runtime/llama_cpp/graph/graph.hpp"
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
  explicit Pool(std::uint64_t alignment)
      : alignment_(alignment),
        holes_{
            {0, without_end}
  } {
    holes_.reserve(32);
  }

  std::uint64_t allocate(std::uint64_t bytes);
  void release(std::uint64_t offset, std::uint64_t bytes);
  bool looks_like(const Pool& other) const { return holes_ == other.holes_; }
  std::uint64_t high_water() const { return high_water_; }
  std::uint64_t aligned(std::uint64_t bytes) const { return round_up(bytes, alignment_); }

 private:
  struct Hole {
    std::uint64_t offset;
    std::uint64_t bytes;
    std::uint64_t end() const { return offset + bytes; }
    friend bool operator==(const Hole&, const Hole&) = default;
  };
  static constexpr std::uint64_t without_end = std::uint64_t{1} << 62;

  void merge_with_next(std::size_t index);

  std::uint64_t alignment_;
  std::uint64_t high_water_ = 0;
  std::vector<Hole> holes_;  // in order of insertion by offset
};

// What the scheduler hands over: operations and leaves with the backend that each one runs or lies on.
struct Step {
  NodeId node;
  BackendId backend;
};
struct Schedule {
  std::vector<Step> leaves;
  std::vector<Step> steps;
  std::vector<std::size_t> marks;  // steps before which the places asked for begin
  std::vector<std::size_t>
      kept_copies;  // steps that are the first to use a copy that was placed at the start
};

// Bytes that `node` takes in the compute buffer of a device or of the host.
std::uint64_t allocated_bytes(const Graph& graph, const Node& node, bool on_device);

// Bytes per backend, the CPU last.
struct Placement {
  std::vector<std::uint64_t> bytes;
  bool recurred = true;  // every recurrence asked for did take place
};

// Places every tensor of the schedule (ggml-alloc.c, ggml_gallocr_reserve). A recurrence names two marks of
// the schedule: from the second one on the memory looks as it did from the first one on.
Placement place(const Graph& graph, const Schedule& schedule, int devices,
                const std::vector<Recurrence>& recurrences = {});

}  // namespace vramcalc::llama_cpp::graph
