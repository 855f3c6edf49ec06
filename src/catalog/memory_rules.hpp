#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/text_store.hpp"

// Rules for whole classes of boards: the usable part of the memory sold, and the cache in front of it. They
// are data (data/gpus.json, data/systems.json), each with the measurements it is based on.
namespace vramcalc::catalog {

// The total that a driver reports: sixteenths of the size, less a part per GiB, per memory channel and per
// board.
struct DriverTotalRule {
  std::string_view name;
  std::uint32_t sixteenths = 16;
  std::uint32_t mib_per_gib = 0;
  std::uint32_t mib_per_channel = 0;
  std::uint32_t channel_bits = 0;
  std::uint32_t mib = 0;
  std::string_view source;
};

// The part of its total that NVIDIA's Linux driver keeps before a program starts. The first matching rule
// decides.
struct DriverReserve {
  std::string_view architecture;
  std::string_view memory_type;  // "HBM" matches HBM2e; empty: any
  double from_memory_gb = 0;
  std::uint32_t mib = 0;
  std::string_view source;
};

// The safe share of the marketing size if no driver total is known.
struct UsableFallback {
  std::string_view vendor;
  double share = 0;
  std::string_view source;
};

// The share of a machine's memory that its GPU may take, by steps of the memory size.
struct MemoryShare {
  std::string_view name;
  double from_gb = 0;
  double share = 0;
  std::string_view source;
};

// The largest last-level cache of any GPU of an architecture, for upper bounds of speed: it may be too large
// for a GPU, never too small. The first matching rule decides.
struct ArchitectureCache {
  std::string_view architecture;
  std::string_view memory_type;  // "HBM" matches HBM2e; empty: any
  std::uint32_t mib = 0;
  std::string_view source;
};

// The same for GPUs that are not in the catalog, by how their system's text begins: "M1 Max".
struct SystemCache {
  std::string_view gpu;
  std::uint32_t mib = 0;
  std::string_view source;
};

struct MemoryRules {
  std::span<const DriverTotalRule> driver_totals;
  std::span<const DriverReserve> driver_reserves;
  std::span<const UsableFallback> fallbacks;
  std::span<const MemoryShare> shares;
  std::span<const ArchitectureCache> architecture_caches = {};
  std::span<const SystemCache> system_caches = {};
};

struct OwnedMemoryRules {
  std::vector<DriverTotalRule> driver_totals;
  std::vector<DriverReserve> driver_reserves;
  std::vector<UsableFallback> fallbacks;
  std::vector<MemoryShare> shares;
  std::vector<ArchitectureCache> architecture_caches;
  std::vector<SystemCache> system_caches;
  MemoryRules view() const {
    return {driver_totals, driver_reserves, fallbacks, shares, architecture_caches, system_caches};
  }
};

// From the whole documents data/gpus.json and data/systems.json.
OwnedMemoryRules read_memory_rules(const nlohmann::json& gpus, const std::string& gpus_file,
                                   const nlohmann::json& systems, const std::string& systems_file,
                                   TextStore& store);

// Null if no rule has that name or covers that vendor, board or size.
const DriverTotalRule* driver_total_rule(const MemoryRules& rules, std::string_view name);
const DriverReserve* driver_reserve(const MemoryRules& rules, std::string_view architecture,
                                    std::string_view memory_type, double memory_gb);
const UsableFallback* usable_fallback(const MemoryRules& rules, std::string_view vendor);
const MemoryShare* memory_share(const MemoryRules& rules, std::string_view name, double memory_gb);

// In MiB; 0 if unknown.
std::uint32_t last_level_cache(const MemoryRules& rules, std::string_view architecture,
                               std::string_view memory_type);
std::uint32_t last_level_cache_of_system(const MemoryRules& rules, std::string_view gpu);

// Empty if the rule counts channels and the bus width is unknown (0).
std::optional<std::uint64_t> driver_total(const DriverTotalRule& rule, double memory_gb,
                                          std::uint32_t bus_bits);

// The share of `memory_gb`, taken as GiB, in whole MiB.
std::uint64_t share_in_mib(double memory_gb, double share);

}  // namespace vramcalc::catalog
