#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vramcalc/bytes.hpp"
#include "vramcalc/extras.hpp"
#include "vramcalc/model.hpp"
#include "vramcalc/quantization.hpp"
#include "vramcalc/weights.hpp"

// Where a model comes from: a file, a folder, a repository or a name.
namespace vramcalc {

class Catalog;

// One tensor of a checkpoint, with Hugging Face's name and order of dimensions.
struct CheckpointTensor {
  std::string name;
  std::string dtype;  // as safetensors spells it: "BF16", "F8_E4M3"
  std::vector<std::uint64_t> shape;
  Bytes bytes;
  friend bool operator==(const CheckpointTensor&, const CheckpointTensor&) = default;
};

// The contents of the safetensors files of a folder or repository.
struct StoredCheckpoint {
  struct Share {
    std::string dtype;
    std::uint64_t elements = 0;
    Bytes bytes;
    friend bool operator==(const Share&, const Share&) = default;
  };
  std::vector<CheckpointTensor> tensors;
  std::vector<Share> shares;   // by dtype, largest first
  std::uint64_t elements = 0;  // the parameter count that the repository's page shows
  Bytes tensor_bytes;
  Bytes file_bytes;
  std::vector<std::string> files;
  std::vector<CheckpointPart> parts = {};  // of the headers; their bytes add up to tensor_bytes
  friend bool operator==(const StoredCheckpoint&, const StoredCheckpoint&) = default;
};

// The format in which a model is published, and why figures of it may be off (empty if they are not).
struct PublishedFormat {
  CheckpointFormat format;
  std::string warning;
};

// What a checkpoint's headers say, if they were read; else the variant's own layout; else the format of the
// original weights. The catalog must outlive it.
PublishedFormat published_format(const Catalog& catalog, const Model& model,
                                 const StoredCheckpoint* stored = nullptr);

// The format of the original weights: BF16 unless the catalog says otherwise (DeepSeek V3: FP8).
CheckpointFormat native_format(const Catalog& catalog, const Model& model);

struct LoadedModel {
  Model model;
  std::string source;                          // id of the Source row
  std::optional<StoredWeights> stored;         // for a GGUF
  std::optional<StoredCheckpoint> checkpoint;  // for safetensors
  std::string named_quantization;              // named by the word: "qwen3:8b-q8_0"; may be empty
  std::string named_format;                    // checkpoint format named by the word: "AWQ"; may be empty
  std::string named_format_spelling;           // the words that named it: "GPTQ-Int8"
  std::vector<std::string> warnings;
};

struct LoadOptions {
  std::optional<std::string> model_type;    // how to read a config of an unknown type: "llama"
  std::vector<std::string> ignored_fields;  // unknown fields of a config to skip
  std::uint32_t hub_seconds = 120;          // timeout for all answers of a hub or server together
};

// A place that models come from, as a row of a table.
struct Source {
  std::string_view id;
  std::string_view title;
  bool (*recognises)(const std::string& word);  // by the spelling or by what is at that path
  LoadedModel (*load)(const Catalog& catalog, const std::string& word, const LoadOptions& options);
};

std::span<const Source> sources();

// The model that a word names: from a source that recognises its spelling (a path, a scheme), else from the
// catalog, else from a file or folder of that name. Error if it is unknown.
LoadedModel load_model(const Catalog& catalog, const std::string& word, const LoadOptions& options = {});

// A GGUF model in the store of another program on this machine.
struct LocalModel {
  std::string store;  // "Ollama", "LM Studio", "Hugging Face cache", "llama.cpp cache"
  std::string word;   // argument of load_model
  std::string path;
  Bytes bytes;  // of the file, or of the first part
  friend bool operator==(const LocalModel&, const LocalModel&) = default;
};
std::vector<LocalModel> local_models();

// From a path, a URL or a hub repository ("hf:org/name", or "hf:org/name:F16" to choose among projectors).
// Error (unsupported) if the file is not a projector.
Projector read_projector(const std::string& word, const LoadOptions& options = {});
Adapter read_adapter(const std::string& word, const LoadOptions& options = {});

}  // namespace vramcalc
