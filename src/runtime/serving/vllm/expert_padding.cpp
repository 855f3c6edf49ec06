#include "runtime/serving/vllm/expert_padding.hpp"

#include <algorithm>

#include "runtime/serving/sharding.hpp"

namespace vramcalc::vllm {
namespace {

// Multiples that a kernel pads the hidden size and the experts' width on a rank to. Triton's layout pads the
// inputs of each matrix, so the two matrices that read the hidden state grow by the first and the one that
// reads the width by the second; the other kernels pad both sides of all.
struct Kernel {
  std::uint64_t hidden = 1, width = 1;
  bool inputs_only = false;
};
constexpr Kernel triton{256, 256, true}, marlin{256, 128, false}, flashinfer{256, 256, false};

const MixtureOfExperts* experts_of(const Architecture& architecture) {
  for (const Block& block : architecture.blocks)
    if (const auto* moe = std::get_if<MixtureOfExperts>(&block.feed_forward)) return moe;
  return nullptr;
}

// Hopper runs Triton's kernel from 0.10.2, data-centre Blackwell FlashInfer's; all others Marlin's.
Kernel kernel_for(const Settings& settings, const TargetDevice& device) {
  const std::uint32_t generation = device.capability / 10;
  if (generation == 9 && settings.release >= Release{0, 10, 2}) return triton;
  return generation == 10 ? flashinfer : marlin;
}

std::uint64_t width_on_rank(const MixtureOfExperts& moe, const serving::Parallel& parallel) {
  const std::uint64_t slices =
      parallel.experts ? 1 : std::max<std::uint64_t>(1, std::uint64_t{parallel.tensor} * parallel.data);
  return (moe.width + slices - 1) / slices;
}

}  // namespace

Bytes expert_padding(const Architecture& architecture, const Settings& settings, const TargetDevice& device,
                     Bytes experts) {
  const MixtureOfExperts* moe = experts_of(architecture);
  if (architecture.model_type != "gpt_oss" || moe == nullptr) return {};
  const Kernel kernel = kernel_for(settings, device);
  const std::uint64_t hidden = architecture.hidden_size, width = width_on_rank(*moe, settings.parallel);
  const std::uint64_t padded_hidden = round_up(hidden, kernel.hidden);
  const std::uint64_t padded_width = round_up(width, kernel.width);
  const serving::Share share =
      kernel.inputs_only
          ? serving::Share{2 * padded_hidden * width + hidden * padded_width, 3 * hidden * width}
          : serving::Share{padded_hidden * padded_width, hidden * width};
  return share.of(experts) - experts;
}

}  // namespace vramcalc::vllm
