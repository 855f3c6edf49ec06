#include <algorithm>

#include "vramcalc/weights.hpp"

namespace vramcalc {
namespace {

Weights packed(const Model& model, const CheckpointFormat& format) {
  Weights weights;
  weights.parts = parts_of(model.architecture, format);
  weights.tensor_bytes = weights.padded_bytes = weights.file_bytes = bytes_of(weights.parts);
  weights.elements = parameters_of(model.architecture).total();
  return weights;
}

Weights as_in_file(const StoredWeights& file) {
  Weights weights;
  weights.tensors = file.tensors;
  weights.types = file.types;
  weights.tensor_bytes = weights.padded_bytes = file.tensor_bytes;
  weights.file_bytes = file.file_bytes;
  for (const Tensor& tensor : file.tensors)
    weights.elements = checked_add(weights.elements, tensor.shape.elements());
  return weights;
}

Weights quantized(const Model& model, const ClassifiedTensors& tensors, const GgufMix& mix) {
  Weights weights = weights_of(tensors, mix.file_type, mix.options);
  weights.file_bytes = file_bytes(tensors, weights, metadata_bytes(model.architecture, model.tokenizer)).best;
  return weights;
}

}  // namespace

std::string_view name_of(const Quantization& quantization) {
  const FileType* file_type = file_type_of(quantization);
  if (file_type != nullptr) return file_type->name;
  const CheckpointFormat& format = std::get<CheckpointFormat>(quantization);
  return format.name.empty() ? format.title : format.name;
}

const QuantizeOptions& options_of(const Quantization& quantization) {
  static const QuantizeOptions none;
  const auto* mix = std::get_if<GgufMix>(&quantization);
  return mix == nullptr ? none : mix->options;
}

const FileType* file_type_of(const Quantization& quantization) {
  if (const auto* mix = std::get_if<GgufMix>(&quantization)) return &mix->file_type;
  const auto* file = std::get_if<FileContents>(&quantization);
  return file == nullptr ? nullptr : &file->file_type;
}

double nominal_bits(const Quantization& quantization) {
  if (const FileType* file_type = file_type_of(quantization)) return file_type->nominal_bits;
  const CheckpointFormatRow* row = std::get<CheckpointFormat>(quantization).row;
  return row == nullptr ? 0 : row->nominal_bits;
}

QuantizationKey::QuantizationKey(const Quantization& quantization)
    : name(name_of(quantization)), options(options_of(quantization)) {
  const auto* format = std::get_if<CheckpointFormat>(&quantization);
  if (format == nullptr) return;
  packing = format->packing;
  stored_parts = format->stored_parts.get();
}

bool QuantizationKey::is_of(const Quantization& quantization) const {
  const auto* format = std::get_if<CheckpointFormat>(&quantization);
  const bool alike =
      format == nullptr ? !packing : packing == format->packing && stored_parts == format->stored_parts.get();
  return alike && name == name_of(quantization) && options == options_of(quantization);
}

ModelWeights::ModelWeights(const Model& model, const StoredWeights* file) : model_(model), file_(file) {}

const ClassifiedTensors& ModelWeights::tensors() {
  if (tensors_) return *tensors_;
  tensors_ = file_ == nullptr
                 ? std::make_shared<ClassifiedTensors>(model_.architecture)
                 : std::make_shared<ClassifiedTensors>(file_->tensors, shape_facts(model_.architecture));
  return *tensors_;
}

Weights ModelWeights::lay_out(const Quantization& quantization) {
  if (const auto* format = std::get_if<CheckpointFormat>(&quantization)) return packed(model_, *format);
  if (const auto* file = std::get_if<FileContents>(&quantization)) return as_in_file(*file->weights);
  return quantized(model_, tensors(), std::get<GgufMix>(quantization));
}

const Weights& ModelWeights::stored(const Quantization& quantization) {
  auto known = std::ranges::find_if(known_, [&](const Known& each) { return each.key.is_of(quantization); });
  if (known == known_.end()) {
    try {
      known_.push_back({QuantizationKey(quantization), lay_out(quantization)});
    } catch (const Error& refusal) {
      if (refusal.code() != ErrorCode::unsupported) throw;
      known_.push_back({QuantizationKey(quantization), refusal});
    }
    known = std::prev(known_.end());
  }
  if (const Error* refusal = std::get_if<Error>(&known->outcome)) throw *refusal;
  return std::get<Weights>(known->outcome);
}

}  // namespace vramcalc
