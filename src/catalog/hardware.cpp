#include "catalog/hardware.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "catalog/entry.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::catalog {
namespace {

using nlohmann::json;

// More than any machine has; a larger figure is a mistake in the file.
constexpr double most_memory_gb = 1 << 20;

double memory_of(Fields& fields, std::string_view key) {
  const double gigabytes = positive_or_zero(fields, key);
  if (gigabytes > most_memory_gb)
    fields.fail(key, fmt::format("{:g} GB is more than any machine has", gigabytes));
  return gigabytes;
}

std::uint64_t in_mib(double memory_gb) { return share_in_mib(memory_gb, 1); }

Evidence evidence(Fields& fields, std::string_view key) {
  constexpr std::array words = {Evidence::measured, Evidence::inferred, Evidence::cited};
  return words[fields.word(key, {"measured", "inferred", "cited"})];
}

std::string_view optional(Fields& fields, std::string_view key, TextStore& store) {
  return store.keep(fields.optional_text(key).value_or(""));
}

void check_at_most(const Fields& fields, std::string_view key, std::uint64_t mib, std::uint64_t limit,
                   std::string_view what) {
  if (limit != 0 && mib > limit)
    fields.fail(key, fmt::format("{} MiB is above {}, {} MiB", mib, what, limit));
}

// ---- a GPU's memory: sold, reported by the driver, usable by a program

struct Usable {
  std::uint64_t mib = 0;
  Evidence evidence = Evidence::unknown;
  std::string source;
};

// An entry that states its usable memory: "usable_mib", "usable", "usable_source".
std::optional<Usable> stated_usable(Fields& fields) {
  const std::optional<std::uint64_t> mib = fields.optional_number("usable_mib");
  if (!mib) return std::nullopt;
  Usable usable{*mib, Evidence::cited,
                fields.optional_text("usable_source").value_or("as the catalog entry says")};
  if (fields.has("usable")) usable.evidence = evidence(fields, "usable");
  if (*mib == 0) fields.fail("usable_mib", "must be above 0; leave it out if it is unknown");
  return usable;
}

void read_driver_total(Fields& fields, const MemoryRules& rules, TextStore& store, Gpu& gpu) {
  const std::optional<std::string> rule_name = fields.optional_text("driver_total_rule");
  const DriverTotalRule* rule = rule_name ? driver_total_rule(rules, *rule_name) : nullptr;
  if (rule_name && rule == nullptr)
    fields.fail("driver_total_rule", fmt::format("no rule is called \"{}\"", *rule_name));
  if (const auto mib = fields.optional_number("driver_total_mib")) {
    gpu.driver_total_mib = *mib;
    gpu.driver_total_evidence = Evidence::measured;
    gpu.driver_total_source = store.keep(fields.text("driver_total_source"));
    check_at_most(fields, "driver_total_mib", *mib, in_mib(gpu.memory_gb), "the memory as sold");
  } else if (rule != nullptr) {
    const auto total = driver_total(*rule, gpu.memory_gb, gpu.bus_bits);
    if (!total)
      fields.fail("driver_total_rule",
                  fmt::format("\"{}\" counts memory channels, so bus_bits is needed", rule->name));
    gpu.driver_total_mib = *total;
    gpu.driver_total_evidence = Evidence::inferred;
    gpu.driver_total_source = rule->source;
  }
}

Usable cuda_usable(Fields& fields, const Gpu& gpu, std::uint64_t cuda_total) {
  check_at_most(fields, "cuda_total_mib", cuda_total, gpu.driver_total_mib, "what the driver reports");
  return {cuda_total, Evidence::measured,
          "total that CUDA reports on Linux: " + fields.text("cuda_total_source")};
}

// NVIDIA's driver keeps part of what nvidia-smi reports; all that AMD's and Intel's drivers report can be
// allocated.
Usable less_reserve(const Fields& fields, const Gpu& gpu, const MemoryRules& rules, Usable total) {
  if (gpu.vendor != "NVIDIA") return total;
  const DriverReserve* reserve = driver_reserve(rules, gpu.architecture, gpu.memory_type, gpu.memory_gb);
  if (reserve == nullptr)
    fields.fail("architecture",
                fmt::format("no driver_reserve is known for \"{}\"; give usable_mib", gpu.architecture));
  if (reserve->mib >= total.mib)
    fields.fail("memory_gb", fmt::format("the driver alone keeps {} MiB", reserve->mib));
  return {
      total.mib - reserve->mib, Evidence::inferred,
      fmt::format("{}, less {} MiB that the driver keeps ({})", total.source, reserve->mib, reserve->source)};
}

Usable usable_of(Fields& fields, const Gpu& gpu, const MemoryRules& rules) {
  const std::optional<Usable> stated = stated_usable(fields);
  const std::optional<std::uint64_t> cuda_total = fields.optional_number("cuda_total_mib");
  if (cuda_total) return cuda_usable(fields, gpu, *cuda_total);
  if (stated) return *stated;
  if (gpu.driver_total_mib != 0)
    return less_reserve(fields, gpu, rules,
                        {gpu.driver_total_mib, gpu.driver_total_evidence, "what the driver reports"});
  const UsableFallback* fallback = usable_fallback(rules, gpu.vendor);
  if (gpu.memory_gb == 0 || fallback == nullptr || gpu.segment == "accelerator") return {};
  return less_reserve(
      fields, gpu, rules,
      {share_in_mib(gpu.memory_gb, fallback->share), Evidence::inferred, std::string(fallback->source)});
}

void read_memory(Fields& fields, const MemoryRules& rules, TextStore& store, Gpu& gpu) {
  gpu.memory_type = optional(fields, "memory_type", store);
  if (gpu.memory_type == "shared" && fields.has("memory_gb"))
    fields.fail("memory_gb", "a GPU that shares the host's memory has none of its own");
  if (gpu.memory_type != "shared" && !fields.has("memory_gb")) fields.fail("memory_gb", "missing");
  gpu.memory_gb = memory_of(fields, "memory_gb");
  gpu.bus_bits = fields.number32_or("bus_bits", 0);
  read_driver_total(fields, rules, store, gpu);
  const Usable usable = usable_of(fields, gpu, rules);
  check_at_most(fields, "usable_mib", usable.mib, gpu.driver_total_mib, "what the driver reports");
  check_at_most(fields, "usable_mib", usable.mib, in_mib(gpu.memory_gb), "the memory as sold");
  gpu.usable_mib = usable.mib;
  gpu.usable_evidence = usable.evidence;
  gpu.usable_source = store.keep(usable.source);
}

// ---- the rest of a GPU

// Figures that need a source are refused without one.
void read_rates(Fields& fields, Gpu& gpu) {
  gpu.bandwidth_gbps = positive_or_zero(fields, "bandwidth_gbps");
  gpu.fp16_tflops = positive_or_zero(fields, "fp16_tflops");
  if (gpu.fp16_tflops != 0) fields.text("fp16_source");
  gpu.fp32_tflops = positive_or_zero(fields, "fp32_tflops");
  if (gpu.fp32_tflops != 0) fields.text("fp32_source");
  gpu.fp32_accumulate_half_rate = fields.flag_or("fp32_accumulate_half_rate", false);
  gpu.streaming_multiprocessors = fields.number32_or("sm", 0);
  if (gpu.streaming_multiprocessors != 0) fields.text("sm_source");
}

void read_identity(Fields& fields, TextStore& store, Gpu& gpu) {
  constexpr std::array<std::string_view, 6> segments = {"consumer", "workstation", "datacenter",
                                                        "laptop",   "integrated",  "accelerator"};
  gpu.id = store.keep(entry_id(fields));
  gpu.name = store.keep(fields.text("name"));
  gpu.vendor = store.keep(fields.text("vendor"));
  gpu.architecture = optional(fields, "architecture", store);
  gpu.segment = segments[fields.word(
      "segment", {segments[0], segments[1], segments[2], segments[3], segments[4], segments[5]})];
  gpu.prominence = fields.number32_or("prominence", 0);
  gpu.aliases = store.keep(aliases(fields));
  gpu.compute_capability = optional(fields, "compute_capability", store);
  gpu.gfx = optional(fields, "gfx", store);
  gpu.interconnect = optional(fields, "interconnect", store);
  gpu.tdp_watts = fields.number32_or("tdp_w", 0);
  gpu.release_date = store.keep(date(fields, "release_date"));
  gpu.msrp_usd = positive_or_zero(fields, "msrp_usd");
  gpu.source = optional(fields, "source", store);
}

Gpu read_gpu(Fields& fields, const MemoryRules& rules, TextStore& store) {
  Gpu gpu;
  read_identity(fields, store, gpu);
  const std::uint32_t devices = fields.number32_or("devices", 1);
  if (devices != 1 && devices != 2) fields.fail("devices", "must be 1 or 2");
  gpu.splits_into_two = devices == 2;
  read_memory(fields, rules, store, gpu);
  read_rates(fields, gpu);
  gpu.last_level_cache_mib = last_level_cache(rules, gpu.architecture, gpu.memory_type);
  gpu.notes = store.keep(notes(fields));
  return gpu;
}

// ---- systems

Usable shared_memory(Fields& fields, const MemoryRules& rules, const System& system) {
  const std::string name = fields.text("memory_share");
  const MemoryShare* share = memory_share(rules, name, system.memory_gb);
  if (share == nullptr)
    fields.fail("memory_share", fmt::format("no share \"{}\" covers {} GB", name, system.memory_gb));
  const Evidence how = fields.has("usable") ? evidence(fields, "usable") : Evidence::inferred;
  return {share_in_mib(system.memory_gb, share->share), how,
          fmt::format("{:g} % of {:g} GiB: {}", share->share * 100, system.memory_gb, share->source)};
}

// Several GPUs have a multiple of one GPU's usable memory. For a slice of a GPU, it is what the provider
// states, or unknown.
Usable pooled(const System& system, const Gpu* gpu) {
  if (gpu == nullptr || gpu->usable_mib == 0 || system.gpu_fraction != 1) return {};
  const std::uint64_t mib = checked_multiply(gpu->usable_mib, system.gpu_count);
  if (system.gpu_count == 1) return {mib, gpu->usable_evidence, std::string(gpu->usable_source)};
  return {mib, gpu->usable_evidence,
          fmt::format("{} x {} MiB: {}", system.gpu_count, gpu->usable_mib, gpu->usable_source)};
}

Usable usable_of(Fields& fields, const System& system, const Gpu* gpu, const MemoryRules& rules) {
  const std::optional<Usable> stated = stated_usable(fields);
  if (stated && fields.has("memory_share"))
    fields.fail("memory_share", "not allowed together with usable_mib");
  if (stated) return *stated;
  if (fields.has("memory_share")) return shared_memory(fields, rules, system);
  return pooled(system, gpu);
}

const Gpu* read_gpu_of(Fields& fields, const FindGpu& find_gpu, TextStore& store, System& system) {
  const std::optional<std::string> id = fields.optional_text("gpu_id");
  const std::optional<std::string> called = fields.optional_text("gpu");
  if (!id && !called) fields.fail("gpu", "missing; give gpu_id, or gpu where the catalog does not have it");
  const Gpu* gpu = id ? find_gpu(*id) : nullptr;
  if (id && gpu == nullptr) fields.fail("gpu_id", fmt::format("no GPU is called \"{}\"", *id));
  system.gpu_id = gpu != nullptr ? store.keep(*id) : std::string_view();
  system.gpu = called ? store.keep(*called) : store.keep(std::string(gpu->name));
  return gpu;
}

void check_memory(const Fields& fields, const System& system, const Gpu* gpu) {
  if (gpu == nullptr || gpu->memory_gb == 0 || system.gpu_fraction != 1) return;
  const double sum = gpu->memory_gb * system.gpu_count;
  if (std::abs(sum - system.memory_gb) > 0.01)
    fields.fail("memory_gb", fmt::format("{:g} GB is not {} x {:g} GB of {}", system.memory_gb,
                                         system.gpu_count, gpu->memory_gb, gpu->id));
}

void read_rates(Fields& fields, const MemoryRules& rules, const Gpu* gpu, System& system) {
  system.bandwidth_gbps = positive_or_zero(fields, "bandwidth_gbps");
  system.fp16_tflops = positive_or_zero(fields, "fp16_tflops");
  if (system.fp16_tflops != 0) fields.text("fp16_source");
  if (gpu != nullptr && system.fp16_tflops != 0)
    fields.fail("fp16_tflops", fmt::format("not allowed together with gpu_id; {} has its own", gpu->id));
  system.last_level_cache_mib =
      gpu != nullptr ? gpu->last_level_cache_mib : last_level_cache_of_system(rules, system.gpu);
}

System read_system(Fields& fields, const MemoryRules& rules, const FindGpu& find_gpu, TextStore& store) {
  constexpr std::array kinds = {System::Kind::unified, System::Kind::multi_gpu, System::Kind::cloud};
  System system;
  system.id = store.keep(entry_id(fields));
  system.name = store.keep(fields.text("name"));
  system.vendor = optional(fields, "vendor", store);
  system.kind = kinds[fields.word("kind", {"unified", "multi_gpu", "cloud"})];
  system.prominence = fields.number32_or("prominence", 0);
  system.aliases = store.keep(aliases(fields));
  const Gpu* gpu = read_gpu_of(fields, find_gpu, store, system);
  system.gpu_count = fields.number32_or("gpu_count", 1);
  if (system.gpu_count == 0) fields.fail("gpu_count", "must be above 0");
  system.gpu_fraction = fields.optional_real("gpu_fraction").value_or(1);
  if (system.gpu_fraction <= 0 || system.gpu_fraction > 1)
    fields.fail("gpu_fraction", "must be above 0 and at most 1");
  if (fields.real("memory_gb") <= 0) fields.fail("memory_gb", "must be above 0");
  system.memory_gb = memory_of(fields, "memory_gb");
  check_memory(fields, system, gpu);
  const Usable usable = usable_of(fields, system, gpu, rules);
  check_at_most(fields, "usable_mib", usable.mib, in_mib(system.memory_gb), "the memory as sold");
  system.usable_mib = usable.mib;
  system.usable_evidence = usable.evidence;
  system.usable_source = store.keep(usable.source);
  system.system_memory_gb = memory_of(fields, "system_memory_gb");
  read_rates(fields, rules, gpu, system);
  system.interconnect = optional(fields, "interconnect", store);
  system.compute_capability = optional(fields, "compute_capability", store);
  system.release_date = store.keep(date(fields, "release_date"));
  system.notes = store.keep(notes(fields));
  system.source = optional(fields, "source", store);
  return system;
}

template <typename Row, typename Read>
std::vector<Row> read_rows(const json& list, std::string_view name, const std::string& file, Read read) {
  if (!list.is_array())
    throw Error(ErrorCode::bad_file, fmt::format("{}: {}: a list was expected", file, name));
  std::vector<Row> rows;
  std::set<std::string_view> ids;
  for (std::size_t i = 0; i < list.size(); ++i) {
    Fields fields(list[i], file, entry_name(list[i], name, i));
    rows.push_back(read(fields));
    fields.finish();
    if (!ids.insert(rows.back().id).second) fields.fail("id", "appears twice");
  }
  return rows;
}

}  // namespace

std::vector<Gpu> read_gpus(const json& list, const std::string& file, const MemoryRules& rules,
                           TextStore& store) {
  return read_rows<Gpu>(list, "gpus", file, [&](Fields& fields) { return read_gpu(fields, rules, store); });
}

std::vector<System> read_systems(const json& list, const std::string& file, const MemoryRules& rules,
                                 const FindGpu& find_gpu, TextStore& store) {
  return read_rows<System>(list, "systems", file,
                           [&](Fields& fields) { return read_system(fields, rules, find_gpu, store); });
}

}  // namespace vramcalc::catalog
