#pragma once

#include <string>
#include <vector>

#include "support/vllm_starts.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/checkpoint.hpp"
#include "vramcalc/estimate.hpp"
#include "vramcalc/machine.hpp"

// Estimates for the starts of tests/measured/vllm_starts.tsv, with what they logged.
namespace vramcalc::test {

// Memory is in GiB.
struct Pair {
  std::string name;
  double low = 0, estimate = 0, high = 0, measured = 0;
  double device = 0;   // its total memory; 0 if it is unknown
  bool holds() const;  // within the rounding of the log
  double relative_error() const { return (estimate - measured) / measured; }
};

// Logs print two decimals.
inline constexpr double rounding = 0.005;

// "GPU KV cache size" in tokens, and "Maximum concurrency" of requests of the full length, from the memory
// that the log names. Low and high are those of the least and the most memory that is printed so.
std::vector<Pair> token_pairs(const Catalog& catalog);
std::vector<Pair> concurrency_pairs(const Catalog& catalog);

// "Model loading took", for starts whose shape is known and whose format follows from its name.
std::vector<Pair> weights_pairs(const Catalog& catalog);

// "Available KV cache memory" of the V1 engine from the settings, for starts whose device is known by the log
// or by its name. Weights are the logged ones where the checkpoint's format depends on the publisher.
std::vector<Pair> available_kv_pairs(const Catalog& catalog);

// The parts of the checkpoint that a start loaded; empty if its format depends on the publisher.
std::vector<CheckpointPart> parts_of(const VllmStart& start, const Architecture& architecture);
TargetDevice device_of(const Catalog& catalog, const VllmStart& start);
vllm::Options options_of(const VllmStart& start);

}  // namespace vramcalc::test
