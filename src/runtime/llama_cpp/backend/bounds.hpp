#pragma once

#include <span>
#include <vector>

#include "runtime/llama_cpp/driver.hpp"
#include "runtime/llama_cpp/graph/device_rules.hpp"
#include "runtime/llama_cpp/growth.hpp"
#include "vramcalc/architecture.hpp"
#include "vramcalc/backend.hpp"
#include "vramcalc/llama_cpp/options.hpp"

namespace vramcalc::llama_cpp {

// The graphs that bound what a backend reserves, the likelier ones last, and how far measured buffers exceed
// these bounds with other releases than 0.5.0, and with several GPUs. No measured SYCL buffer with known
// settings was found.
struct Bounds {
  Backend backend;
  std::span<const graph::DeviceRules> devices;
  Margin margin, with_several_gpus;
};

// A graph of one bound: how devices execute it, and the release that builds it.
struct Bound {
  graph::DeviceRules device;
  ReleaseRules release;
  friend bool operator==(const Bound&, const Bound&) = default;
};

const Bounds& bounds_of(Backend backend);

// The likelier bound comes last.
std::vector<Bound> bounds_for(const Bounds& bounds, const Architecture& architecture,
                              const ReleaseRules& rules);
std::vector<Bound> bounds_for(const Bounds& bounds, const Architecture& architecture,
                              const ContextParams& params, const Driver& driver);

// Whose graphs and kernels are CUDA's.
bool is_like_cuda(Backend backend);

// Whether the release builds and executes graphs as 0.5.0 does.
bool is_newest(ReleaseRules rules);

}  // namespace vramcalc::llama_cpp
