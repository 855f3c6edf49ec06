#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "runtime/llama_cpp/session.hpp"

namespace vramcalc::llama_cpp {

// The settings of llama.cpp's --fit (0.5.0, common/arg.cpp).
struct FitSettings {
  std::optional<std::uint64_t> context;  // -c; if empty, the fit chooses it
  Bytes margin{1024 * MiB};              // -fitt, to be left free on every GPU
  std::uint64_t least_context = 4096;    // -fitc, per stream of the cache
};

struct FittedLoad {
  std::uint64_t context = 0;
  Placement placement;
  bool changed = false;     // false: the defaults fit
  std::vector<Bytes> used;  // of each GPU and the host, as the fit estimates it
};

// What llama.cpp 0.5.0 sets by itself on GPUs with this much free memory (common/fit.cpp): first it shortens
// the context down to the minimum, then moves whole layers or their experts from the last GPU to the first,
// then moves experts back from the front. Steps, roundings and figures are llama.cpp's, even if they are not
// the best possible. A given context is kept.
FittedLoad automatic_fit(Session& session, const Quantization& quantization, std::span<const Bytes> free,
                         const FitSettings& settings = {});

}  // namespace vramcalc::llama_cpp
