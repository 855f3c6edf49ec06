#include <algorithm>
#include <cmath>

#include "vramcalc/fit.hpp"

namespace vramcalc {
namespace {

// Memory is sold in GiB, even if the label says GB.
Bytes as_sold(double gib) {
  return Bytes(static_cast<std::uint64_t>(std::llround(gib * static_cast<double>(GiB))));
}

// A cloud sells GPUs of other vendors, which use CUDA or ROCm. Both take the same memory.
Backend backend_of(const System& system, const Gpu* gpu) {
  if (gpu != nullptr) return default_backend(gpu->vendor);
  return system.kind == System::Kind::cloud ? Backend::cuda : default_backend(system.vendor);
}

// One process uses all devices: with their common backend, or else with Vulkan.
Backend backend_of(const std::vector<Device>& devices) {
  const auto is_cuda_or_rocm = [](Backend backend) {
    return backend == Backend::cuda || backend == Backend::rocm;
  };
  Backend common = Backend::cuda;
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const Backend backend = devices[i].target.backend;
    if (i > 0 && backend != common && !(is_cuda_or_rocm(backend) && is_cuda_or_rocm(common)))
      return Backend::vulkan;
    common = backend;
  }
  return common;
}

// "12.0" is 120; 0 for GPUs of other vendors.
std::uint32_t capability_of(std::string_view text) {
  std::uint32_t capability = 0;
  for (const char c : text)
    if (c >= '0' && c <= '9') capability = 10 * capability + static_cast<std::uint32_t>(c - '0');
  return capability;
}

TargetDevice target_of(const Gpu& gpu) {
  TargetDevice target{1, gpu.streaming_multiprocessors, default_backend(gpu.vendor)};
  target.total = gpu.usable();
  target.driver_total = Bytes(checked_multiply(gpu.driver_total_mib, MiB));
  target.capability = capability_of(gpu.compute_capability);
  target.gfx = gpu.gfx;
  target.unified = gpu.segment == "integrated";
  return target;
}

// Without tensor cores, FP16 may be far slower than FP32: a 64th of it on GP102 to GP108.
double tflops_of(const Gpu& gpu) { return std::max(gpu.fp16_tflops, gpu.fp32_tflops); }

std::string_view memory_type_of(const Gpu& gpu) {
  return gpu.memory_type == "shared" ? "unified" : gpu.memory_type;
}

// Apple's texts begin with the generation: "M4 Pro 16/20-core GPU".
std::string_view generation_of(const System& system) {
  return system.vendor == "Apple" ? system.gpu.substr(0, system.gpu.find(' ')) : system.gpu;
}

void identify(Device& device, const Gpu& gpu) {
  device.chip = gpu.id;
  device.generation = gpu.architecture;
  device.memory_type = memory_type_of(gpu);
  device.last_level_cache = Bytes(checked_multiply(gpu.last_level_cache_mib, MiB));
}

void identify(Device& device, const System& system, const Gpu* gpu) {
  if (gpu != nullptr) return identify(device, *gpu);
  device.chip = system.gpu;
  device.generation = generation_of(system);
  device.last_level_cache = Bytes(checked_multiply(system.last_level_cache_mib, MiB));
  if (system.kind == System::Kind::unified) device.memory_type = "unified";
}

TargetDevice target_of(const System& system, const Gpu* gpu) {
  TargetDevice target;
  target.backend = backend_of(system, gpu);
  target.total = system.usable();
  target.capability = capability_of(gpu != nullptr ? gpu->compute_capability : system.compute_capability);
  target.unified = system.kind == System::Kind::unified;
  if (gpu != nullptr) target.gfx = gpu->gfx;
  if (gpu != nullptr)
    target.driver_total =
        Bytes(checked_multiply(checked_multiply(gpu->driver_total_mib, MiB), system.gpu_count));
  return target;
}

std::vector<Device> times(std::uint32_t count, const Device& whole, const std::string& part_name) {
  Device one = whole;
  one.name = part_name;
  one.memory = Bytes(whole.memory.count() / count);
  one.usable = Bytes(whole.usable.count() / count);
  one.bandwidth_gbps = whole.bandwidth_gbps / count;
  one.fp16_tflops = whole.fp16_tflops / count;
  one.target.streaming_multiprocessors = whole.target.streaming_multiprocessors / count;
  one.target.total = one.usable;
  one.target.driver_total = Bytes(whole.target.driver_total.count() / count);
  return std::vector<Device>(count, one);
}

std::string joined(const std::vector<Device>& devices, std::string_view separator) {
  std::string text;
  for (std::size_t i = 0; i < devices.size();) {
    std::size_t same = i + 1;
    while (same < devices.size() && devices[same].name == devices[i].name) ++same;
    if (!text.empty()) text += separator;
    if (same - i > 1) text += std::to_string(same - i) + "x ";
    text += devices[i].name;
    i = same;
  }
  return text;
}

}  // namespace

