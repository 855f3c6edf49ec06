#include "report/local_machine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "model/letters.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::report {
namespace {

std::optional<std::uint64_t> number_in(const std::string& text) {
  const std::string_view digits = trimmed(text);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end == digits.data()) return std::nullopt;
  return number;
}

// The catalog's GPU by the name that its driver reports; null if there is none.
const Gpu* known_gpu(const Catalog& catalog, const std::string& name) {
  try {
    return catalog.hardware(name).gpu;
  } catch (const Error&) {
    return nullptr;
  }
}

Device device_called(const Catalog& catalog, const std::string& name, Bytes memory, Bytes free) {
  Device device;
  device.name = name;
  if (const Gpu* gpu = known_gpu(catalog, name)) device = devices_of(*gpu).front();
  device.memory = memory;
  device.usable = free;
  return device;
}

// "NVIDIA GeForce RTX 4090, 24564, 23800": name, total and free in MiB.
std::vector<Device> nvidia_devices(const Catalog& catalog, const LocalProbe& probe) {
  std::vector<Device> devices;
  const auto output = probe.run(
      "nvidia-smi --query-gpu=name,memory.total,memory.free --format=csv,noheader,nounits 2>/dev/null");
  std::istringstream lines(output.value_or(""));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t second = line.rfind(','), first = second == 0 ? second : line.rfind(',', second - 1);
    if (second == std::string::npos || first == std::string::npos) continue;
    const auto total = number_in(line.substr(first + 1, second - first - 1)),
               free = number_in(line.substr(second + 1));
    if (!total || !free || *free == 0) continue;
    devices.push_back(device_called(catalog, std::string(trimmed(line.substr(0, first))), Bytes(*total * MiB),
                                    Bytes(*free * MiB)));
  }
  return devices;
}

// The amdgpu driver (Linux, Documentation/gpu/amdgpu): bytes in mem_info_vram_total and _used.
std::vector<Device> amd_devices(const Catalog& catalog, const LocalProbe& probe) {
  std::vector<Device> devices;
  for (const std::string& card : probe.list("/sys/class/drm")) {
    if (!card.starts_with("card") || card.find('-') != std::string::npos) continue;
    const std::string folder = "/sys/class/drm/" + card + "/device/";
    if (trimmed(probe.read(folder + "vendor").value_or("")) != "0x1002") continue;
    const auto total = number_in(probe.read(folder + "mem_info_vram_total").value_or(""));
    const auto used = number_in(probe.read(folder + "mem_info_vram_used").value_or("0"));
    if (!total || !used || *total <= *used) continue;
    const std::string name(trimmed(probe.read(folder + "product_name").value_or("")));
    devices.push_back(device_called(catalog, name.empty() ? "an AMD GPU (" + card + ")" : name, Bytes(*total),
                                    Bytes(*total - *used)));
  }
  return devices;
}

// iogpu.wired_limit_mb if it is set; else what Metal recommends: two thirds of the memory, or three quarters
// above 36 GiB.
Bytes apple_share(const LocalProbe& probe, std::uint64_t memory) {
  const auto tuned = number_in(probe.run("sysctl -n iogpu.wired_limit_mb 2>/dev/null").value_or(""));
  if (tuned && *tuned > 0) return Bytes(*tuned * MiB);
  return Bytes(memory > 36 * GiB ? memory / 4 * 3 : memory / 3 * 2);
}

std::optional<Machine> apple_machine(const Catalog& catalog, const LocalProbe& probe) {
  const auto chip = probe.run("sysctl -n machdep.cpu.brand_string 2>/dev/null");
  const auto memory = number_in(probe.run("sysctl -n hw.memsize 2>/dev/null").value_or(""));
  if (!chip || !memory || !trimmed(*chip).starts_with("Apple")) return std::nullopt;
  Device device{
      std::string(trimmed(*chip)), Bytes(*memory), apple_share(probe, *memory), {1, 0, Backend::metal},
          0, 0
  };
  for (const System* system : catalog.systems(device.name))
    if (static_cast<std::uint64_t>(system->memory_gb) == *memory / GiB)
      device.bandwidth_gbps = system->bandwidth_gbps;
  Machine machine = machine_of(std::vector<Device>{device});
  machine.shares_memory = true;
  return machine;
}

Bytes host_memory(const LocalProbe& probe) {
  std::istringstream lines(probe.read("/proc/meminfo").value_or(""));
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("MemTotal:"))
      if (const auto kib = number_in(line.substr(std::string_view("MemTotal:").size())))
        return Bytes(*kib * KiB);
  return {};
}

}  // namespace

LocalProbe probe_of_this_computer() {
  LocalProbe probe;
  probe.run = [](const std::string& command) -> std::optional<std::string> {
#ifdef _WIN32
    FILE* const pipe = _popen(command.c_str(), "r");
    const auto close = [](FILE* file) { return _pclose(file); };
#else
    FILE* const pipe = popen(command.c_str(), "r");
    const auto close = [](FILE* file) { return pclose(file); };
#endif
    if (pipe == nullptr) return std::nullopt;
    constexpr std::size_t longest = std::size_t{1} << 20;
    std::string output;
    std::array<char, 4096> buffer{};
    for (std::size_t got;
         output.size() < longest && (got = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
      output.append(buffer.data(), got);
    if (close(pipe) != 0) return std::nullopt;
    return output;
  };
  probe.read = [](const std::string& path) -> std::optional<std::string> {
    std::ifstream in(path);
    if (!in) return std::nullopt;
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  };
  probe.list = [](const std::string& folder) {
    std::vector<std::string> names;
    std::error_code failure;
    for (const auto& entry : std::filesystem::directory_iterator(folder, failure))
      names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  };
  return probe;
}

Machine local_machine(const Catalog& catalog, const LocalProbe& probe) {
  Machine machine;
  if (auto apple = apple_machine(catalog, probe)) {
    machine = *std::move(apple);
  } else {
    std::vector<Device> devices = nvidia_devices(catalog, probe);
    for (Device& device : amd_devices(catalog, probe)) devices.push_back(std::move(device));
    if (devices.empty())
      throw Error(
          ErrorCode::unsupported,
          fmt::format(
              "no GPU was found here (nvidia-smi, amdgpu, Metal){}; name one, such as rtx-4090",
              host_memory(probe) > Bytes(0)
                  ? fmt::format(", only {:.0f} GiB of memory",
                                static_cast<double>(host_memory(probe).count()) / static_cast<double>(GiB))
                  : ""));
    machine = machine_of(std::move(devices));
    machine.host = host_memory(probe);
  }
  machine.id = "local";
  return machine;
}

}  // namespace vramcalc::report
