#include "speed/calibration.hpp"

#include <algorithm>

namespace vramcalc::speed {
namespace {

constexpr std::uint32_t first_with_tensor_cores = 70;  // compute capability, as one number

std::string_view cuda_family(const Device& device) {
  if (device.target.capability != 0 && device.target.capability < first_with_tensor_cores)
    return "cuda, no tensor cores";
  return device.memory_type.starts_with("HBM") ? "cuda, HBM" : "cuda";
}

// Where nothing was measured, what resembles it most.
std::string_view resembling(std::string_view family) {
  if (family.starts_with("cuda")) return "cuda";
  return family == "sycl" ? "vulkan" : "";
}

template <std::size_t count>
const Calibration<count>* find_row(const Table<count>& table, std::string_view family,
                                   std::string_view generation, std::string_view chip) {
  const auto is_wanted = [&](const Calibration<count>& row) {
    return row.family == family && row.generation == generation && row.chip == chip;
  };
  const auto found = std::ranges::find_if(table.rows, is_wanted);
  return found == table.rows.end() ? nullptr : &*found;
}

template <std::size_t count>
const Calibration<count>* find_rule(const Table<count>& table, std::string_view family) {
  const auto* own = find_row(table, family, "", "");
  return own != nullptr ? own : find_row(table, resembling(family), "", "");
}

template <std::size_t count>
Found<count> find(const Table<count>& table, const Device& device) {
  const std::string_view family = family_of(device);
  const auto found = [&](const Calibration<count>* row, SpeedBasis basis) {
    return Found<count>{&row->coefficients, basis, table.spread(family, basis)};
  };
  if (!device.chip.empty())
    if (const auto* row = find_row(table, family, device.generation, device.chip))
      return found(row, SpeedBasis::this_card);
  if (!device.generation.empty())
    if (const auto* row = find_row(table, family, device.generation, ""))
      return found(row, SpeedBasis::its_generation);
  if (const auto* row = find_rule(table, family)) return found(row, SpeedBasis::rule);
  return {};
}

}  // namespace

std::string_view family_of(const Device& device) {
  switch (device.target.backend) {
    case Backend::cuda: return cuda_family(device);
    case Backend::rocm: return "rocm";
    case Backend::metal: return "metal";
    case Backend::vulkan: return "vulkan";
    case Backend::sycl: return "sycl";
    default: return "";
  }
}

Found<decode_parts> find_decode(const Device& device) { return find(decode_table, device); }
Found<prefill_parts> find_prefill(const Device& device) { return find(prefill_table, device); }

}  // namespace vramcalc::speed
