#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "vramcalc/checkpoint.hpp"
#include "vramcalc/checkpoint_format.hpp"
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
  std::string base = {};                             // id of the original model, which has GGUFs
  std::string name = {};                             // for tables: "AWQ"; the title if empty
  std::optional<PackingRange> range = std::nullopt;  // if publishers pack this model differently
  const CheckpointFormatRow* row = nullptr;          // of the catalog, which must outlive it; null: unknown
  // Of a checkpoint whose headers were read: they replace what the packing says.
  std::shared_ptr<const std::vector<CheckpointPart>> stored_parts = nullptr;
};

// A row as a format: of a checkpoint whose packing is known, or of one model, with the range that the row has
// for this shape.
CheckpointFormat checkpoint_format(const CheckpointFormatRow& row);
CheckpointFormat checkpoint_format(const CheckpointFormatRow& row, const Architecture& architecture);
std::optional<PackingRange> packing_range(const CheckpointFormatRow& row, const Architecture& architecture);

// What a model's checkpoint in this format stores: the headers' parts, or those of the packing.
std::vector<CheckpointPart> parts_of(const Architecture& architecture, const CheckpointFormat& format);

// Without prediction layers, which engines load only for speculative decoding.
void leave_out_prediction(std::vector<CheckpointPart>& parts);

// The actual contents of a GGUF file. The weights must outlive it.
struct FileContents {
  const StoredWeights* weights = nullptr;
  FileType file_type;  // that of general.file_type, with the name `as_stored`
};

// How weights are stored.
using Quantization = std::variant<GgufMix, CheckpointFormat, FileContents>;

std::string_view name_of(const Quantization& quantization);           // "Q4_K_M", "AWQ", "as stored"
const QuantizeOptions& options_of(const Quantization& quantization);  // those of a mix; else the defaults

// What distinguishes the quantizations of one model, for caches.
struct QuantizationKey {
  explicit QuantizationKey(const Quantization& quantization);
  bool is_of(const Quantization& quantization) const;

  std::string name;
  QuantizeOptions options;
  std::optional<Packing> packing;      // of a checkpoint format
  const void* stored_parts = nullptr;  // of a checkpoint whose headers were read
};

// The file type of a mix or a file; null for a checkpoint.
const FileType* file_type_of(const Quantization& quantization);

// Bits per weight by common usage; 0 if unknown.
double nominal_bits(const Quantization& quantization);

}  // namespace vramcalc
