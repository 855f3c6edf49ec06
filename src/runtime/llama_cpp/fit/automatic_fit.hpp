#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "runtime/llama_cpp/session.hpp"

namespace vramcalc::llama_cpp {

// What llama.cpp's --fit goes by (0.5.0, common/arg.cpp).
struct FitSettings {
  std::optional<std::uint64_t> context;  // -c, as given; empty: found too
  Bytes margin{1024 * MiB};              // -fitt, left free on every GPU
  std::uint64_t least_context = 4096;  // -fitc, of each stream of the cache
};

struct FittedLoad {
  std::uint64_t context = 0;
  Placement placement;
  bool changed = false;     // false: the defaults fit
  std::vector<Bytes> used;  // of each GPU and the host, as the fit foresees it
};

// What llama.cpp 0.5.0 would set by itself on GPUs with so much free memory (common/fit.cpp): the context
// first, down to the least one; then whole layers, or the experts of layers, from the last GPU to the first;
// then experts back from the front. The steps, the roundings and the figures it goes by are its own, also
// where they are not the best that could be done. A context that is given stays.
FittedLoad automatic_fit(Session& session, const Quantization& quantization, std::span<const Bytes> free,
                         const FitSettings& settings = {});

}  // namespace vramcalc::llama_cpp
