#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vramcalc/model.hpp"
#include "vramcalc/quantization.hpp"
#include "vramcalc/weights.hpp"

// What is loaded together with a model and shares its memory.
namespace vramcalc {

struct Precomputed;

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

// A LoRA (--lora): two thin matrices that adapt some of the model's.
struct Adapter {
  StoredWeights weights;
  std::string architecture;  // of the model that it is for
  friend bool operator==(const Adapter&, const Adapter&) = default;
};

// A smaller model that drafts tokens for the one that verifies them.
struct DraftModel {
  Model model;
  Quantization quantization;
  std::optional<StoredWeights> file;  // that the model is
  std::shared_ptr<const Precomputed> known;
};

// All that is loaded together with a model.
struct Extras {
  std::vector<Projector> projectors;
  std::vector<Adapter> adapters;
  std::shared_ptr<const DraftModel> draft;
  bool empty() const { return projectors.empty() && adapters.empty() && draft == nullptr; }
};

}  // namespace vramcalc
