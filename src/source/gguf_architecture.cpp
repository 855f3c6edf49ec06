#include "source/gguf_architecture.hpp"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "catalog/shape.hpp"
#include "model/printable.hpp"
#include "source/gguf_blocks.hpp"
#include "source/gguf_config.hpp"
#include "source/gguf_known_keys.hpp"
#include "vramcalc/error.hpp"
#include "vramcalc/model.hpp"

namespace vramcalc::source {
namespace {

using nlohmann::json;
using Pooling = GraphTraits::Pooling;

// llama.cpp 0.5.0, include/llama.h: LLAMA_POOLING_TYPE_*
Pooling pooling_of(const GgufKeys& keys) {
  switch (keys.number("pooling_type").value_or(0)) {
    case 1: return Pooling::mean;
    case 2:
    case 3: return Pooling::one_token;
    default: return Pooling::none;
  }
}

// What a row says for all models of its type, but each file for itself.
constexpr std::array decided_by_the_file{"layer_pattern", "rope_table_length"};

// Scales and factors that belong to other tensors, and tables computed from the config, are not part of the
// shape.
bool belongs_to_another(std::string_view name) {
  return name.ends_with(".scale") || name.ends_with(".input_scale") || name.starts_with("rope_f");
}

}  // namespace

Architecture gguf_architecture(const GgufHeader& header, const json& architectures, std::string* likened_to) {
  const GgufKeys keys(header.metadata);
  GgufRow row = find_gguf_row(architectures, keys.architecture(), header.metadata.file());
  if (likened_to != nullptr && row.stands_in) *likened_to = row.model_type;
  refuse_unknown_keys(keys);
  for (const char* field : decided_by_the_file) row.row.erase(field);
  const TensorIndex tensors(header.tensors);
  const json config = gguf_config(keys, tensors, row);
  const json rows = {
      {row.model_type, row.row}
  };
  // A row describes every kind of layer that its models have; a file may lack one.
  std::vector<std::string> unused;
  Architecture architecture =
      catalog::read_architecture(config, rows, header.metadata.file(), "metadata", unused);
  architecture.gguf_name = keys.architecture();
  architecture.graph.pooling = pooling_of(keys);
  if (architecture.graph.stacked_embeddings > 0)
    architecture.graph.stacked_embeddings = keys.number("n_deepstack_layers").value_or(0);
  set_from_tensors(architecture, keys, tensors);
  return architecture;
}

namespace {

std::string dimensions(const Shape& shape) {
  std::string text = std::to_string(shape.row());
  for (std::size_t i = 1; i < shape.rank(); ++i) text += fmt::format(" x {}", shape[i]);
  return text;
}

// As in ggml, trailing dimensions of 1 do not count.
bool same_dimensions(const Shape& a, const Shape& b) {
  return a[0] == b[0] && a[1] == b[1] && a[2] == b[2] && a[3] == b[3];
}

std::string describe(const Tensor* found, const Tensor& wanted) {
  if (found == nullptr)
    return fmt::format("there is no tensor {} of {}", printable(wanted.name), dimensions(wanted.shape));
  return fmt::format("tensor {} is {}, but the other tensors and the metadata require {}",
                     printable(wanted.name), dimensions(found->shape), dimensions(wanted.shape));
}

// Vectors vary between releases of the converter; matrices determine the shape.
bool is_matrix(const Tensor& tensor) {
  return tensor.shape[1] > 1 && tensor.kind.component == Component::weight;
}

}  // namespace

Differences compare_tensors(const Architecture& architecture, std::vector<Tensor>& tensors) {
  const std::vector<Tensor> derived = tensors_of(architecture);
  std::unordered_map<std::string_view, const Tensor*> by_name;
  for (const Tensor& tensor : derived) by_name.emplace(tensor.name, &tensor);
  Differences differences;
  std::unordered_map<std::string_view, const Tensor*> of_another_size;
  for (Tensor& tensor : tensors) {
    const auto found = by_name.find(tensor.name);
    if (found == by_name.end() || !same_dimensions(found->second->shape, tensor.shape)) {
      if (!belongs_to_another(tensor.name)) differences.unexplained.push_back(printable(tensor.name));
      if (found != by_name.end()) of_another_size.emplace(tensor.name, &tensor);
      continue;
    }
    tensor.native_type = found->second->native_type;
    tensor.learned = found->second->learned;
    tensor.loaded = found->second->loaded;
    by_name.erase(found);
  }
  for (const Tensor& tensor : derived) {
    if (!by_name.contains(tensor.name)) continue;
    differences.missing.push_back(printable(tensor.name));
    if (!differences.refusal.empty() || !is_matrix(tensor)) continue;
    const auto found = of_another_size.find(tensor.name);
    differences.refusal = describe(found == of_another_size.end() ? nullptr : found->second, tensor);
  }
  return differences;
}

}  // namespace vramcalc::source
