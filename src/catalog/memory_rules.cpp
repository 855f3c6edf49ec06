#include "catalog/memory_rules.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "catalog/fields.hpp"

namespace vramcalc::catalog {
namespace {

using nlohmann::json;

// Reads a list of objects; errors name entries by `name` or by their place: "driver_reserve[3]".
template <typename Row, typename Read>
std::vector<Row> read_list(const json& document, const char* key, const std::string& file, Read read) {
  std::vector<Row> rows;
  Fields whole(document, file, "the document");
  const json& list = whole.raw(key);
  if (!list.is_array()) whole.fail(key, "a list was expected");
  for (std::size_t i = 0; i < list.size(); ++i) {
    Fields fields(list[i], file, std::string(key) + "[" + std::to_string(i) + "]");
    read(fields, rows);
    fields.finish();
  }
  return rows;
}

double share_of(Fields& fields) {
  const double share = fields.real("share");
  if (share <= 0 || share > 1) fields.fail("share", "must be above 0 and at most 1");
  return share;
}

void read_driver_total(Fields& fields, std::vector<DriverTotalRule>& rows, TextStore& store) {
  DriverTotalRule rule;
  rule.name = store.keep(fields.text("name"));
  rule.sixteenths = fields.number32_or("sixteenths", 16);
  rule.mib_per_gib = fields.number32_or("mib_per_gib", 0);
  rule.mib_per_channel = fields.number32_or("mib_per_channel", 0);
  rule.channel_bits = fields.number32_or("channel_bits", 0);
  rule.mib = fields.number32_or("mib", 0);
  rule.source = store.keep(fields.text("source"));
  if (rule.sixteenths == 0 || rule.sixteenths > 16) fields.fail("sixteenths", "must be 1 to 16");
  if ((rule.mib_per_channel == 0) != (rule.channel_bits == 0))
    fields.fail("channel_bits", "is required with mib_per_channel, and allowed only with it");
  rows.push_back(rule);
}

void read_driver_reserve(Fields& fields, std::vector<DriverReserve>& rows, TextStore& store) {
  DriverReserve rule;
  rule.architecture = store.keep(fields.text("architecture"));
  rule.memory_type = store.keep(fields.optional_text("memory_type").value_or(""));
  rule.from_memory_gb = fields.optional_real("from_memory_gb").value_or(0);
  rule.mib = fields.number32("mib");
  rule.source = store.keep(fields.text("source"));
  rows.push_back(rule);
}

void read_fallback(Fields& fields, std::vector<UsableFallback>& rows, TextStore& store) {
  UsableFallback rule;
  rule.vendor = store.keep(fields.text("vendor"));
  rule.share = share_of(fields);
  rule.source = store.keep(fields.text("source"));
  rows.push_back(rule);
}

void read_shares(Fields& fields, std::vector<MemoryShare>& rows, TextStore& store) {
  const std::string_view name = store.keep(fields.text("name"));
  const std::string_view source = store.keep(fields.text("source"));
  const json& steps = fields.raw("steps");
  if (!steps.is_array() || steps.empty()) fields.fail("steps", "a list of steps was expected");
  double last = -1;
  for (const json& each : steps) {
    Fields step(each, fields.file(), fields.entry() + ": a step");
    const double from = step.real("from_gb");
    if (from <= last) step.fail("from_gb", "steps must ascend");
    rows.push_back({name, last = from, share_of(step), source});
    step.finish();
  }
}

void read_architecture_cache(Fields& fields, std::vector<ArchitectureCache>& rows, TextStore& store) {
  ArchitectureCache rule;
  rule.architecture = store.keep(fields.text("architecture"));
  rule.memory_type = store.keep(fields.optional_text("memory_type").value_or(""));
  rule.mib = fields.number32("mib");
  rule.source = store.keep(fields.text("source"));
  rows.push_back(rule);
}

void read_system_cache(Fields& fields, std::vector<SystemCache>& rows, TextStore& store) {
  SystemCache rule;
  rule.gpu = store.keep(fields.text("gpu"));
  rule.mib = fields.number32("mib");
  rule.source = store.keep(fields.text("source"));
  rows.push_back(rule);
}

}  // namespace

OwnedMemoryRules read_memory_rules(const json& gpus, const std::string& gpus_file, const json& systems,
                                   const std::string& systems_file, TextStore& store) {
  const auto with_store = [&](auto read) {
    return [read, &store](Fields& f, auto& rows) { read(f, rows, store); };
  };
  OwnedMemoryRules rules;
  rules.driver_totals =
      read_list<DriverTotalRule>(gpus, "driver_total_rules", gpus_file, with_store(read_driver_total));
  rules.driver_reserves =
      read_list<DriverReserve>(gpus, "driver_reserve", gpus_file, with_store(read_driver_reserve));
  rules.fallbacks = read_list<UsableFallback>(gpus, "usable_fallback", gpus_file, with_store(read_fallback));
  rules.shares = read_list<MemoryShare>(systems, "memory_shares", systems_file, with_store(read_shares));
  rules.architecture_caches =
      read_list<ArchitectureCache>(gpus, "last_level_caches", gpus_file, with_store(read_architecture_cache));
  rules.system_caches =
      read_list<SystemCache>(systems, "last_level_caches", systems_file, with_store(read_system_cache));
  return rules;
}

const DriverTotalRule* driver_total_rule(const MemoryRules& rules, std::string_view name) {
  const auto found = std::ranges::find(rules.driver_totals, name, &DriverTotalRule::name);
  return found == rules.driver_totals.end() ? nullptr : &*found;
}

const DriverReserve* driver_reserve(const MemoryRules& rules, std::string_view architecture,
                                    std::string_view memory_type, double memory_gb) {
  const auto found = std::ranges::find_if(rules.driver_reserves, [&](const DriverReserve& rule) {
    return rule.architecture == architecture && memory_type.starts_with(rule.memory_type) &&
           memory_gb >= rule.from_memory_gb;
  });
  return found == rules.driver_reserves.end() ? nullptr : &*found;
}

const UsableFallback* usable_fallback(const MemoryRules& rules, std::string_view vendor) {
  const auto found = std::ranges::find(rules.fallbacks, vendor, &UsableFallback::vendor);
  return found == rules.fallbacks.end() ? nullptr : &*found;
}

const MemoryShare* memory_share(const MemoryRules& rules, std::string_view name, double memory_gb) {
  const MemoryShare* best = nullptr;
  for (const MemoryShare& step : rules.shares)
    if (step.name == name && step.from_gb <= memory_gb) best = &step;
  return best;
}

std::uint32_t last_level_cache(const MemoryRules& rules, std::string_view architecture,
                               std::string_view memory_type) {
  const auto found = std::ranges::find_if(rules.architecture_caches, [&](const ArchitectureCache& rule) {
    return rule.architecture == architecture && memory_type.starts_with(rule.memory_type);
  });
  return found == rules.architecture_caches.end() ? 0 : found->mib;
}

std::uint32_t last_level_cache_of_system(const MemoryRules& rules, std::string_view gpu) {
  const auto found = std::ranges::find_if(rules.system_caches,
                                          [&](const SystemCache& rule) { return gpu.starts_with(rule.gpu); });
  return found == rules.system_caches.end() ? 0 : found->mib;
}

std::optional<std::uint64_t> driver_total(const DriverTotalRule& rule, double memory_gb,
                                          std::uint32_t bus_bits) {
  if (rule.channel_bits != 0 && bus_bits == 0) return std::nullopt;
  const std::uint64_t channels = rule.channel_bits == 0 ? 0 : bus_bits / rule.channel_bits;
  const auto gib = static_cast<std::uint64_t>(memory_gb);
  const std::uint64_t total = share_in_mib(memory_gb, rule.sixteenths / 16.0);
  const std::uint64_t kept = gib * rule.mib_per_gib + channels * rule.mib_per_channel + rule.mib;
  return total > kept ? total - kept : 0;
}

std::uint64_t share_in_mib(double memory_gb, double share) {
  return static_cast<std::uint64_t>(memory_gb * 1024 * share);
}

}  // namespace vramcalc::catalog