std::vector<Device> devices_of(const Gpu& gpu) {
  Device whole{std::string(gpu.name), as_sold(gpu.memory_gb), gpu.usable(),
               target_of(gpu),        gpu.bandwidth_gbps,     tflops_of(gpu)};
  identify(whole, gpu);
  if (!gpu.splits_into_two) return {std::move(whole)};
  return times(2, whole, "half of " + whole.name);
}

std::vector<Device> devices_of(const System& system, const Gpu* gpu) {
  const bool sliced = system.gpu_fraction != 1;
  std::vector<Device> boards;
  if (gpu != nullptr && !sliced && gpu->splits_into_two) {
    for (std::uint32_t i = 0; i < system.gpu_count; ++i)
      for (Device& half : devices_of(*gpu)) boards.push_back(std::move(half));
    return boards;
  }
  Device whole{std::string(system.name), as_sold(system.memory_gb), system.usable(), {},
               system.bandwidth_gbps,    system.fp16_tflops};
  whole.target = target_of(system, gpu);
  identify(whole, system, gpu);
  if (sliced) whole.chip = {};
  std::vector<Device> devices = times(
      system.gpu_count, whole, system.gpu_count == 1 ? std::string(system.name) : std::string(system.gpu));
  for (Device& device : devices) {
    if (gpu == nullptr || sliced) continue;
    device.target.streaming_multiprocessors = gpu->streaming_multiprocessors;
    device.fp16_tflops = tflops_of(*gpu);
    if (gpu->bandwidth_gbps > 0) device.bandwidth_gbps = gpu->bandwidth_gbps;
  }
  return devices;
}

Machine machine_of(std::vector<Device> devices) {
  Machine machine;
  machine.name = joined(devices, " + ");
  machine.device = devices.size() == 1 ? devices[0].target : TargetDevice{};
  machine.device.count = static_cast<std::uint32_t>(devices.size());
  for (const Device& device : devices) {
    machine.memory += device.memory;
    machine.usable += device.usable;
  }
  machine.device.backend = backend_of(devices);
  for (Device& device : devices) device.target.backend = machine.device.backend;
  const auto all_have = [&](auto member) {
    return std::ranges::all_of(
        devices, [&](const Device& device) { return device.target.*member == devices[0].target.*member; });
  };
  if (!devices.empty() && all_have(&TargetDevice::count) &&
      all_have(&TargetDevice::streaming_multiprocessors))
    machine.device.streaming_multiprocessors = devices[0].target.streaming_multiprocessors;
  // What runs on all of them alike must fit the least of them.
  const auto least = [&](auto member) {
    return std::ranges::min_element(devices, {}, [&](const Device& device) { return device.target.*member; })
               ->target.*
           member;
  };
  if (!devices.empty()) {
    machine.device.total = least(&TargetDevice::total);
    machine.device.driver_total = least(&TargetDevice::driver_total);
    machine.device.capability = least(&TargetDevice::capability);
  }
  machine.devices = std::move(devices);
  return machine;
}

Pool pool_of(const Gpu& gpu) {
  Pool pool{as_sold(gpu.memory_gb), gpu.usable(), {}, {}};
  pool.device = target_of(gpu);
  return pool;
}

Pool pool_of(const System& system) {
  Pool pool{as_sold(system.memory_gb), system.usable(), {}, {}};
  pool.device = target_of(system, nullptr);
  pool.device.count = system.gpu_count;
  pool.device.total = Bytes(pool.usable.count() / system.gpu_count);
  if (system.kind != System::Kind::unified) pool.host = as_sold(system.system_memory_gb);
  return pool;
}

Machine machine_of(const System& system) {
  const Pool pool = pool_of(system);
  Machine machine;
  machine.id = system.id;
  machine.name = system.name;
  machine.memory = pool.memory;
  machine.usable = pool.usable;
  machine.host = pool.host;
  machine.shares_memory = system.kind == System::Kind::unified;
  machine.device = pool.device;
  return machine;
}

}  // namespace vramcalc
