#pragma once

#include <string>
#include <vector>

#include "vramcalc/backend.hpp"
#include "vramcalc/llama_cpp/options.hpp"

// Rows of tests/measured/compute_vulkan.tsv and compute_metal.tsv: compute buffers with everything on one
// device.
namespace vramcalc::measured {

struct BuffersOfDevice {
  std::uint64_t gpu = 0, host = 0;
};

struct DeviceRow {
  std::string model, cache, flash;
  llama_cpp::ContextParams params;
  std::uint64_t context = 0;
  std::vector<BuffersOfDevice> buffers;  // by driver: NVIDIA's first; Metal has one

  std::string what() const;
};

std::vector<DeviceRow> rows_of(Backend backend);

}  // namespace vramcalc::measured
