#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vramcalc::source {

// What llama.cpp puts in where a file is silent, or in spite of it.
struct GgufAssumptions {
  std::string_view architecture;
  std::uint32_t default_window = 0;            // where the file has no attention.sliding_window
  std::uint32_t fixed_window = 0;              // whatever number the file has
  std::uint32_t windows_only_with_layers = 0;  // no windows in models of another depth; 0: in all
  std::uint32_t layers_with_cache = 0;         // the others read theirs; 0: all
  bool window_in_every_layer = false;          // in all that attend
};

// What data/architectures.json says of a GGUF architecture. Several model types may be written as one
// architecture ("llama": Llama, Mistral, Mixtral); the plainest of them stands for all, since what differs is
// in the file.
struct GgufRow {
  std::string model_type;
  nlohmann::json row;
  std::vector<std::string> pattern;  // a word a layer, repeated: which layers have a window
  GgufAssumptions assumed;
  bool stands_in = false;  // for an architecture that no row has, but that is laid out like this one
};

// Error (unsupported) for an architecture that no row has, with the nearest that are known.
GgufRow find_gguf_row(const nlohmann::json& architectures, std::string_view gguf_architecture,
                      const std::string& file);

}  // namespace vramcalc::source
