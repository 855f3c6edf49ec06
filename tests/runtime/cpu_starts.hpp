#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "vramcalc/catalog.hpp"
#include "vramcalc/estimate.hpp"
#include "vramcalc/llama_cpp/options.hpp"

// What llama.cpp 0.5.0 holds in host memory on machines without a GPU (tests/measured/compute_cpu.tsv).
namespace vramcalc::measured {

// Bytes in host memory.
struct Held {
  std::uint64_t weights = 0, memory = 0, compute = 0;
  friend bool operator==(const Held&, const Held&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Held& held);
};

struct CpuStart {
  std::string model;
  std::uint64_t context = 0;
  llama_cpp::ContextParams params;
  Held held;
};

std::vector<CpuStart> cpu_starts();

// What a model of the oracle takes without a GPU.
PlaceEstimate derived_without_gpu(const Catalog& catalog, const std::string& model, std::uint64_t context,
                                  const llama_cpp::ContextParams& params);
Held best_of(const PlaceEstimate& host);

}  // namespace vramcalc::measured
