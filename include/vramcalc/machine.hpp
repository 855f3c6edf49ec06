#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vramcalc/backend.hpp"
#include "vramcalc/bytes.hpp"
#include "vramcalc/hardware.hpp"

namespace vramcalc {

// Identical GPUs, by what changes a runtime's memory use.
struct TargetDevice {
  std::uint32_t count = 1;                      // GPUs that each have the overhead
  std::uint32_t streaming_multiprocessors = 0;  // of one GPU; 0 if unknown
  Backend backend = Backend::cuda;
  Bytes total = {};              // what the driver gives one GPU (cudaMemGetInfo); 0 if unknown
  Bytes driver_total = {};       // what nvidia-smi shows for one; 0 if unknown
  std::uint32_t capability = 0;  // compute capability of NVIDIA's: 90 for 9.0; 0 for others
  std::string gfx = {};          // AMD's: "gfx942"; empty for others
  bool unified = false;          // shares its memory with the host
  Bytes taken = {};              // by other programs, before the runtime starts
  friend bool operator==(const TargetDevice&, const TargetDevice&) = default;
};

// A single GPU as a runtime sees it. What identifies it for calibrations is empty if only a size is known;
// these texts live as long as the catalog.
struct Device {
  std::string name;
  Bytes memory;  // as sold
  Bytes usable;
  TargetDevice target;                // of this GPU alone
  double bandwidth_gbps = 0;          // 0: unknown
  double fp16_tflops = 0;             // dense, or of FP32 where that is faster; 0: unknown
  std::string_view chip = {};         // "rtx-4090", or its system's text: "GB10"; empty for a slice of a GPU
  std::string_view generation = {};   // "Ada Lovelace", "M4"
  std::string_view memory_type = {};  // "GDDR6X", "HBM3"; "unified" if it is the host's
  Bytes last_level_cache = {};        // at most; 0: unknown
};

// The hardware that the user named.
struct Machine {
  std::string id;  // as typed: "rtx-4090", "24GiB", "dgx-h100"
  std::string name;
  Bytes memory;                 // as sold
  Bytes usable;                 // of all GPUs together
  Bytes host;                   // host memory; 0 if none or unknown
  bool shares_memory = false;   // the GPU uses part of the host's memory
  TargetDevice device;          // all GPUs as one pool
  std::vector<Device> devices;  // one by one; empty for a runtime that does not distinguish GPUs
  std::vector<std::string> warnings;
};

// All GPUs of a machine as one, for an overview of hundreds of machines.
struct Pool {
  Bytes memory, usable, host;
  TargetDevice device;
};
Pool pool_of(const Gpu& gpu);
Pool pool_of(const System& system);
Machine machine_of(const System& system);

// The GPUs one by one; a board with two GPUs counts as two. `gpu` is the system's GPU, or null if the catalog
// does not have it.
std::vector<Device> devices_of(const Gpu& gpu);
std::vector<Device> devices_of(const System& system, const Gpu* gpu);

// A machine of these GPUs.
Machine machine_of(std::vector<Device> devices);

}  // namespace vramcalc
