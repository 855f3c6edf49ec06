#include "catalog/gpu_name.hpp"

#include <fmt/format.h>

#include <array>

namespace vramcalc::catalog {
namespace {

constexpr std::array<std::string_view, 6> series = {"", "rtx", "gtx", "rx", "arc", "radeon"};

const Gpu* in_any_series(const Table<Gpu>& gpus, std::string_view key) {
  for (const std::string_view prefix : series)
    if (const Gpu* gpu = gpus.find(fmt::format("{}{}", prefix, key))) return gpu;
  return nullptr;
}

constexpr std::array<std::string_view, 5> brands = {"nvidia", "amd", "intel", "geforce", "tesla"};

// "nvidiageforcertx3060" → "rtx3060".
std::string_view without_brands(std::string_view key) {
  for (const std::string_view brand : brands)
    if (key.starts_with(brand)) key.remove_prefix(brand.size());
  return key;
}

struct SizedName {
  std::string_view name, gigabytes;
};

// "rtx3090-24gb" → "rtx3090", "24".
std::optional<SizedName> split_size(std::string_view key) {
  if (!key.ends_with("gb")) return std::nullopt;
  key.remove_suffix(2);
  const std::size_t name_end = key.find_last_not_of("0123456789");
  if (name_end == key.npos || name_end + 1 == key.size()) return std::nullopt;
  const std::string_view name = key.substr(0, key[name_end] == '-' ? name_end : name_end + 1);
  return SizedName{name, key.substr(name_end + 1)};
}

}  // namespace

const Gpu* find_gpu(const Table<Gpu>& gpus, std::string_view name) {
  const std::string key = lookup_key(name);
  if (const Gpu* gpu = gpus.find(key)) return gpu;
  const std::string_view bare = without_brands(key);
  if (bare.empty()) return nullptr;
  if (const Gpu* gpu = in_any_series(gpus, bare)) return gpu;
  const std::optional<SizedName> sized = split_size(bare);
  const Gpu* gpu = sized ? in_any_series(gpus, sized->name) : nullptr;
  return gpu != nullptr && fmt::format("{:g}", gpu->memory_gb) == sized->gigabytes ? gpu : nullptr;
}

}  // namespace vramcalc::catalog
