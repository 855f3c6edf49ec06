#include "cli/flags.hpp"

#include <algorithm>
#include <array>

#include "cli/flags/table.hpp"

namespace vramcalc::cli {
namespace {

constexpr std::array tables = {&model_and_hardware_flags,
                               &config_flags,
                               &own_fit_flags,
                               &command_flags,
                               &deployment_flags,
                               &tokens_flags,
                               &context_flags,
                               &placement_flags,
                               &serving_flags,
                               &serving_cache_flags,
                               &vllm_flags,
                               &sglang_flags,
                               &computation_flags,
                               &output_flags};

std::string_view take_name(std::string_view& names) {
  const std::size_t comma = std::min(names.find(", "), names.size());
  const std::string_view name = names.substr(0, comma);
  names.remove_prefix(std::min(comma + 2, names.size()));
  return name;
}

}  // namespace

std::span<const FlagTable* const> flag_tables() { return tables; }

std::vector<std::string_view> names_of(std::string_view names) {
  std::vector<std::string_view> result;
  while (!names.empty()) result.push_back(take_name(names));
  return result;
}

bool has_name(std::string_view names, std::string_view name) {
  while (!names.empty())
    if (take_name(names) == name) return true;
  return false;
}

}  // namespace vramcalc::cli
