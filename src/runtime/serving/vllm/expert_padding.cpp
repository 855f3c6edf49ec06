#include "runtime/serving/vllm/expert_padding.hpp"

#include <algorithm>

#include "runtime/serving/sharding.hpp"

namespace vramcalc::vllm {
namespace {

using serving::Share;

// An expert's matrices: two from the hidden size to the width, one back.
struct Expert {
  std::uint64_t hidden = 0, width = 0;
};

// MXFP4 has 16 quarter bits per value and one of scale. Triton's layouts for Hopper pad the inputs of the
// values and the outputs of the scales to multiples of 256.
Share triton(const Expert& expert) {
  constexpr std::uint64_t value = 16, scale = 1, multiple = 256;
  const auto [hidden, width] = expert;
  const std::uint64_t values = round_up(hidden, multiple) * 2 * width + round_up(width, multiple) * hidden;
  const std::uint64_t scales = hidden * round_up(2 * width, multiple) + width * round_up(hidden, multiple);
  return {value * values + scale * scales, (value + scale) * 3 * hidden * width};
}

// Kernels that pad both sides of all matrices.
Share padded(const Expert& expert, std::uint64_t hidden_multiple, std::uint64_t width_multiple) {
  return {round_up(expert.hidden, hidden_multiple) * round_up(expert.width, width_multiple),
          expert.hidden * expert.width};
}

// Hopper runs Triton's kernel from 0.10.2, data-centre Blackwell FlashInfer's; all others Marlin's.
Share share_for(const Settings& settings, const TargetDevice& device, const Expert& expert) {
  const std::uint32_t generation = device.capability / 10;
  if (generation == 9 && settings.release >= Release{0, 10, 2}) return triton(expert);
  return generation == 10 ? padded(expert, 256, 256) : padded(expert, 256, 128);
}

const MixtureOfExperts* experts_of(const Architecture& architecture) {
  for (const Block& block : architecture.blocks)
    if (const auto* moe = std::get_if<MixtureOfExperts>(&block.feed_forward)) return moe;
  return nullptr;
}

std::uint64_t width_on_rank(const MixtureOfExperts& moe, const serving::Parallel& parallel) {
  const std::uint64_t slices = parallel.experts ? 1 : std::uint64_t{parallel.tensor} * parallel.data;
  return (moe.width + slices - 1) / slices;
}

}  // namespace

Bytes expert_padding(const Architecture& architecture, const Settings& settings, const TargetDevice& device,
                     Bytes experts) {
  const MixtureOfExperts* moe = experts_of(architecture);
  if (architecture.model_type != "gpt_oss" || moe == nullptr) return {};
  const Expert expert{architecture.hidden_size, width_on_rank(*moe, settings.parallel)};
  return share_for(settings, device, expert).of(experts) - experts;
}

}  // namespace vramcalc::vllm
