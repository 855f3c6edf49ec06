#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vramcalc/model.hpp"
#include "vramcalc/quantization.hpp"
#include "vramcalc/weights.hpp"

// Files that are loaded together with a model and share its memory.
namespace vramcalc {

struct Precomputed;

// One encoder of a projector file, as its metadata describes it; 0 if the metadata does not say.
struct Encoder {
  std::string type;  // "qwen3vl_merger"
  bool audio = false;
  std::uint64_t width = 0;
  std::uint64_t feed_forward = 0;
  std::uint64_t heads = 0;
  bool gated = false;            // the feed-forward parts have a gate
  bool windowed = false;         // some layers attend within windows
  std::uint64_t image_size = 0;  // pixels per side
  std::uint64_t patch_size = 0;
  std::uint64_t merge = 0;        // patches per side that become one token
  std::uint64_t most_pixels = 0;  // per image
  friend bool operator==(const Encoder&, const Encoder&) = default;
};

// Turns images or sound into tokens (--mmproj).
struct Projector {
  StoredWeights weights;
  std::vector<Encoder> encoders;
  friend bool operator==(const Projector&, const Projector&) = default;
};

// A LoRA (--lora): pairs of thin matrices that adapt some of the model's matrices.
struct Adapter {
  StoredWeights weights;
  std::string architecture;  // of the models that it adapts
  friend bool operator==(const Adapter&, const Adapter&) = default;
};

// A smaller model that drafts tokens, which the main model verifies.
struct DraftModel {
  Model model;
  Quantization quantization;
  std::optional<StoredWeights> file;  // set if the model is a GGUF file
  std::shared_ptr<const Precomputed> known;
};

struct Extras {
  std::vector<Projector> projectors;
  std::vector<Adapter> adapters;
  std::shared_ptr<const DraftModel> draft;
  bool empty() const { return projectors.empty() && adapters.empty() && draft == nullptr; }
};

}  // namespace vramcalc
