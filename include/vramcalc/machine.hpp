#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vramcalc/backend.hpp"
#include "vramcalc/bytes.hpp"
#include "vramcalc/hardware.hpp"

namespace vramcalc {

// GPUs alike, as far as it changes what a runtime takes of them.
struct TargetDevice {
  std::uint32_t count = 1;                      // GPUs that each carry the overhead
  std::uint32_t streaming_multiprocessors = 0;  // of one of them, 0: unknown
  Backend backend = Backend::cuda;
  friend bool operator==(const TargetDevice&, const TargetDevice&) = default;
};

// One GPU as a runtime sees it.
struct Device {
  std::string name;
  Bytes memory;  // as sold
  Bytes usable;
  TargetDevice target;        // of this one alone
  double bandwidth_gbps = 0;  // 0: unknown
  double fp16_tflops = 0;     // dense, 0: unknown
};

// What a person named as hardware, ready to be filled.
struct Machine {
  std::string id;  // as asked for: "rtx-4090", "24GiB", "dgx-h100"
  std::string name;
  Bytes memory;                 // as sold
  Bytes usable;                 // all GPUs together
  Bytes host;                   // host memory, 0: none or unknown
  bool shares_memory = false;   // the GPU has its share of the host's memory
  TargetDevice device;          // all GPUs as one pool
  std::vector<Device> devices;  // one by one; empty for a runtime that does not tell them apart
  std::vector<std::string> warnings;
};

// All GPUs of it as one: what an overview of hundreds of them needs.
struct Pool {
  Bytes memory, usable, host;
  TargetDevice device;
};
Pool pool_of(const Gpu& gpu);
Pool pool_of(const System& system);
Machine machine_of(const System& system);

// The GPUs one by one; a board of two is two. `gpu` is what the system's GPU is, null: the catalog does not
// have it.
std::vector<Device> devices_of(const Gpu& gpu);
std::vector<Device> devices_of(const System& system, const Gpu* gpu);

// A machine of these GPUs.
Machine machine_of(std::vector<Device> devices);

}  // namespace vramcalc
