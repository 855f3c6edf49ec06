#include <cmath>
#include <set>

#include "catch.hpp"
#include "vramcalc/catalog.hpp"

// Invariants of every GPU and system in the catalog, and a few figures by name.
namespace vramcalc::test {
namespace {

const Catalog& embedded() {
  static const Catalog catalog;
  return catalog;
}

std::uint64_t sold_mib(double gigabytes) { return static_cast<std::uint64_t>(std::floor(gigabytes * 1024)); }

}  // namespace

TEST_CASE("usable memory is at most the driver total, which is at most the size sold") {
  REQUIRE(embedded().gpus().size() >= 386);
  for (const Gpu* gpu : embedded().gpus()) {
    CAPTURE(std::string(gpu->id));
    CHECK(gpu->usable_mib <= sold_mib(gpu->memory_gb));
    CHECK(gpu->driver_total_mib <= sold_mib(gpu->memory_gb));
    if (gpu->driver_total_mib != 0) CHECK(gpu->usable_mib <= gpu->driver_total_mib);
    // The lowest share of any board: GDDR6 with ECC, and the driver's reserve on a small board.
    if (gpu->usable_mib != 0) CHECK(gpu->usable_mib >= sold_mib(gpu->memory_gb) * 3 / 4);
  }
}

TEST_CASE("a known figure has a source, and an unknown one has none") {
  for (const Gpu* gpu : embedded().gpus()) {
    CAPTURE(std::string(gpu->id));
    CHECK((gpu->usable_mib == 0) == (gpu->usable_evidence == Evidence::unknown));
    CHECK((gpu->usable_mib == 0) == gpu->usable_source.empty());
    CHECK((gpu->driver_total_mib == 0) == (gpu->driver_total_evidence == Evidence::unknown));
    CHECK((gpu->driver_total_mib == 0) == gpu->driver_total_source.empty());
    CHECK_FALSE(gpu->source.empty());
    CHECK_FALSE(gpu->name.empty());
  }
  for (const System* system : embedded().systems()) {
    CAPTURE(std::string(system->id));
    CHECK((system->usable_mib == 0) == (system->usable_evidence == Evidence::unknown));
    CHECK((system->usable_mib == 0) == system->usable_source.empty());
    CHECK_FALSE(system->source.empty());
    CHECK_FALSE(system->gpu.empty());
  }
}

// FP16 is a 64th of FP32 on GP102 to GP108, and twice FP32 on GP100 and the Turing chips without tensor
// cores.
TEST_CASE("the FP32 rate of NVIDIA's GPUs without tensor cores agrees with their FP16 rate") {
  for (const Gpu* gpu : embedded().gpus()) {
    if (gpu->vendor != "NVIDIA" || gpu->compute_capability.empty()) continue;
    CAPTURE(std::string(gpu->id));
    const std::string_view capability = gpu->compute_capability;
    const bool has_tensor_cores = capability.size() > 3 || capability >= "7.0";
    if (!has_tensor_cores) CHECK(gpu->fp32_tflops > 0);
    if (gpu->fp32_tflops == 0 || gpu->fp16_tflops == 0) continue;
    const double ratio = capability == "6.1" ? 1.0 / 64 : 2;
    CHECK(std::abs(gpu->fp16_tflops - ratio * gpu->fp32_tflops) < 0.011);  // TechPowerUp gives two decimals
  }
}

TEST_CASE("a unified system knows its arithmetic by its GPU's row or its own") {
  const std::set<std::string_view> unknown = {"M6", "Adreno", "N1X"};
  for (const System* system : embedded().systems()) {
    CAPTURE(std::string(system->id));
    if (!system->gpu_id.empty()) CHECK(system->fp16_tflops == 0);
    if (!system->gpu_id.empty() || unknown.contains(system->gpu.substr(0, system->gpu.find(' ')))) continue;
    CHECK(system->fp16_tflops > 0);
  }
}

TEST_CASE("chips of Apple are as fast as their cores and clocks make them") {
  struct Row {
    std::string_view id;
    double tflops;
  };
  // 128 ALUs per core, two FLOP per ALU and clock; 1024 FLOP per core and clock on M5.
  const Row rows[] = {
      {"apple-m1-8gb",         8 * 256 * 1.278e-3 },
      {"apple-m1-max-64gb",    32 * 256 * 1.296e-3},
      {"apple-m2-ultra-192gb", 76 * 256 * 1.398e-3},
      {"apple-m3-ultra-512gb", 80 * 256 * 1.38e-3 },
      {"apple-m4-pro-24gb",    20 * 256 * 1.578e-3},
      {"apple-m5-max-128gb",   40 * 1024 * 1.62e-3},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.id));
    CHECK(embedded().system(row.id).fp16_tflops == Approx(row.tflops).epsilon(0.01));
  }
}

