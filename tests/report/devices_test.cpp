#include <string>

#include "catch.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/fit.hpp"
#include "vramcalc/machine.hpp"

// What the catalog's GPUs and systems are as devices.
using namespace vramcalc;

namespace {

const Catalog& catalog() {
  static const Catalog embedded;
  return embedded;
}

std::vector<Device> devices_called(std::string_view name) {
  const Catalog::Hardware hardware = catalog().hardware(name);
  if (hardware.gpu != nullptr) return devices_of(*hardware.gpu);
  const System& system = *hardware.system;
  return devices_of(system, system.gpu_id.empty() ? nullptr : &catalog().gpu(system.gpu_id));
}

struct Identity {
  std::string_view hardware, chip, generation, memory_type;
};

}  // namespace

TEST_CASE("A device says which chip it is, of which generation, and what its memory is") {
  const Identity expected = GENERATE(values<Identity>({
      {"rtx-4090",              "rtx-4090",              "Ada Lovelace", "GDDR6X" },
      {"rx-7900-xtx",           "rx-7900-xtx",           "RDNA 3.0",     "GDDR6"  },
      {"dgx-h100",              "h100-sxm-80gb",         "Hopper",       "HBM3"   },
      {"k80",                   "k80",                   "Kepler 2.0",   "GDDR5"  }, // half of a board
      {"apple-m4-pro-24gb",     "M4 Pro 16/20-core GPU", "M4",           "unified"},
      {"dgx-spark",             "GB10",                  "GB10",         "unified"},
      {"ryzen-ai-max-395-64gb", "radeon-8060s",          "RDNA 3.5",     "unified"},
      {"gh200-node",            "gh200-96gb",            "Hopper",       "HBM3"   },
  }));
  INFO(expected.hardware);
  for (const Device& device : devices_called(expected.hardware)) {
    CHECK(device.chip == expected.chip);
    CHECK(device.generation == expected.generation);
    CHECK(device.memory_type == expected.memory_type);
  }
}

TEST_CASE("A device has the arithmetic of its GPU, or of its system") {
  struct Row {
    std::string_view hardware;
    double tflops;
  };
  const Row expected = GENERATE(values<Row>({
      {"gtx-1080-ti",        11.34},
      {"p100-pcie-16gb",     19.05},
      {"gtx-1660",           10.05},
      {"k80",                4.113},
      {"apple-m4-max-128gb", 16.2 },
      {"dgx-spark",          125  },
      {"dgx-spark-x2",       125  }, // each
  }));
  INFO(expected.hardware);
  for (const Device& device : devices_called(expected.hardware))
    CHECK(device.fp16_tflops == Approx(expected.tflops).epsilon(0.001));
}

TEST_CASE("A device has the last-level cache of its architecture") {
  CHECK(devices_called("rtx-4060")[0].last_level_cache == Bytes(96 * MiB));
  CHECK(devices_called("dgx-h100")[7].last_level_cache == Bytes(60 * MiB));
  CHECK(devices_called("ryzen-ai-max-395-64gb")[0].last_level_cache == Bytes(34 * MiB));
  CHECK(devices_called("apple-m1-8gb")[0].last_level_cache == Bytes(9 * MiB));
  CHECK(devices_called("rtx-spark-128gb")[0].last_level_cache == Bytes(0));
}

TEST_CASE("A slice of a GPU is not that chip") {
  for (const System* system : catalog().systems()) {
    if (system->gpu_fraction == 1) continue;
    INFO(system->id);
    for (const Device& device : devices_called(system->id)) {
      CHECK(device.chip.empty());
      CHECK_FALSE(device.generation.empty());
    }
  }
}

TEST_CASE("Every device of the catalog is identified") {
  for (const System* system : catalog().systems()) {
    if (system->gpu_fraction != 1) continue;
    INFO(system->id);
    for (const Device& device : devices_called(system->id)) {
      CHECK_FALSE(device.chip.empty());
      CHECK_FALSE(device.generation.empty());
    }
  }
}
