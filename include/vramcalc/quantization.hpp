#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "vramcalc/file_type.hpp"
#include "vramcalc/packing.hpp"

namespace vramcalc {

struct StoredWeights;

// A GGUF that llama-quantize makes: rules for each tensor.
struct GgufMix {
  FileType file_type;
  QuantizeOptions options;
};

// The checkpoint as its publisher packed it: FP8, AWQ, NVFP4 …
struct CheckpointFormat {
  std::string title;  // "AWQ (4-bit integers with a scale per group, for vLLM and SGLang)"
  Packing packing;
  std::string base;  // id of the model that it is a release of, of which there are GGUFs
};

// What a GGUF file really holds. The weights outlive it.
struct FileContents {
  const StoredWeights* weights = nullptr;
  FileType file_type;  // as general.file_type calls it, under the name `as_stored`
};

// How weights are stored.
using Quantization = std::variant<GgufMix, CheckpointFormat, FileContents>;

std::string_view name_of(const Quantization& quantization);           // "Q4_K_M", "as stored"
const QuantizeOptions& options_of(const Quantization& quantization);  // those of a mix; else the defaults

// The file type, where there is one: rules of a mix, or what a file calls itself; null for a checkpoint.
const FileType* file_type_of(const Quantization& quantization);

}  // namespace vramcalc
