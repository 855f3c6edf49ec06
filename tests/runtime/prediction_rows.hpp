#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "vramcalc/architecture.hpp"
#include "vramcalc/llama_cpp/options.hpp"

// What llama.cpp took with --spec-type draft-mtp on one GPU (tests/measured/prediction_layers.tsv), and what
// is derived.
namespace vramcalc::measured {

// By one context: its cache and states, and its buffers on the GPU and on the host.
struct Taken {
  std::uint64_t context = 0, compute = 0, host_compute = 0;
  friend bool operator==(const Taken&, const Taken&) = default;
};
std::ostream& operator<<(std::ostream& out, const Taken& taken);

struct PredictionRow {
  std::string model, file_type;
  std::uint64_t tokens = 0;
  llama_cpp::Options options;
  std::uint64_t weights = 0, host_weights = 0;
  Taken trunk, predictions;
};
std::vector<PredictionRow> prediction_rows();

Taken taken_by_one_gpu(const Architecture& architecture, const llama_cpp::ContextParams& params,
                       std::uint64_t tokens);

}  // namespace vramcalc::measured
