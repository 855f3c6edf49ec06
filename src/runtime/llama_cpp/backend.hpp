#pragma once

#include <string>
#include <vector>

#include "runtime/llama_cpp/compute_buffer.hpp"
#include "runtime/llama_cpp/driver.hpp"
#include "runtime/llama_cpp/kv_cache.hpp"
#include "vramcalc/backend.hpp"
#include "vramcalc/estimate.hpp"
#include "vramcalc/runtime.hpp"

// Compute buffers of backends whose rules are not known to the byte. Each backend has two graphs that bound
// what it may reserve, and a margin around them that measured buffers need
// (tests/measured/compute_of_backends.tsv).
namespace vramcalc::llama_cpp {

// Attention to one or two tokens of a stream at once needs a copy of some caches only on some GPUs.
bool depends_on_generation(const ContextParams& params);

// True for CUDA and ROCm with the rules of llama-server 0.5.0, unless buffers depend on the GPU's generation.
bool is_exact(const ContextParams& params, Backend backend);

// Bounds over a range of contexts in which they grow evenly, with everything on one GPU.
BoundedGrowth bounded_growth(const Architecture& architecture, const ContextParams& params,
                             std::uint64_t first, std::uint64_t last, const Driver& driver);

// The same for any placement: for each device, then for the host. Exact if `is_exact` says so.
std::vector<Amount> compute_amounts(const Architecture& architecture, const ContextParams& params,
                                    const AskedContexts& contexts, const DeviceMap& where,
                                    const Driver& driver, Buffers buffers, KnownPlacements& known);

// Bytes that a backend may save: CUDA and SYCL pad a quantized cache tensor to whole rows of 512 elements.
Bytes cache_padding(const std::vector<CacheTensor>& tensors, Backend backend);

// The same for weights, at most.
Bytes weight_padding(Bytes weights, Backend backend);

// Why the compute buffers are an interval, in one sentence; empty if they are exact.
std::string why_interval(const Architecture& architecture, const ContextParams& params, Backend backend);

}  // namespace vramcalc::llama_cpp
