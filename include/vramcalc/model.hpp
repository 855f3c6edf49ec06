#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vramcalc/architecture.hpp"
#include "vramcalc/packing.hpp"
#include "vramcalc/tensor.hpp"
#include "vramcalc/tokenizer.hpp"

namespace vramcalc {

// A checkpoint whose stored elements are not its parameters (two 4-bit values per byte, additional scales).
struct PackedCheckpoint {
  std::string scheme;                 // "nvfp4_deepseek", "fp8_block" …
  std::uint64_t stored_elements = 0;  // the parameter count that the repository's page shows
  std::string source;                 // of that count
  std::uint64_t stored_bytes = 0;     // of all tensors; 0 if unknown
  std::string bytes_source;
  std::string format;                 // its name among the checkpoint formats: "NVFP4"; empty if unknown
  std::optional<Packing> packing;     // the layout, if it is known
  std::optional<PackingRange> range;  // its two ends, if the layout is known in part
  std::string kv_cache_quantization;  // what the checkpoint asks for: "fp8"; empty: nothing
  friend bool operator==(const PackedCheckpoint&, const PackedCheckpoint&) = default;
};

// The only GGUF of a model that was trained in few bits; every published copy is this file.
struct PublishedFile {
  std::string name;       // "MXFP4"
  std::string file_type;  // the file type whose tensor types it has: "F16"
  std::string source;
  friend bool operator==(const PublishedFile&, const PublishedFile&) = default;
};

// The file that Ollama's library has under the model's plain tag.
struct OllamaFile {
  std::string file_type;    // "Q8_0"
  std::uint64_t bytes = 0;  // with template, license and any projector
  std::string source;
  friend bool operator==(const OllamaFile&, const OllamaFile&) = default;
};

// A model's identity and shape. A quantized re-release (variant) has the shape of its base.
struct Model {
  std::string id;
  std::string name;
  std::string publisher;
  std::string family;
  std::string license;       // empty: unknown
  std::string release_date;  // YYYY-MM-DD or a prefix, empty: unknown
  std::string hf_repo;
  std::string architecture_class;  // Hugging Face: "DeepseekV3ForCausalLM"
  std::string variant_of;          // id of the base model; empty if this is one
  std::string source;              // where the shape comes from
  std::string count_note;          // why the published count differs from the computed one
  std::vector<std::string> modalities;
  std::vector<std::string> aliases;
  std::string incomplete;                  // why the shape is unknown; empty if it is known
  std::uint64_t published_parameters = 0;  // 0: unknown
  bool published_rounded = false;          // a model card's "671B" rather than a repository's count
  std::string published_source;
  std::optional<PackedCheckpoint> packed;
  std::optional<PublishedFile> published_file;
  std::optional<OllamaFile> ollama_file;
  std::string native_format;  // the checkpoint format of the original weights, if it is not BF16: "FP8"

  // For the rule of thumb, which reads the config literally: num_key_value_heads is 0 if the config has none.
  std::uint32_t config_attention_heads = 0;
  std::uint32_t config_kv_heads = 0;

  TokenizerFacts tokenizer;  // unknown unless the model is a file

  Architecture architecture;
};

// Parameter counts by part. `trunk` is what a token can use, `active` what one token does use (embeddings
// once, the selected experts, no MTP, no towers).
struct Parameters {
  std::uint64_t trunk = 0;
  std::uint64_t mtp = 0;
  std::uint64_t towers = 0;
  std::uint64_t duplicate_head = 0;  // a second stored copy despite tied embeddings
  std::uint64_t active = 0;
  std::uint64_t total() const { return trunk + mtp + towers + duplicate_head; }
};

// Whether the converter writes the multi-token-prediction layers into the GGUF.
bool keeps_mtp(const Architecture& architecture);

// Every tensor of the GGUF that llama.cpp's converter writes for this shape, with the converter's names.
std::vector<Tensor> tensors_of(const Architecture& architecture);

Parameters parameters_of(const Architecture& architecture);

}  // namespace vramcalc
