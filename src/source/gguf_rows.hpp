#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vramcalc::source {

// Values that llama.cpp uses as defaults for missing keys, or in place of the file's.
struct GgufAssumptions {
  std::string_view architecture;
  std::uint32_t default_window = 0;  // if the file has no attention.sliding_window
  std::uint32_t fixed_window = 0;    // overrides the file's number
  std::uint32_t windows_only_with_layers =
      0;  // models with another number of layers have no windows; 0: all have them
  std::uint32_t layers_with_cache = 0;  // the others share theirs; 0: all
  bool window_in_every_layer = false;   // in all layers with attention
};

// The row of data/architectures.json for a GGUF architecture. Several model types may share one architecture
// ("llama": Llama, Mistral, Mixtral); the plainest one stands for all, since the differences are in the file.
struct GgufRow {
  std::string model_type;
  nlohmann::json row;
  std::vector<std::string> pattern;  // one word per layer, repeated: which layers have a window
  GgufAssumptions assumed;
  bool stands_in = false;  // for an architecture without a row but with the same layout
};

// Error (unsupported) for an unknown architecture, with the nearest known ones.
GgufRow find_gguf_row(const nlohmann::json& architectures, std::string_view gguf_architecture,
                      const std::string& file);

}  // namespace vramcalc::source
