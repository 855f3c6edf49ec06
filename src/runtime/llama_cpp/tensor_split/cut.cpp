#include "runtime/llama_cpp/tensor_split/cut.hpp"

namespace vramcalc::llama_cpp::tensor_split {

Lengths lengths(const Cut& cut, const std::vector<float>& shares, std::size_t gpus) {
  std::vector<float> sums;
  for (std::size_t i = 0; i < gpus; ++i)
    sums.push_back((shares.empty() ? 0 : shares[(i + cut.rotation) % gpus]) + (i > 0 ? sums.back() : 0));
  Lengths result(gpus);
  for (const Segment& segment : cut.segments) {
    std::uint64_t low = 0;
    for (std::size_t i = 0; i < gpus; ++i) {
      std::uint64_t high = segment.elements;
      if (i + 1 < gpus) {
        high = sums.back() == 0
                   ? segment.elements * (i + 1) / gpus
                   : static_cast<std::uint64_t>(static_cast<float>(segment.elements) * sums[i] / sums.back());
        high -= high % segment.step;
      }
      result[(i + cut.rotation) % gpus] += (high - low) * segment.repeats;
      low = high;
    }
  }
  return result;
}

}  // namespace vramcalc::llama_cpp::tensor_split
