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

namespace {

// Empty if too little is known of the GPU.
std::optional<FormatSupport> support_of(const CheckpointFormat& format, const TargetDevice& device) {
  if (format.row == nullptr) return std::nullopt;
  if (device.backend == Backend::cuda && device.capability > 0)
    return nvidia_support(*format.row, device.capability);
  if (device.backend == Backend::rocm && !device.gfx.empty()) return amd_support(*format.row, device.gfx);
  return std::nullopt;
}

std::string name_of(const TargetDevice& device) {
  if (device.backend == Backend::rocm) return device.gfx;
  return fmt::format("compute capability {}.{}", device.capability / 10, device.capability % 10);
}

}  // namespace

std::string refusal_of_device(const CheckpointFormat& format, const TargetDevice& device,
                              const Runtime& runtime) {
  if (device.backend != Backend::cuda && device.backend != Backend::rocm)
    return fmt::format("{} runs on NVIDIA and AMD GPUs", runtime.title);
  if (support_of(format, device) != FormatSupport::unsupported) return "";
  return fmt::format("{} has no kernels for {} on GPUs of {}", runtime.title, format.row->name,
                     name_of(device));
}

std::string remark_on_device(const CheckpointFormat& format, const TargetDevice& device) {
  const bool is_only_stored = support_of(format, device) == FormatSupport::weight_only;
  if (!is_only_stored || format.row->weight_only_reason.empty()) return "";
  return fmt::format("{} on {}: {}", format.row->name, name_of(device), format.row->weight_only_reason);
}

}  // namespace vramcalc::serving
