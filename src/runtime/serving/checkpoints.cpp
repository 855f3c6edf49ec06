#include "runtime/serving/checkpoints.hpp"

#include <fmt/format.h>

#include "vramcalc/error.hpp"

namespace vramcalc::serving {

const CheckpointFormat& format_of(const Quantization& quantization, const Runtime& runtime) {
  if (const auto* format = std::get_if<CheckpointFormat>(&quantization)) return *format;
  throw Error(
      ErrorCode::unsupported,
      fmt::format("{} loads checkpoints, and {} is a GGUF type; -q names a format such as BF16, FP8 or AWQ",
                  runtime.title, name_of(quantization)));
}

Bytes loaded_bytes(std::span<const CheckpointPart> parts, bool towers) {
  Bytes sum;
  for (const CheckpointPart& part : parts)
    if (!part.prediction && (towers || !part.tower)) sum += part.bytes;
  return sum;
}

std::string refusal_of_device(const CheckpointFormat& format, const TargetDevice& device,
                              const Runtime& runtime) {
  if (device.backend != Backend::cuda && device.backend != Backend::rocm)
    return fmt::format("{} runs on NVIDIA and AMD GPUs", runtime.title);
  if (format.row == nullptr || device.capability == 0 || device.backend != Backend::cuda) return "";
  if (nvidia_support(*format.row, device.capability) != FormatSupport::unsupported) return "";
  return fmt::format("{} has no kernels for {} on GPUs of compute capability {}.{}", runtime.title,
                     format.row->name, device.capability / 10, device.capability % 10);
}

}  // namespace vramcalc::serving
