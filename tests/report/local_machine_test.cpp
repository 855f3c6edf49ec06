#include "report/local_machine.hpp"

#include <map>

#include "catch.hpp"
#include "vramcalc/error.hpp"

using namespace vramcalc;
using report::LocalProbe;

namespace {

// A computer defined by the output of commands and the contents of files.
struct StandIn {
  std::map<std::string, std::string> commands, files;  // by their beginning; by their path
  std::vector<std::string> cards;
};

LocalProbe probe_of(const StandIn& computer) {
  LocalProbe probe;
  probe.run = [computer](const std::string& command) -> std::optional<std::string> {
    for (const auto& [beginning, output] : computer.commands)
      if (command.starts_with(beginning)) return output;
    return std::nullopt;
  };
  probe.read = [computer](const std::string& path) -> std::optional<std::string> {
    const auto found = computer.files.find(path);
    return found == computer.files.end() ? std::nullopt : std::optional(found->second);
  };
  probe.list = [computer](const std::string&) { return computer.cards; };
  return probe;
}

}  // namespace

TEST_CASE("NVIDIA GPUs are those of nvidia-smi, with their free memory") {
  const Catalog catalog;
  const Machine machine = report::local_machine(
      catalog, probe_of({{{"nvidia-smi",
                           "NVIDIA GeForce RTX 4090, 24564, 23800\nNVIDIA GeForce RTX 3090, 24576, 24100\n"}},
                         {{"/proc/meminfo", "MemTotal:       65536000 kB\nMemFree: 1 kB\n"}},
                         {}}));
  REQUIRE(machine.devices.size() == 2);
  CHECK(machine.devices[0].usable == Bytes(23800 * MiB));
  CHECK(machine.devices[0].target.streaming_multiprocessors == 128);
  CHECK(machine.devices[1].bandwidth_gbps > 900);
  CHECK(machine.host == Bytes(65536000 * KiB));
}

TEST_CASE("AMD GPUs are those of the amdgpu driver") {
  const Catalog catalog;
  const Machine machine = report::local_machine(
      catalog, probe_of({
                   {                                                                 },
                   { {"/sys/class/drm/card1/device/vendor", "0x1002\n"},
                    {"/sys/class/drm/card1/device/mem_info_vram_total", "25753026560\n"},
                    {"/sys/class/drm/card1/device/mem_info_vram_used", "1000000000\n"},
                    {"/sys/class/drm/card0/device/vendor", "0x8086\n"}},
                   {                  "card0",                                                                    "card1", "card1-DP-1"}
  }));
  REQUIRE(machine.devices.size() == 1);
  CHECK(machine.devices[0].usable == Bytes(24753026560));
}

TEST_CASE("an Apple GPU has its share of the memory, or the configured limit") {
  const Catalog catalog;
  struct Row {
    std::uint64_t gib;
    const char* limit;
    std::uint64_t usable_mib;
  };
  const Row rows[] = {
      {128, "0\n",      98304 },
      {16,  "0\n",      10922 },
      {128, "120000\n", 120000}
  };
  for (const Row& row : rows) {
    const Machine machine =
        report::local_machine(catalog, probe_of({
                                           {{"sysctl -n machdep.cpu.brand_string", "Apple M4 Max\n"},
                                            {"sysctl -n hw.memsize", std::to_string(row.gib * GiB)},
                                            {"sysctl -n iogpu.wired_limit_mb", row.limit}},
                                           {                                            },
                                           {}
    }));
    CHECK(machine.shares_memory);
    CHECK(machine.usable.count() / MiB == row.usable_mib);
    CHECK(machine.device.backend == Backend::metal);
  }
}

TEST_CASE("a machine without a GPU is an error") {
  const Catalog catalog;
  for (const StandIn& computer : {
           StandIn{  },
           StandIn{  {{"nvidia-smi", "No devices were found\n"}}, {}, {}},
           StandIn{ {{"nvidia-smi", "a, b, c\n,\n"}},            {}, {}}
  })
    CHECK_THROWS_AS(report::local_machine(catalog, probe_of(computer)), Error);
}
