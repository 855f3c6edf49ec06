#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/llama_cpp/graph/linear.hpp"
#include "vramcalc/bytes.hpp"

namespace vramcalc::llama_cpp::graph {

// The free list of one backend's compute buffer (ggml-alloc.c, ggml_dyn_tallocr): it grows at its end, never
// moves anything and prefers the best-fitting hole. A backend with a largest buffer size (Vulkan) continues
// in another buffer once a tensor does not fit; addresses then contain the number of the buffer.
//
// Empty tensors cannot be skipped: they are placed and released like any other, and leave empty holes that
// keep neighbours from merging.
class Pool {
 public:
  explicit Pool(std::uint64_t alignment, std::uint64_t largest_buffer = 0);

  // Sizes are aligned.
  Linear allocate(const Linear& bytes, Horizon& horizon);
  void release(const Linear& offset, const Linear& bytes, Horizon& horizon);
  bool looks_like(const Pool& other) const { return holes_ == other.holes_; }
  // The highest end of anything ever placed; of several buffers the sum.
  Linear high_water(Horizon& horizon) const;
  std::uint64_t aligned(std::uint64_t bytes) const { return round_up(bytes, alignment_); }

 private:
  struct Hole {
    Linear offset;
    Linear bytes;
    Linear end() const { return offset + bytes; }
    friend bool operator==(const Hole&, const Hole&) = default;
  };

  // Of one buffer: its holes, of which the last one is at its end.
  struct Part {
    std::size_t first, last;
  };

  Linear take(std::size_t index, const Linear& bytes, Horizon& horizon);
  Linear allocate_in_parts(const Linear& bytes, Horizon& horizon);
  std::vector<Part> parts() const;
  std::optional<std::size_t> best_inner_hole(std::uint64_t bytes) const;
  std::optional<std::size_t> best_end(std::uint64_t bytes) const;
  std::size_t add_part(std::uint64_t bytes);
  void merge_with_next(std::size_t index, Horizon& horizon);
  void reach(const Linear& end);

  std::uint64_t alignment_;
  std::uint64_t largest_buffer_;
  std::vector<Hole> holes_;          // in order of insertion by offset
  std::vector<Linear> ends_;         // ends of placed tensors, without those that always stay below another
  std::vector<std::uint64_t> tops_;  // the highest end in each buffer; empty while there is one
};

}  // namespace vramcalc::llama_cpp::graph