TEST_CASE("the last-level cache of every GPU is known but for those that are not out") {
  const std::set<std::string_view> vendors = {"NVIDIA", "AMD", "Intel"}, unknown = {"Rubin", "CDNA 5.0"};
  for (const Gpu* gpu : embedded().gpus()) {
    CAPTURE(std::string(gpu->id));
    if (!vendors.contains(gpu->vendor) || gpu->segment == "accelerator") continue;
    CHECK((gpu->last_level_cache_mib == 0) == unknown.contains(gpu->architecture));
  }
  for (const System* system : embedded().systems()) {
    CAPTURE(std::string(system->id));
    if (system->gpu_id.empty()) CHECK((system->last_level_cache_mib == 0) == (system->gpu == "N1X"));
  }
}

TEST_CASE("no last-level cache is below that of a chip that is known") {
  struct Row {
    std::string_view id;
    std::uint32_t mib;
  };
  // NVIDIA: CUDA's l2CacheSize; AMD: Infinity Cache; both as the vendors' papers have them.
  const Row rows[] = {
      {"rtx-4090",       72 },
      {"rtx-5090",       96 },
      {"rtx-3090",       6  },
      {"a100-sxm-80gb",  40 },
      {"h100-sxm-80gb",  50 },
      {"p100-pcie-16gb", 4  },
      {"rx-6900-xt",     128},
      {"rx-7900-xtx",    96 },
      {"rx-9070-xt",     64 },
      {"mi300x",         256},
      {"arc-a770-16gb",  16 },
      {"arc-b580",       18 },
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.id));
    CHECK(embedded().gpu(row.id).last_level_cache_mib >= row.mib);
  }
  CHECK(embedded().system("apple-m1-ultra-128gb").last_level_cache_mib >= 96);
  CHECK(embedded().system("apple-m1-8gb").last_level_cache_mib < 12);
}

TEST_CASE("every GPU with a llama.cpp backend has usable memory") {
  const std::set<std::string_view> vendors = {"NVIDIA", "AMD", "Intel"};
  for (const Gpu* gpu : embedded().gpus()) {
    CAPTURE(std::string(gpu->id));
    const bool has_own_memory = gpu->memory_type != "shared" && gpu->segment != "accelerator";
    if (vendors.contains(gpu->vendor) && has_own_memory) CHECK(gpu->usable_mib != 0);
  }
}

TEST_CASE("the usable memory of several GPUs is a multiple of one GPU's") {
  REQUIRE(embedded().systems().size() >= 304);
  for (const System* system : embedded().systems()) {
    CAPTURE(std::string(system->id));
    CHECK(system->usable_mib <= sold_mib(system->memory_gb));
    CHECK(system->gpu_count >= 1);
    if (system->gpu_id.empty() || system->gpu_fraction != 1 || system->kind == System::Kind::unified)
      continue;
    const Gpu& gpu = embedded().gpu(system->gpu_id);
    CHECK(system->usable_mib == gpu.usable_mib * system->gpu_count);
    CHECK(system->usable_evidence == gpu.usable_evidence);
  }
}

TEST_CASE("an id names its own row, and no name is shared by a GPU and a system") {
  for (const Gpu* gpu : embedded().gpus()) {
    CHECK(&embedded().gpu(gpu->id) == gpu);
    CHECK(embedded().hardware(gpu->id).gpu == gpu);
    for (const std::string_view alias : gpu->aliases) CHECK(embedded().hardware(alias).gpu == gpu);
  }
  for (const System* system : embedded().systems()) {
    CHECK(&embedded().system(system->id) == system);
    CHECK(embedded().hardware(system->id).system == system);
    for (const std::string_view alias : system->aliases) CHECK(embedded().hardware(alias).system == system);
  }
}

