#pragma once

#include <cstdint>
#include <optional>

#include "runtime/llama_cpp/fit/search.hpp"
#include "runtime/llama_cpp/session.hpp"

// A model spread over the GPUs of a machine, and searches over such loads.
namespace vramcalc::llama_cpp {

// The requested placement with the memory of the machine's GPUs filled in.
Placement placement_on(const Machine& machine, Placement asked = {});

// What is on each GPU and on the host. One GPU with everything on it is as cheap to compute as a pool.
Estimate estimate_on(Session& session, const Quantization& quantization, std::uint64_t context,
                     const Machine& machine, const Placement& placement, Reasons reasons);

// The default split is in proportion to free memory and ignores the output and the buffers of the last GPU.
// If it does not fit, layers are moved from overfull GPUs to those with room, which gives a split (-ts,
// layers of each GPU) that fits or else comes closest. A requested split is kept.
struct Spread {
  Placement placement;
  Estimate estimate;
  bool moved = false;  // the default split did not fit
  bool fits = false;
};
Spread spread_over(Session& session, const Quantization& quantization, std::uint64_t context,
                   const Machine& machine, const Placement& asked = {});

// Whether a fitting split exists: the same search, without the closest split.
bool fits_over(Session& session, const Quantization& quantization, std::uint64_t context,
               const Machine& machine, const Placement& asked = {},
               SearchDepth depth = SearchDepth::thorough);

// A guess of the bytes that the best split leaves on the tightest GPU, negative if it lacks memory. It is
// exact except for the compute buffers, which are guessed from estimates at other contexts, and costs a small
// part of an estimate.
std::int64_t room_about(Session& session, const Quantization& quantization, std::uint64_t context,
                        const Machine& machine, const Placement& asked = {});

// The longest context, at most the model's own, with the model spread over the machine's GPUs. `known` is a
// context that is known to fit: a shorter one may need more if large batches copy weights from the host.
std::optional<std::uint64_t> longest_context(Session& session, const Quantization& quantization,
                                             const Machine& machine, const Placement& asked = {},
                                             std::uint64_t known = 0);

// The most sequences of `tokens` tokens each that fit at once; 0 if none does.
std::uint32_t most_sequences(Session& session, const Quantization& quantization, std::uint64_t tokens,
                             const Machine& machine, const Placement& asked = {});

// With the experts of as few layers as possible on the host, or else as many layers as possible on the GPUs,
// and then with the longest context. This is the order of llama.cpp's own fit, but searched with the
// estimates that `check` uses. Empty if nothing fits.
std::optional<Load> load_with_host(Session& session, const Quantization& quantization, const Machine& machine,
                                   const PlanGoal& goal);

// How many of the model's layers a placement leaves on the GPUs.
LayerCounts layers_of(const Architecture& architecture, const Placement& placement);

}  // namespace vramcalc::llama_cpp
