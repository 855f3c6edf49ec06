#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "vramcalc/estimate.hpp"
#include "vramcalc/placement.hpp"
#include "vramcalc/weights.hpp"

// What is loaded beside a model and shares its memory.
namespace vramcalc {

// One encoder of a projector's file, as its metadata describe it; 0: they do not.
struct Encoder {
  std::string type;  // "qwen3vl_merger"
  bool audio = false;
  std::uint64_t width = 0;
  std::uint64_t feed_forward = 0;
  std::uint64_t heads = 0;
  bool gated = false;            // its feed-forward parts have a gate
  bool windowed = false;         // some layers attend within windows
  std::uint64_t image_size = 0;  // pixels of a side
  std::uint64_t patch_size = 0;
  std::uint64_t merge = 0;        // patches of a side that become one token
  std::uint64_t most_pixels = 0;  // of an image
  friend bool operator==(const Encoder&, const Encoder&) = default;
};

// What turns images or sound into tokens (--mmproj).
struct Projector {
  StoredWeights weights;
  std::vector<Encoder> encoders;
  friend bool operator==(const Projector&, const Projector&) = default;
};

// A LoRA (--lora): two thin matrices beside some of the model's.
struct Adapter {
  StoredWeights weights;
  std::string architecture;  // of the model that it is for
  friend bool operator==(const Adapter&, const Adapter&) = default;
};

// How the model that something is loaded beside is placed, and what that leaves free of each GPU, split
// alike.
struct Surroundings {
  const Placement& model;
  const Placement& left;
};

// Any of these, or a draft model, placed: its terms at a context of the model that it stands beside, and
// their sum on the GPU.
struct Companion {
  std::function<std::vector<PlaceEstimate>(std::uint64_t context, Reasons)> terms;
  std::function<Amount(std::uint64_t context)> gpu;
  // Beside a model that is spread over several GPUs or the host; null: it lies on the first GPU.
  std::function<std::vector<PlaceEstimate>(std::uint64_t context, const Surroundings&, Reasons)> spread;
};

}  // namespace vramcalc
