#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "catalog/memory_rules.hpp"
#include "catch.hpp"

// The rules for driver totals against totals that drivers reported.
namespace vramcalc::test {
namespace {

using nlohmann::json;

json data(const std::string& file) {
  std::ifstream in(std::string(VRAMCALC_SOURCE_DIR) + "/data/" + file);
  return json::parse(in);
}

}  // namespace

TEST_CASE("a board's rule gives the total measured on it") {
  const json gpus = data("gpus.json");
  catalog::TextStore store;
  const catalog::OwnedMemoryRules rules =
      catalog::read_memory_rules(gpus, "gpus.json", data("systems.json"), "systems.json", store);
  int seen = 0;
  for (const json& gpu : gpus["gpus"]) {
    if (!gpu.contains("driver_total_mib") || !gpu.contains("driver_total_rule")) continue;
    CAPTURE(gpu["id"]);
    const auto* rule = catalog::driver_total_rule(rules.view(), gpu["driver_total_rule"].get<std::string>());
    REQUIRE(rule != nullptr);
    const auto total =
        catalog::driver_total(*rule, gpu["memory_gb"].get<double>(), gpu.value("bus_bits", 0u));
    REQUIRE(total.has_value());
    const auto wanted = gpu["driver_total_mib"].get<std::uint64_t>();
    // H100 NVL has half a memory stack switched off, and 3 MiB less.
    CHECK((gpu["id"] == "h100-nvl-94gb" ? *total - 3 : *total) == wanted);
    ++seen;
  }
  CHECK(seen >= 90);
}

TEST_CASE("CUDA's total is never below the driver total less its reserve") {
  const json gpus = data("gpus.json");
  catalog::TextStore store;
  const catalog::OwnedMemoryRules rules =
      catalog::read_memory_rules(gpus, "gpus.json", data("systems.json"), "systems.json", store);
  int seen = 0;
  for (const json& gpu : gpus["gpus"]) {
    if (!gpu.contains("cuda_total_mib") || !gpu.contains("driver_total_mib")) continue;
    CAPTURE(gpu["id"]);
    const auto* reserve =
        catalog::driver_reserve(rules.view(), gpu["architecture"].get<std::string>(),
                                gpu["memory_type"].get<std::string>(), gpu["memory_gb"].get<double>());
    REQUIRE(reserve != nullptr);
    const auto kept =
        gpu["driver_total_mib"].get<std::uint64_t>() - gpu["cuda_total_mib"].get<std::uint64_t>();
    if (gpu["id"] == "l4")
      continue;  // reserves more than the larger boards of its generation, so it has its own figure
    CHECK(kept <= reserve->mib);
    ++seen;
  }
  CHECK(seen >= 15);
}

TEST_CASE("a driver total by hand") {
  using catalog::DriverTotalRule;
  const DriverTotalRule nominal{"nominal", 16, 0, 0, 0, 0, "x"};
  const DriverTotalRule ecc{"ecc", 15, 0, 1, 32, 0, "x"};
  const DriverTotalRule gddr7{"gddr7", 16, 4, 2, 32, 1, "x"};
  CHECK(catalog::driver_total(nominal, 24, 0) == 24576u);
  CHECK(catalog::driver_total(ecc, 48, 384) == 46080u - 12);
  CHECK(catalog::driver_total(ecc, 48, 0) == std::nullopt);  // the number of channels is unknown
  CHECK(catalog::driver_total(gddr7, 32, 512) == 32768u - (128 + 32 + 1));
}

TEST_CASE("the driver's reserve depends on generation, memory type and size") {
  const catalog::DriverReserve rules[] = {
      {"Ampere", "HBM", 0,  700, "a"},
      {"Ampere", "",    40, 600, "b"},
      {"Ampere", "",    0,  400, "c"}
  };
  const catalog::MemoryRules all{{}, rules, {}, {}};
  CHECK(catalog::driver_reserve(all, "Ampere", "HBM2e", 80)->mib == 700);
  CHECK(catalog::driver_reserve(all, "Ampere", "GDDR6", 48)->mib == 600);
  CHECK(catalog::driver_reserve(all, "Ampere", "GDDR6", 24)->mib == 400);
  CHECK(catalog::driver_reserve(all, "Pascal", "GDDR5", 8) == nullptr);
}

TEST_CASE("the last-level cache is that of the first rule for the architecture and its memory") {
  const catalog::ArchitectureCache rules[] = {
      {"Ampere", "HBM", 48, "a"},
      {"Ampere", "",    6,  "b"}
  };
  const catalog::MemoryRules all{{}, {}, {}, {}, rules, {}};
  CHECK(catalog::last_level_cache(all, "Ampere", "HBM2e") == 48);
  CHECK(catalog::last_level_cache(all, "Ampere", "GDDR6X") == 6);
  CHECK(catalog::last_level_cache(all, "Ampere Next", "GDDR6") == 0);
}

TEST_CASE("the last-level cache of a system is that of the first rule that its GPU's text begins with") {
  const catalog::SystemCache rules[] = {
      {"M1 Max", 48, "a"},
      {"M1 ",    8,  "b"}
  };
  const catalog::MemoryRules all{{}, {}, {}, {}, {}, rules};
  CHECK(catalog::last_level_cache_of_system(all, "M1 Max 32-core GPU") == 48);
  CHECK(catalog::last_level_cache_of_system(all, "M1 8-core GPU") == 8);
  CHECK(catalog::last_level_cache_of_system(all, "M10 8-core GPU") == 0);
}

TEST_CASE("the share of a machine's memory is that of the last step at or below its size") {
  const catalog::MemoryShare shares[] = {
      {"metal", 0,  0.5,  "x"},
      {"metal", 16, 0.75, "x"},
      {"other", 0,  0.25, "x"}
  };
  const catalog::MemoryRules all{{}, {}, {}, shares};
  CHECK(catalog::memory_share(all, "metal", 8)->share == 0.5);
  CHECK(catalog::memory_share(all, "metal", 16)->share == 0.75);
  CHECK(catalog::memory_share(all, "metal", 512)->share == 0.75);
  CHECK(catalog::memory_share(all, "other", 512)->share == 0.25);
  CHECK(catalog::memory_share(all, "none", 16) == nullptr);
  CHECK(catalog::share_in_mib(16, 0.74) == 12124);
}

}  // namespace vramcalc::test
