#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "vramcalc/architecture.hpp"
#include "vramcalc/bytes.hpp"
#include "vramcalc/error.hpp"
#include "vramcalc/estimate.hpp"
#include "vramcalc/file_type.hpp"
#include "vramcalc/model.hpp"
#include "vramcalc/quantization.hpp"
#include "vramcalc/tensor.hpp"
#include "vramcalc/tokenizer.hpp"

namespace vramcalc {

// The facts from GGUF metadata that the rules depend on.
struct ShapeFacts {
  std::string gguf_architecture;
  std::uint32_t heads = 0;     // of layer 0
  std::uint32_t kv_heads = 0;  // of layer 0; 0 if it has no KV cache
  std::uint32_t experts = 0;
  std::uint32_t block_count = 0;  // including MTP layers in the file
  friend bool operator==(const ShapeFacts&, const ShapeFacts&) = default;
};

ShapeFacts shape_facts(const Architecture& architecture);
std::uint32_t gqa(const ShapeFacts& facts);  // query heads per KV head; 0 without KV heads
bool like_70b(const ShapeFacts& facts);

// A tensor as the rules see it.
struct ClassifiedTensor {
  TensorCategory category = TensorCategory::other;
  std::optional<ElementType> kept;    // the converted file's type of a tensor that is never quantized
  std::optional<ElementType> native;  // the type that the checkpoint fixes
  bool three_dimensional = false;
  std::uint64_t row = 0;
  std::uint64_t elements = 0;
  std::uint32_t layer_index = 0;                            // for ffn_down, ffn_up and ffn_gate
  std::uint32_t down_index = 0;                             // ffn_down tensors before this one
  std::array<std::uint32_t, quantizer_releases> v_index{};  // V-like tensors before this one
};

// The tensors of a model, with their names parsed once so that the rules need no text.
class ClassifiedTensors {
 public:
  ClassifiedTensors(std::vector<Tensor> tensors, ShapeFacts facts);
  explicit ClassifiedTensors(const Architecture& architecture);

  std::span<const Tensor> tensors() const { return tensors_; }
  std::span<const ClassifiedTensor> classified() const { return classified_; }  // in the order of tensors()
  const ShapeFacts& facts() const { return facts_; }
  std::uint32_t v_count() const { return v_count_; }              // V-like tensors
  Bytes tensor_info_bytes() const { return tensor_info_bytes_; }  // their list in a GGUF file

 private:
  std::vector<Tensor> tensors_;
  std::vector<ClassifiedTensor> classified_;
  ShapeFacts facts_;
  std::uint32_t v_count_ = 0;
  Bytes tensor_info_bytes_;
};

// A model's tensors as one quantization stores them. `tensors` and `types` are empty for a checkpoint format,
// and `parts` for a GGUF.
struct Weights {
  std::span<const Tensor> tensors;  // owned by the caller
  std::vector<ElementType> types;   // in the order of the tensors
  Bytes tensor_bytes;
  Bytes padded_bytes;  // with each tensor padded to 32 bytes, as in the file
  Bytes file_bytes;    // the file on disk
  std::uint64_t elements = 0;
  std::vector<CheckpointPart> parts;
  bool imatrix = false;       // computed with an importance matrix
  bool keeps_native = false;  // some tensors keep their type in the checkpoint
  double bits_per_weight() const;
};

// The tensors of an actual GGUF, with nothing derived.
struct StoredWeights {
  std::vector<Tensor> tensors;
  std::vector<ElementType> types;  // in the order of the tensors
  Bytes tensor_bytes;              // without padding between tensors
  Bytes file_bytes;                // of all parts
  std::string file_type;           // from general.file_type ("Q4_K_M"); empty if missing
  std::vector<std::string> files;  // the parts, in order
  friend bool operator==(const StoredWeights&, const StoredWeights&) = default;
};

double bits_per_weight(const StoredWeights& stored);

// The quantization name of an existing file.
inline constexpr std::string_view as_stored = "as stored";

// The share of one element type in a file.
struct TypeShare {
  ElementType type = ElementType::f32;
  std::size_t tensors = 0;
  Bytes bytes;
  friend bool operator==(const TypeShare&, const TypeShare&) = default;
};
std::vector<TypeShare> shares_of(const StoredWeights& stored);  // the largest first

// The type of every tensor. Error (unsupported) if the quantizer refuses: for want of an importance matrix,
// or because a type has no fallback for a row length.
Weights weights_of(const ClassifiedTensors& tensors, const FileType& file_type,
                   const QuantizeOptions& options = {});
std::vector<ElementType> element_types(std::span<const Tensor> tensors, const ShapeFacts& facts,
                                       const FileType& file_type, const QuantizeOptions& options = {});

// One model in many quantizations. Its tensors are listed on first use, and each quantization is assigned
// once: weights, placement and explanations read the same list.
class ModelWeights {
 public:
  // With `file`, which stands for every quantization, the model is that GGUF. Both must outlive this.
  explicit ModelWeights(const Model& model, const StoredWeights* file = nullptr);

  // Error (unsupported) if the model cannot have this quantization.
  const Weights& stored(const Quantization& quantization);

 private:
  struct Known {
    QuantizationKey key;
    std::variant<Weights, Error> outcome;
  };
  Weights lay_out(const Quantization& quantization);
  const ClassifiedTensors& tensors();

  const Model& model_;
  const StoredWeights* file_;
  std::shared_ptr<const ClassifiedTensors> tensors_;
  std::deque<Known> known_;
};

// Tensor bytes of a file of the same type that was made differently; empty if they would be the same.
struct OtherFiles {
  std::optional<Bytes> by_other_release;  // of the quantizer (see QuantizerRelease)
  std::optional<Bytes> without_mtp;       // converted with --no-mtp
  friend bool operator==(const OtherFiles&, const OtherFiles&) = default;
};
OtherFiles other_files(const Model& model, const GgufMix& mix, Bytes tensor_bytes);

Bytes tensor_bytes(ElementType type, const Shape& shape);

// ---- the file

// Keys and values: exact if given, else by the tokenizer's rule with the interval that actual files span.
Amount metadata_bytes(const Architecture& architecture, const TokenizerFacts& tokenizer);

Amount file_bytes(const ClassifiedTensors& tensors, const Weights& weights, const Amount& metadata);

}  // namespace vramcalc
