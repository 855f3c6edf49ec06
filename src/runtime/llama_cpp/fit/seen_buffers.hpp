#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <vector>

#include "vramcalc/estimate.hpp"
#include "vramcalc/llama_cpp/placement.hpp"

namespace vramcalc::llama_cpp {

// Estimated compute buffers of one model's GPUs, from which those at other contexts are guessed.
class SeenBuffers {
 public:
  void see(const Placement& placement, std::uint64_t context, const std::vector<PlaceEstimate>& devices);

  // For each GPU of the placement, in proportion to the nearest known contexts; 0 if none is known.
  std::vector<Bytes> about(const Placement& placement, std::uint64_t context) const;

 private:
  // Graphs of another kind have different buffers: host weights are copied, and pipeline inputs are kept.
  struct Kind {
    std::size_t gpus;
    bool whole;
    friend auto operator<=>(const Kind&, const Kind&) = default;
  };
  static Kind kind_of(const Placement& placement);

  std::map<Kind, std::map<std::uint64_t, std::vector<Bytes>>> by_context_;
};

}  // namespace vramcalc::llama_cpp
