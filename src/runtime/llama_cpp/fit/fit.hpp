#pragma once

#include <cstdint>
#include <optional>

#include "runtime/llama_cpp/fit/search.hpp"
#include "runtime/llama_cpp/session.hpp"

// A model spread over the GPUs of a machine, and searches over such loads.
namespace vramcalc::llama_cpp {

// What is asked of the placement, with the memory of the machine's GPUs put in.
Placement placement_on(const Machine& machine, Placement asked = {});

// What lies on each GPU and on the host. A single GPU with everything on it costs no more than the pool.
Estimate estimate_on(Session& session, const Quantization& quantization, std::uint64_t context,
                     const Machine& machine, const Placement& placement, Reasons reasons);

// The default split goes by free memory, and the output and the buffers of the last GPU are not in it. Where
// it does not fit, layers are moved from GPUs that overflow to those that have room: a split (-ts, layers of
// each GPU) that fits, else the one that came closest. A split that was asked for is left alone.
struct Spread {
  Placement placement;
  Estimate estimate;
  bool moved = false;  // the default split did not fit
  bool fits = false;
};
Spread spread_over(Session& session, const Quantization& quantization, std::uint64_t context,
                   const Machine& machine, const Placement& asked = {});

// Whether there is such a split: the same search, which need not say what came closest.
bool fits_over(Session& session, const Quantization& quantization, std::uint64_t context,
               const Machine& machine, const Placement& asked = {}, SearchDepth depth = SearchDepth::thorough);

// A guess of the bytes that the best such split leaves on the tightest GPU, negative where it is short: exact
// but for the compute buffers, which are taken to be what they were at contexts that were estimated before.
// It costs a small part of an estimate.
std::int64_t room_about(Session& session, const Quantization& quantization, std::uint64_t context,
                        const Machine& machine, const Placement& asked = {});

// The longest context, at most the model's own, with the model spread over the machine's GPUs. `known` is a
// context that is known to fit: what is reserved for a shorter one may be more, where large batches copy what
// lies on the host.
std::optional<std::uint64_t> longest_context(Session& session, const Quantization& quantization,
                                             const Machine& machine, const Placement& asked = {},
                                             std::uint64_t known = 0);

// The most sequences, each of `tokens` tokens, that fit at once; 0: not even one.
std::uint32_t most_sequences(Session& session, const Quantization& quantization, std::uint64_t tokens,
                             const Machine& machine, const Placement& asked = {});

// With the experts of as few layers as possible on the host, or else with as many layers as possible on the
// GPUs; then with the longest context. That is the order of llama.cpp's own fit, found by search over the same
// estimates that check goes by. Empty where nothing fits.
std::optional<Load> load_with_host(Session& session, const Quantization& quantization, const Machine& machine,
                                   const PlanGoal& goal);

// How many of the model's layers a placement leaves on the GPUs.
LayerCounts layers_of(const Architecture& architecture, const Placement& placement);

}  // namespace vramcalc::llama_cpp
