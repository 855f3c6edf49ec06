#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vramcalc/bytes.hpp"
#include "vramcalc/element_type.hpp"
#include "vramcalc/model.hpp"
#include "vramcalc/tensor.hpp"
#include "vramcalc/weights.hpp"

// Where a model comes from: what people have is a file, a folder, a repository or a name.
namespace vramcalc {

class Catalog;

// The tensors that a GGUF really holds: nothing about them is derived.
struct StoredWeights {
  std::vector<Tensor> tensors;
  std::vector<ElementType> types;  // in the order of the tensors
  Bytes tensor_bytes;              // without the padding between them
  Bytes file_bytes;                // all parts
  std::string file_type;           // as general.file_type says ("Q4_K_M"), empty: it does not
  std::vector<std::string> files;  // the parts, in order
  friend bool operator==(const StoredWeights&, const StoredWeights&) = default;
};

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
  std::optional<StoredWeights> stored;         // of a GGUF
  std::optional<StoredCheckpoint> checkpoint;  // of safetensors
  TokenizerFacts tokenizer;                    // unknown where only a config was read
  std::vector<std::string> warnings;
};

// A place that models come from: a row of a table.
struct Source {
  std::string_view id;
  std::string_view title;
  bool (*recognises)(const std::string& word);  // by its spelling, or by what lies at that path
  LoadedModel (*load)(const Catalog& catalog, const std::string& word);
};

std::span<const Source> sources();

// The model that a word names: what a source recognises by its spelling (a path, a scheme), else the
// catalog's, else a file or folder of that name. Error where nobody knows it.
LoadedModel load_model(const Catalog& catalog, const std::string& word);

// A GGUF model that a program of this machine has in its store.
struct LocalModel {
  std::string store;  // "Ollama", "LM Studio", "Hugging Face cache", "llama.cpp cache"
  std::string word;   // what load_model takes
  std::string path;
  Bytes bytes;  // of the file, of the first one where there are parts
  friend bool operator==(const LocalModel&, const LocalModel&) = default;
};
std::vector<LocalModel> local_models();

// The tensors of a GGUF whatever it is for: a projector (mmproj), an adapter (LoRA), a draft model.
StoredWeights read_stored_weights(const std::string& path);

}  // namespace vramcalc
