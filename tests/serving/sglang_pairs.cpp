#include "serving/sglang_pairs.hpp"

#include "runtime/serving/sglang/settings.hpp"

namespace vramcalc::test {
namespace {

TargetDevice h200() {
  TargetDevice device;
  device.driver_total = Bytes(143'771 * MiB);
  device.total = Bytes(143'156 * MiB);
  device.capability = 90;
  return device;
}

sglang::CacheType cache_type(const SglangStart& start) {
  if (start.kv_cache_dtype == "fp8_e4m3") return sglang::CacheType::fp8_e4m3;
  return start.kv_cache_dtype == "fp4_e2m1" ? sglang::CacheType::fp4_e2m1 : sglang::CacheType::automatic;
}

sglang::Settings settings_of(const SglangStart& start, const Architecture& architecture) {
  sglang::Options options;
  options.tp_size = start.tp;
  options.kv_cache_dtype = cache_type(start);
  const std::uint64_t context = start.context == 0 ? 131'072 : start.context;
  sglang::Settings settings = sglang::resolve(options, architecture, h200(), context, start.tp);
  settings.page_size = 1;
  settings.max_total_tokens = start.full_tokens != 0 ? start.full_tokens : start.tokens;
  return settings;
}

}  // namespace

std::vector<SglangPools> sglang_pools(const Catalog& catalog) {
  std::vector<SglangPools> all;
  for (const SglangStart& start : sglang_starts()) {
    if (start.shape == "0") continue;
    const Architecture architecture = catalog.model(start.shape).architecture;
    const sglang::Settings settings = settings_of(start, architecture);
    const sglang::KvPools pools = sglang::kv_pools(settings, architecture);
    all.push_back({start, pools, sglang::pool_sizes(pools, settings, Bytes(600 * GiB))});
  }
  return all;
}

}  // namespace vramcalc::test
