#include "deployment/visible_gpus.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "deployment/variable_names.hpp"

namespace vramcalc::deployment {
namespace {

// Quotes may be part of the value: --gpus '"device=0,1"'.
std::string_view bare(std::string_view text) {
  constexpr std::string_view quotes = " \t\"'";
  const std::size_t from = text.find_first_not_of(quotes);
  if (from == text.npos) return {};
  return text.substr(from, text.find_last_not_of(quotes) - from + 1);
}

constexpr std::array<std::string_view, 4> variables = {"NVIDIA_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES",
                                                       "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES"};
constexpr std::uint32_t most = 1024;

std::optional<std::uint32_t> index(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value >= most) return std::nullopt;
  return value;
}

// "0,2" or identities "GPU-…", of which only the number counts.
void add_devices(std::string_view list, GpuRequest& gpus) {
  std::uint32_t count = 0;
  bool all_indices = true;
  while (!list.empty() && count < most) {
    const std::size_t comma = std::min(list.find(','), list.size());
    const std::string_view item = bare(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
    if (item.empty() || item.starts_with('-')) break;  // CUDA ends at the first that is no device
    ++count;
    if (const auto number = index(item))
      gpus.indices.push_back(*number);
    else
      all_indices = false;
  }
  if (!all_indices) gpus.indices.clear();
  gpus.count = count;
}

void narrow(GpuRequest& gpus, const GpuRequest& visible) {
  const auto& outer = gpus.indices;
  const bool inside = !outer.empty() &&
                      std::ranges::all_of(visible.indices, [&](std::uint32_t i) { return i < outer.size(); });
  if (visible.indices.empty()) {
    gpus.count = visible.count;
  } else if (inside) {
    std::vector<std::uint32_t> left;
    for (const std::uint32_t i : visible.indices) left.push_back(outer[i]);
    gpus.indices = std::move(left);
    gpus.count = visible.count;
  } else if (outer.empty()) {
    gpus.indices = visible.indices;
    gpus.count = visible.count;
  }
  gpus.all = false;
}

}  // namespace

GpuRequest requested_gpus(const Word& value) {
  GpuRequest gpus;
  gpus.said_as = fmt::format("--gpus {}", value.text);
  gpus.at = value.at;
  const std::string_view text = bare(value.text);
  const std::size_t device = text.find("device=");
  if (!value.is_known()) return gpus;
  if (text == "all" || text == "-1" || text.starts_with("all,")) {
    gpus.all = true;
  } else if (device != std::string_view::npos) {
    add_devices(bare(text.substr(device + 7)), gpus);
  } else {
    const std::size_t count = text.find("count=");
    gpus.count = index(text.substr(count == std::string_view::npos ? 0 : count + 6));
  }
  return gpus;
}

void apply_visible_gpus(Launch& launch) {
  for (const std::string_view name : variables) {
    const auto found = std::ranges::find(launch.environment, name, &Variable::name);
    if (found == launch.environment.end()) continue;
    const Word& value = found->value;
    if (launch.gpus.said_as.empty()) launch.gpus.said_as = fmt::format("{}={}", name, value.text);
    if (launch.gpus.at.line == 0) launch.gpus.at = value.at;
    if (!value.is_known()) continue;
    const std::string_view text = bare(value.text);
    if (text == "all") {
      launch.gpus.all = launch.gpus.all || (!launch.gpus.count && launch.gpus.indices.empty());
      continue;
    }
    if (text == "void") continue;  // as if it were not set
    GpuRequest visible;
    if (text != "none") add_devices(text, visible);
    if (text == "none") visible.count = 0;
    narrow(launch.gpus, visible);
  }
}

}  // namespace vramcalc::deployment
