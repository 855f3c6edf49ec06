#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "vramcalc/element_type.hpp"

namespace vramcalc::llama_cpp {

// What the reserved graph depends on (n_ctx, n_ubatch … of llama.cpp 0.5.0), with defaults and paddings.
struct GraphSettings {
  std::uint64_t cells = 4096;      // of one stream of the cache
  std::uint64_t window_cells = 0;  // of one stream of the sliding-window cache
  std::uint32_t streams = 1;       // 1 when unified, else one per sequence
  std::uint32_t sequences = 1;
  std::uint32_t states = 0;           // recurrent states kept; 0 for one per sequence
  std::uint32_t rollback_states = 0;  // earlier states of each sequence that are written too
  std::uint32_t ubatch = 512;         // at most the context
  std::uint32_t outputs = 512;        // rows of logits reserved
  bool flash_attention = true;        // resolved, see automatic_flash_attention.hpp
  // Flash attention was "auto". The cache is laid out before that is resolved, so if flash attention turns
  // out to be impossible, values are not stored transposed, as they are when it is switched off.
  bool flash_attention_automatic = false;
  ElementType cache_type_k = ElementType::f16;
  ElementType cache_type_v = ElementType::f16;
  bool cache_on_device = true;
  bool embeddings = false;                      // pooled results instead of logits
  bool predicts = false;                        // the graph of the prediction layers instead of the trunk's
  bool samples = false;                         // tokens are chosen by the graph
  std::vector<std::uint32_t> extracted_layers;  // whose inputs are kept to be copied
  // Rules that changed between releases, see ReleaseRules.
  bool f32_mask = false;
  bool room_for_embeddings = true;
  bool rotates_heads = true;
  bool late_rows = true;
  bool mixed_inputs = false;

  bool transposes_values() const { return !flash_attention && !flash_attention_automatic; }
  friend bool operator==(const GraphSettings&, const GraphSettings&) = default;
};

// The settings of a context that is `step` steps longer than a first one.
using SettingsAt = std::function<GraphSettings(std::uint64_t step)>;

// Those of the graph with one token per sequence.
GraphSettings for_small_batch(GraphSettings settings);

}  // namespace vramcalc::llama_cpp
