#include "runtime/measured_devices.hpp"

#include <fmt/format.h>

#include <istream>

#include "support/measured_rows.hpp"

namespace vramcalc::measured {
namespace {

DeviceRow row_in(std::istream& words, std::size_t drivers) {
  DeviceRow row;
  std::uint32_t slots = 0;
  bool unified = false;
  words >> row.model >> row.context >> slots >> unified >> row.params.ubatch >> row.cache >> row.flash;
  row.params.parallel = slots;
  row.params.kv_unified = unified;
  row.params.cache_type_k = row.params.cache_type_v = element_type_from_name(row.cache).value();
  if (row.flash == "on") row.params.flash_attention = llama_cpp::FlashAttention::on;
  if (row.flash == "off") row.params.flash_attention = llama_cpp::FlashAttention::off;
  row.buffers.resize(drivers);
  for (BuffersOfDevice& each : row.buffers) words >> each.gpu >> each.host;
  return row;
}

}  // namespace

std::string DeviceRow::what() const {
  return fmt::format("{} at {}, {} slots, ubatch {}, {}, flash attention {}", model, context,
                     *params.parallel, params.ubatch, cache, flash);
}

std::vector<DeviceRow> rows_of(Backend backend) {
  const bool vulkan = backend == Backend::vulkan;
  std::vector<DeviceRow> rows;
  test::read_measured_rows(vulkan ? "compute_vulkan.tsv" : "compute_metal.tsv",
                           [&](std::istream& words) { rows.push_back(row_in(words, vulkan ? 3 : 1)); });
  return rows;
}

}  // namespace vramcalc::measured
