#pragma once

#include <cstdint>

#include "vramcalc/backend.hpp"
#include "vramcalc/llama_cpp/placement.hpp"
#include "vramcalc/machine.hpp"

namespace vramcalc::llama_cpp {

// What computes on the GPUs: a backend, and the least and highest compute capability of NVIDIA's (89 for 8.9;
// 0 if unknown).
struct Driver {
  Driver(Backend with) : backend(with) {}
  Driver(const TargetDevice& device)
      : backend(device.backend), least(device.capability), most(device.capability) {}
  Driver(const Placement& placement)
      : backend(placement.backend), least(placement.least_capability), most(placement.highest_capability) {}

  Backend backend;
  std::uint32_t least = 0, most = 0;
  friend bool operator==(const Driver&, const Driver&) = default;
};

}  // namespace vramcalc::llama_cpp
