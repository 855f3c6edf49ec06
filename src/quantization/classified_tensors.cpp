#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "quantization/role_rules.hpp"
#include "vramcalc/error.hpp"
#include "vramcalc/model.hpp"
#include "vramcalc/weights.hpp"

namespace vramcalc {
namespace {

// ggml does not count trailing dimensions of one.
unsigned significant_rank(const Shape& shape) {
  unsigned rank = 1;
  for (unsigned dimension = 1; dimension < 4; ++dimension)
    if (shape[dimension] > 1) rank = dimension + 1;
  return rank;
}

ClassifiedTensor classify(const Tensor& tensor) {
  ClassifiedTensor result;
  result.category = category_of(tensor.kind);
  result.kept = kept_type(tensor.kind, significant_rank(tensor.shape));
  result.native = tensor.native_type;
  result.three_dimensional = tensor.shape[2] > 1;
  result.row = tensor.shape.row();
  result.elements = tensor.shape.elements();
  return result;
}

// The categories that count as V, and those that get a number: in the older release only V itself, although
// the total is the same (src/llama-quant.cpp: n_attention_wv and i_attention_wv).
constexpr auto v_like = static_cast<CategorySet>(only(TensorCategory::v) | only(TensorCategory::qkv) |
                                                 only(TensorCategory::kv_b));
constexpr std::array<CategorySet, quantizer_releases> numbered_as_v{v_like, only(TensorCategory::v)};

constexpr CategorySet feed_forward = static_cast<CategorySet>(
    only(TensorCategory::ffn_down) | only(TensorCategory::ffn_up) | only(TensorCategory::ffn_gate));

// The quantizer visits tensors by layer, then by name, and counts those of each kind.
std::vector<std::size_t> in_visiting_order(const std::vector<Tensor>& tensors,
                                           const std::vector<ClassifiedTensor>& classified) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < tensors.size(); ++i)
    if (!classified[i].kept && contains(v_like | feed_forward, classified[i].category)) order.push_back(i);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(tensors[a].layer, std::string_view(tensors[a].name)) <
           std::pair(tensors[b].layer, std::string_view(tensors[b].name));
  });
  return order;
}

// With experts the layer comes from the name, otherwise from counting.
std::uint32_t layer_index(const Tensor& tensor, const ShapeFacts& facts, std::uint32_t counted) {
  if (facts.experts <= 1) return counted;
  if (tensor.layer < 0 || static_cast<std::uint32_t>(tensor.layer) >= facts.block_count)
    throw Error(ErrorCode::bad_value,
                fmt::format("tensor {} is outside the model's {} layers", tensor.name, facts.block_count));
  return static_cast<std::uint32_t>(tensor.layer);
}

struct Counters {
  std::array<std::uint32_t, quantizer_releases> v{};
  std::array<std::uint32_t, tensor_categories> seen{};
};

void count(const Tensor& tensor, ClassifiedTensor& result, const ShapeFacts& facts, Counters& counters) {
  for (std::size_t release = 0; release < quantizer_releases; ++release)
    if (contains(numbered_as_v[release], result.category)) result.v_index[release] = counters.v[release]++;
  if (!contains(feed_forward, result.category)) return;
  std::uint32_t& seen = counters.seen[static_cast<std::size_t>(result.category)];
  result.layer_index = layer_index(tensor, facts, seen);
  if (result.category == TensorCategory::ffn_down) result.down_index = seen;
  ++seen;
}

// An embedding that is also the output matrix is treated as output.
void treat_tied_embeddings(std::vector<ClassifiedTensor>& classified) {
  const auto is_output = [](const ClassifiedTensor& each) { return each.category == TensorCategory::output; };
  if (std::any_of(classified.begin(), classified.end(), is_output)) return;
  for (ClassifiedTensor& each : classified)
    if (each.category == TensorCategory::embedding) each.category = TensorCategory::output;
}

// gguf-py 0.5.0, write_ti_data_to_file: name (length, text), rank, dimensions, type, offset.
Bytes info_bytes(const std::vector<Tensor>& tensors) {
  std::uint64_t bytes = 0;
  for (const Tensor& tensor : tensors) bytes += 8 + tensor.name.size() + 4 + 8u * tensor.shape.rank() + 4 + 8;
  return Bytes(bytes);
}

}  // namespace

ClassifiedTensors::ClassifiedTensors(std::vector<Tensor> tensors, ShapeFacts facts)
    : tensors_(std::move(tensors)), facts_(std::move(facts)), tensor_info_bytes_(info_bytes(tensors_)) {
  classified_.reserve(tensors_.size());
  for (const Tensor& tensor : tensors_) classified_.push_back(classify(tensor));

  Counters counters;
  for (std::size_t i : in_visiting_order(tensors_, classified_))
    count(tensors_[i], classified_[i], facts_, counters);
  v_count_ = counters.v[static_cast<std::size_t>(QuantizerRelease::v0_5_0)];
  treat_tied_embeddings(classified_);
}

ClassifiedTensors::ClassifiedTensors(const Architecture& architecture)
    : ClassifiedTensors(tensors_of(architecture), shape_facts(architecture)) {}

}  // namespace vramcalc
