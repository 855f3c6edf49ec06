#pragma once

#include <span>

#include "runtime/serving/sglang/settings.hpp"
#include "vramcalc/checkpoint.hpp"
#include "vramcalc/estimate.hpp"

// What the ranks load ("Load weight end … mem usage"), on the pipeline stage with the most.
namespace vramcalc::sglang {

struct LoadedWeights {
  Amount target;
  Amount drafts;  // the checkpoint's prediction layers, or a separate draft model
  friend bool operator==(const LoadedWeights&, const LoadedWeights&) = default;
};

// `draft_model` is what one rank loads of a separate model for speculative decoding.
LoadedWeights loaded_weights(std::span<const CheckpointPart> parts, const Architecture& architecture,
                             const Settings& settings, const Amount& draft_model = {});

// What at least is loaded of that many bytes of a checkpoint's parts.
Bytes least_of(Bytes loaded);

// The part that counts against --mem-fraction-static: from 0.5.11 on, drafts as well.
Amount in_fraction(const LoadedWeights& weights, const Settings& settings);

}  // namespace vramcalc::sglang
