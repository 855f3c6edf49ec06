#include "vramcalc/checkpoint_format.hpp"

#include <algorithm>

namespace vramcalc {
namespace {

bool has(TextList list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

}  // namespace

FormatSupport nvidia_support(const CheckpointFormatRow& format, std::uint32_t compute_capability) {
  if (format.native_from != 0 && compute_capability >= format.native_from) return FormatSupport::native;
  if (format.weight_only_from != 0 && compute_capability >= format.weight_only_from)
    return FormatSupport::weight_only;
  return FormatSupport::unsupported;
}

FormatSupport amd_support(const CheckpointFormatRow& format, std::string_view gfx) {
  if (has(format.native_gfx, gfx)) return FormatSupport::native;
  return has(format.weight_only_gfx, gfx) ? FormatSupport::weight_only : FormatSupport::unsupported;
}

bool is_loaded_by(const CheckpointFormatRow& format, std::string_view runtime) {
  return has(format.runtimes, runtime);
}

}  // namespace vramcalc