// Totals reported by CUDA on Linux, ROCm, Metal and others; if none was seen, the rule computed by hand.
TEST_CASE("usable memory of GPUs") {
  struct Row {
    const char* id;
    std::uint64_t driver_total_mib, usable_mib;
    Evidence evidence;
  };
  const Row rows[] = {
      {"rtx-4090",       24564,  24210,       Evidence::measured},
      {"rtx-3090",       24576,  24123,       Evidence::measured},
      {"rtx-5090",       32607,  32109,       Evidence::measured},
      {"t4",             15360,  14912,       Evidence::measured},
      {"a100-sxm-80gb",  81920,  81151,       Evidence::measured},
      {"h100-sxm-80gb",  81559,  81081,       Evidence::measured},
      {"b200",           183359, 182642,      Evidence::measured},
      {"l40s",           46068,  45467,       Evidence::measured},
      {"rtx-3060-12gb",  12288,  12288 - 475, Evidence::inferred},
      {"rtx-4070",       12282,  12282 - 436, Evidence::inferred},
      {"rtx-a6000",      49140,  49140 - 611, Evidence::inferred},
      {"rtx-5080",       16303,  16303 - 498, Evidence::inferred},
      {"h100-pcie-80gb", 81559,  81559 - 478, Evidence::inferred},
      {"rx-7900-xtx",    24560,  24560,       Evidence::measured},
      {"rx-9070-xt",     16304,  16304,       Evidence::inferred},
      {"mi300x",         196592, 196592,      Evidence::measured},
      {"arc-b580",       0,      11550,       Evidence::inferred}, // 94 % of 12 GiB
      {"k80",            0,      11520 - 85,  Evidence::inferred},
      {"tpu-v5e",        0,      0,           Evidence::unknown },
      {"radeon-8060s",   0,      0,           Evidence::unknown },
  };
  for (const Row& row : rows) {
    CAPTURE(row.id);
    const Gpu& gpu = embedded().gpu(row.id);
    CHECK(gpu.driver_total_mib == row.driver_total_mib);
    CHECK(gpu.usable_mib == row.usable_mib);
    CHECK(gpu.usable_evidence == row.evidence);
  }
}

TEST_CASE("usable memory of systems") {
  struct Row {
    const char* id;
    std::uint64_t usable_mib;
    Evidence evidence;
  };
  const Row rows[] = {
      {"apple-m1-8gb",           5461,      Evidence::inferred}, // two thirds
      {"apple-m4-16gb",          12124,     Evidence::measured},
      {"apple-m4-24gb",          18186,     Evidence::measured},
      {"apple-m4-32gb",          25559,     Evidence::measured},
      {"apple-m3-max-36gb",      28753,     Evidence::measured},
      {"apple-m4-pro-48gb",      38338,     Evidence::measured},
      {"apple-m3-max-64gb",      53084,     Evidence::measured},
      {"apple-m2-max-96gb",      79626,     Evidence::measured},
      {"apple-m4-max-128gb",     110100,    Evidence::measured},
      {"apple-m3-ultra-256gb",   228065,    Evidence::measured},
      {"apple-m3-ultra-512gb",   475136,    Evidence::measured},
      {"ryzen-ai-max-395-128gb", 63967,     Evidence::measured},
      {"dgx-spark",              124607,    Evidence::measured},
      {"dgx-h100",               8 * 81081, Evidence::measured},
      {"rtx-3090-x2",            2 * 24123, Evidence::measured},
      {"aws-g6f-large",          2861,      Evidence::cited   },
      {"azure-nv6ads-a10-v5",    0,         Evidence::unknown },
      {"gaudi-3-x8",             0,         Evidence::unknown },
  };
  for (const Row& row : rows) {
    CAPTURE(row.id);
    const System& system = embedded().system(row.id);
    CHECK(system.usable_mib == row.usable_mib);
    CHECK(system.usable_evidence == row.evidence);
  }
}

TEST_CASE("a board with two GPUs has two devices") {
  CHECK(embedded().gpu("mi250x").splits_into_two);
  CHECK_FALSE(embedded().gpu("mi300x").splits_into_two);
}

}  // namespace vramcalc::test
