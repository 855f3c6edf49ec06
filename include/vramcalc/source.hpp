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
#include "vramcalc/weights.hpp"

// Where a model comes from: what people have is a file, a folder, a repository or a name.
namespace vramcalc {

class Catalog;

// One tensor of a checkpoint, in Hugging Face's spelling and order of dimensions.
struct CheckpointTensor {
  std::string name;
  std::string dtype;  // as safetensors spells it: "BF16", "F8_E4M3"
  std::vector<std::uint64_t> shape;
  Bytes bytes;
  friend bool operator==(const CheckpointTensor&, const CheckpointTensor&) = default;
};

// What the safetensors files of a folder or repository hold.
struct StoredCheckpoint {
  struct Share {
    std::string dtype;
    std::uint64_t elements = 0;
    Bytes bytes;
    friend bool operator==(const Share&, const Share&) = default;
  };
  std::vector<CheckpointTensor> tensors;
  std::vector<Share> shares;   // by dtype, the largest first
  std::uint64_t elements = 0;  // what the repository's page shows as the parameter count
  Bytes tensor_bytes;
  Bytes file_bytes;
  std::vector<std::string> files;
  friend bool operator==(const StoredCheckpoint&, const StoredCheckpoint&) = default;
};

struct LoadedModel {
  Model model;
  std::string source;                          // id of the row that knew it
  std::optional<StoredWeights> stored;         // of a GGUF
  std::optional<StoredCheckpoint> checkpoint;  // of safetensors
  std::string named_quantization;              // that the word names: "qwen3:8b-q8_0"; empty: none
  std::string named_format;                    // a checkpoint format that the word names: "AWQ"; empty: none
  std::vector<std::string> warnings;
};

// What is said besides the word.
struct LoadOptions {
  std::optional<std::string> model_type;    // how to read a config of an unknown type: "llama"
  std::vector<std::string> ignored_fields;  // of a config that is read without understanding them
  std::uint32_t hub_seconds = 120;          // that all answers of a hub or server may take together
};

// A place that models come from: a row of a table.
struct Source {
  std::string_view id;
  std::string_view title;
  bool (*recognises)(const std::string& word);  // by its spelling, or by what lies at that path
  LoadedModel (*load)(const Catalog& catalog, const std::string& word, const LoadOptions& options);
};

std::span<const Source> sources();

// The model that a word names: what a source recognises by its spelling (a path, a scheme), else the
// catalog's, else a file or folder of that name. Error where nobody knows it.
LoadedModel load_model(const Catalog& catalog, const std::string& word, const LoadOptions& options = {});

// A GGUF model that a program of this machine has in its store.
struct LocalModel {
  std::string store;  // "Ollama", "LM Studio", "Hugging Face cache", "llama.cpp cache"
  std::string word;   // what load_model takes
  std::string path;
  Bytes bytes;  // of the file, of the first one where there are parts
  friend bool operator==(const LocalModel&, const LocalModel&) = default;
};
std::vector<LocalModel> local_models();

// The tensors of a GGUF whatever it is for.
StoredWeights read_stored_weights(const std::string& path);

// From a path, a URL, or a repository of the hub ("hf:org/name", of several projectors "hf:org/name:F16").
// Error (unsupported) where the file is something else.
Projector read_projector(const std::string& word, const LoadOptions& options = {});
Adapter read_adapter(const std::string& word, const LoadOptions& options = {});

}  // namespace vramcalc
