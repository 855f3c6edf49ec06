#pragma once

#include <cstdint>
#include <string_view>

#include "vramcalc/packing.hpp"
#include "vramcalc/text_list.hpp"

// Formats of quantized checkpoints ("AWQ", "NVFP4") as data: how their matrices are stored, and what loads
// them.
namespace vramcalc {

// One end of what publishers do under the name of one format.
struct PackingEnd {
  std::string_view name;  // "only the experts"
  Packing packing;
  PartSet without_experts;  // the parts of a model that has no experts, if they differ
  friend bool operator==(const PackingEnd&, const PackingEnd&) = default;
};

// A word for formats in repository names and in flags of programs ("awq", "bnb"). Some of its formats have a
// row; the layout of others is unknown.
struct FormatWord {
  std::string_view word;     // in lower case
  std::string_view family;   // "bitsandbytes"
  std::string_view nearest;  // the GGUF file type with about as many bits
  std::string_view what;     // a description, and the programs that load it
};

struct CheckpointFormatRow {
  std::string_view name;   // "FP8-dynamic"
  std::string_view title;  // "8-bit floating point with a scale per output"
  TextList families;       // of the words that may mean it, in which the first row is the usual one
  TextList aliases;        // other spellings of the name
  TextList details;        // words that tell it from others of its family: "int8"
  double nominal_bits = 0;

  Packing packing;
  // If publishers pack differently under this name, the smallest and the largest checkpoint; otherwise their
  // names are empty.
  PackingEnd least, most;
  std::string_view leaves;  // what it does not quantize

  TextList runtimes;                   // that load it: "vllm", "mlx-lm"
  std::uint32_t native_from = 0;       // the NVIDIA compute capability that computes in it: 89; 0: none
  std::uint32_t weight_only_from = 0;  // that loads it, but computes in 16 bits: 75; 0: none
  std::uint32_t unsupported_from = 0;  // that has no kernels for it any more; 0: none
  TextList native_gfx;                 // AMD architectures that compute in it
  TextList weight_only_gfx;
  std::string_view weight_only_reason;  // what a GPU lacks that only loads it

  std::string_view nearest;  // the GGUF file type with about as many bits
  std::string_view source;   // of the layout

  bool has_range() const { return !least.name.empty(); }
};

// How a GPU runs a format.
enum class FormatSupport : std::uint8_t { native, weight_only, unsupported };
FormatSupport nvidia_support(const CheckpointFormatRow& format, std::uint32_t compute_capability);
FormatSupport amd_support(const CheckpointFormatRow& format, std::string_view gfx);

bool is_loaded_by(const CheckpointFormatRow& format, std::string_view runtime);

}  // namespace vramcalc
