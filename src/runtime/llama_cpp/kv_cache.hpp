#pragma once

#include <cstdint>
#include <vector>

#include "runtime/llama_cpp/resolved_context.hpp"
#include "vramcalc/architecture.hpp"
#include "vramcalc/llama_cpp/options.hpp"
#include "vramcalc/place.hpp"

namespace vramcalc::llama_cpp {

// One tensor of the cache: `row` elements for each of `cells` positions in each of `streams`.
struct CacheTensor {
  std::uint32_t layer = 0;
  ElementType type = ElementType::f16;
  std::uint64_t row = 0;
  std::uint64_t cells = 0;
  std::uint64_t streams = 1;
  bool windowed = false;  // only a window, not the whole context
};

// All K and V tensors (and indexer keys) that llama.cpp allocates for these blocks
// (llama.cpp 0.5.0, src/llama-kv-cache*.cpp). Encoders and diffusion models have none.
std::vector<CacheTensor> cache_tensors(const Architecture& architecture, const ContextParams& params,
                                       const ResolvedContext& resolved);

// What one of these tensors takes there, and several together.
Bytes kv_cache_bytes(const CacheTensor& tensor, Place place);
Bytes kv_cache_bytes(const std::vector<CacheTensor>& tensors, Place place);

// Unpadded bytes per additional token at the full context.
Bytes kv_bytes_per_token(const Architecture& architecture, const ContextParams& params);

}  // namespace vramcalc::llama_cpp
