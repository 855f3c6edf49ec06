#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <vector>

#include "vramcalc/estimate.hpp"
#include "vramcalc/llama_cpp/placement.hpp"

namespace vramcalc::llama_cpp {

// Compute buffers of one model's GPUs as they were estimated, for a guess of what they are at other contexts.
class SeenBuffers {
 public:
  void see(const Placement& placement, std::uint64_t context, const std::vector<PlaceEstimate>& devices);

  // Of each GPU of the placement: in proportion to what is known of the nearest contexts, 0 where nothing is.
  std::vector<Bytes> about(const Placement& placement, std::uint64_t context) const;

 private:
  // Graphs of another kind have other buffers: what lies on the host is copied, inputs of a pipeline are
  // kept.
  struct Kind {
    std::size_t gpus;
    bool whole;
    friend auto operator<=>(const Kind&, const Kind&) = default;
  };
  static Kind kind_of(const Placement& placement);

  std::map<Kind, std::map<std::uint64_t, std::vector<Bytes>>> by_context_;
};

}  // namespace vramcalc::llama_cpp
