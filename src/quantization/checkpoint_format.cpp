#include "vramcalc/checkpoint_format.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "vramcalc/architecture.hpp"
#include "vramcalc/quantization.hpp"

namespace vramcalc {
namespace {

bool has(TextList list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool has_experts(const Architecture& architecture) {
  return std::ranges::any_of(architecture.blocks, [](const Block& block) {
    return std::holds_alternative<MixtureOfExperts>(block.feed_forward);
  });
}

Packing of_model(const PackingEnd& end, const Architecture& architecture) {
  Packing packing = end.packing;
  if (!end.without_experts.empty() && !has_experts(architecture)) {
    packing.layout.parts = end.without_experts;
    packing.others = {};
  }
  return packing;
}

}  // namespace

FormatSupport nvidia_support(const CheckpointFormatRow& format, std::uint32_t compute_capability) {
  if (format.unsupported_from != 0 && compute_capability >= format.unsupported_from)
    return FormatSupport::unsupported;
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

std::optional<PackingRange> packing_range(const CheckpointFormatRow& row, const Architecture& architecture) {
  if (!row.has_range()) return std::nullopt;
  PackingRange range{of_model(row.least, architecture), of_model(row.most, architecture),
                     std::string(row.least.name), std::string(row.most.name)};
  const Bytes least = packed_size(architecture, range.least).bytes;
  const Bytes most = packed_size(architecture, range.most).bytes;
  return least < most ? std::optional(std::move(range)) : std::nullopt;
}

CheckpointFormat checkpoint_format(const CheckpointFormatRow& row) {
  CheckpointFormat format;
  format.name = row.name;
  format.title = fmt::format("{} ({})", row.name, row.title);
  format.packing = row.packing;
  format.row = &row;
  return format;
}

CheckpointFormat checkpoint_format(const CheckpointFormatRow& row, const Architecture& architecture) {
  CheckpointFormat format = checkpoint_format(row);
  format.range = packing_range(row, architecture);
  return format;
}

std::vector<CheckpointPart> parts_of(const Architecture& architecture, const CheckpointFormat& format) {
  return format.stored_parts ? *format.stored_parts : checkpoint_parts(architecture, format.packing);
}

void leave_out_prediction(std::vector<CheckpointPart>& parts) {
  std::erase_if(parts, [](const CheckpointPart& part) { return part.prediction; });
}

}  // namespace vramcalc
