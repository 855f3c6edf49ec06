#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "vramcalc/file_type.hpp"
#include "vramcalc/packing.hpp"

namespace vramcalc {

struct StoredWeights;

// A GGUF that llama-quantize makes by rules for each tensor.
struct GgufMix {
  FileType file_type;
  QuantizeOptions options;
};

// The checkpoint as its publisher packed it: FP8, AWQ, NVFP4 …
struct CheckpointFormat {
  std::string title;  // "AWQ (4-bit integers with a scale per group, for vLLM and SGLang)"
  Packing packing;
  std::string base;  // id of the original model, which has GGUFs
};

// The actual contents of a GGUF file. The weights must outlive it.
struct FileContents {
  const StoredWeights* weights = nullptr;
  FileType file_type;  // that of general.file_type, with the name `as_stored`
};

// How weights are stored.
using Quantization = std::variant<GgufMix, CheckpointFormat, FileContents>;

std::string_view name_of(const Quantization& quantization);           // "Q4_K_M", "as stored"
const QuantizeOptions& options_of(const Quantization& quantization);  // those of a mix; else the defaults

// What distinguishes the quantizations of one model, for caches.
struct QuantizationKey {
  explicit QuantizationKey(const Quantization& quantization);
  bool is_of(const Quantization& quantization) const;

  std::string name;
  QuantizeOptions options;
};

// The file type of a mix or a file; null for a checkpoint.
const FileType* file_type_of(const Quantization& quantization);

}  // namespace vramcalc
