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

// What the rules ask about a model, as its GGUF metadata says it.
struct ShapeFacts {
  std::string gguf_architecture;
  std::uint32_t heads = 0;     // of layer 0
  std::uint32_t kv_heads = 0;  // of layer 0; 0: it has no KV cache
  std::uint32_t experts = 0;
  std::uint32_t block_count = 0;  // with the MTP layers that the file holds
  friend bool operator==(const ShapeFacts&, const ShapeFacts&) = default;
};

ShapeFacts shape_facts(const Architecture& architecture);
std::uint32_t gqa(const ShapeFacts& facts);  // 0 without KV heads
bool like_70b(const ShapeFacts& facts);

// One tensor as the rules see it.
struct ClassifiedTensor {
  TensorCategory category = TensorCategory::other;
  std::optional<ElementType> kept;    // never quantized: what the converted file holds
  std::optional<ElementType> native;  // fixed by the checkpoint
  bool three_dimensional = false;
  std::uint64_t row = 0;
  std::uint64_t elements = 0;
  std::uint32_t layer_index = 0;                            // for ffn_down, ffn_up and ffn_gate
  std::uint32_t down_index = 0;                             // ffn_down tensors before this one
  std::array<std::uint32_t, quantizer_releases> v_index{};  // V-like tensors before this one
};

// The tensors of a model with everything that their names say, read once: what follows is free of text.
class ClassifiedTensors {
 public:
  ClassifiedTensors(std::vector<Tensor> tensors, ShapeFacts facts);
  explicit ClassifiedTensors(const Architecture& architecture);

  std::span<const Tensor> tensors() const { return tensors_; }
  std::span<const ClassifiedTensor> classified() const { return classified_; }  // in the order of tensors()
  const ShapeFacts& facts() const { return facts_; }
  std::uint32_t v_count() const { return v_count_; }  // V-like tensors
  Bytes tensor_info_bytes() const { return tensor_info_bytes_; }  // what a GGUF file spends to list them

 private:
  std::vector<Tensor> tensors_;
  std::vector<ClassifiedTensor> classified_;
  ShapeFacts facts_;
  std::uint32_t v_count_ = 0;
  Bytes tensor_info_bytes_;
};

// A model's tensors as one quantization stores them. `tensors` and `types` are empty for a checkpoint format.
struct Weights {
  std::span<const Tensor> tensors;  // of whoever listed them
  std::vector<ElementType> types;   // in the order of the tensors
  Bytes tensor_bytes;
  Bytes padded_bytes;  // each tensor padded to 32 bytes, as the file stores them
  Bytes file_bytes;    // the file on disk
  std::uint64_t elements = 0;
  bool imatrix = false;       // computed with an importance matrix
  bool keeps_native = false;  // some tensors stay as the checkpoint has them
  double bits_per_weight() const;
};

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

double bits_per_weight(const StoredWeights& stored);

// The name of a file as it is among file types.
inline constexpr std::string_view as_stored = "as stored";

// What of a file is of one element type.
struct TypeShare {
  ElementType type = ElementType::f32;
  std::size_t tensors = 0;
  Bytes bytes;
  friend bool operator==(const TypeShare&, const TypeShare&) = default;
};
std::vector<TypeShare> shares_of(const StoredWeights& stored);  // the largest first

// The type of every tensor. Error (unsupported) where the quantizer refuses: without the importance matrix
// that it needs, or where a type has no fallback for a row length.
Weights weights_of(const ClassifiedTensors& tensors, const FileType& file_type,
                   const QuantizeOptions& options = {});
std::vector<ElementType> element_types(std::span<const Tensor> tensors, const ShapeFacts& facts,
                                       const FileType& file_type, const QuantizeOptions& options = {});

// One model in one quantization after another. Its tensors are listed when they are first asked for, and each
// quantization is laid out once: weights, placement and explanations read the same list.
class ModelWeights {
 public:
  // `file`: the model is that GGUF, and every quantization is one of its own tensors. Both outlive this.
  explicit ModelWeights(const Model& model, const StoredWeights* file = nullptr);

  // Error (unsupported) where the model cannot have this quantization.
  const Weights& stored(const Quantization& quantization);

 private:
  struct Known {
    std::string name;
    QuantizeOptions options;
    std::variant<Weights, Error> outcome;
  };
  Weights lay_out(const Quantization& quantization);
  const ClassifiedTensors& tensors();

  const Model& model_;
  const StoredWeights* file_;
  std::shared_ptr<const ClassifiedTensors> tensors_;
  std::deque<Known> known_;
};

// Tensor bytes of a file of the same type that was made otherwise; empty where it would hold the same.
struct OtherFiles {
  std::optional<Bytes> by_other_release;  // of the quantizer (see QuantizerRelease)
  std::optional<Bytes> without_mtp;       // converted with --no-mtp
  friend bool operator==(const OtherFiles&, const OtherFiles&) = default;
};
OtherFiles other_files(const Model& model, const GgufMix& mix, Bytes tensor_bytes);

Bytes tensor_bytes(ElementType type, const Shape& shape);

// ---- the file -----------------------------------------------------------------------------------

// Keys and values: exact where given, else the rule for the tokenizer with the interval that real files span.
Amount metadata_bytes(const Architecture& architecture, const TokenizerFacts& tokenizer);

Amount file_bytes(const ClassifiedTensors& tensors, const Weights& weights, const Amount& metadata);

}  // namespace vramcalc
