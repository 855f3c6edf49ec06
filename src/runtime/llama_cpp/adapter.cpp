#include "runtime/llama_cpp/adapter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "runtime/llama_cpp/device_bytes.hpp"
#include "runtime/llama_cpp/device_map.hpp"
#include "vramcalc/error.hpp"
#include "vramcalc/weights.hpp"

namespace vramcalc::llama_cpp {
namespace {

struct Matrix {
  const Tensor* tensor = nullptr;
  ElementType type = ElementType::f32;
  const Shape& shape() const { return tensor->shape; }
};

struct Pair {
  Matrix a, b;
};

// The adapted tensors with their matrices, and the architecture of the model.
struct Adapted {
  Adapter adapter;
  Architecture architecture;
  std::vector<Tensor> tensors;
  std::vector<Pair> pairs;  // one per tensor
};

[[noreturn]] void fail(const Adapter& adapter, std::string_view name, std::string_view why) {
  throw Error(ErrorCode::bad_value, fmt::format("{}: {} {}", adapter.weights.files.front(), name, why));
}

void require_architecture(const Adapter& adapter, const Model& model) {
  if (adapter.architecture != model.architecture.gguf_name)
    fail(adapter, "this adapter",
         fmt::format("is for the architecture \"{}\", but {} has \"{}\"", adapter.architecture, model.name,
                     model.architecture.gguf_name));
}

// The pairs of matrices by the name of the adapted tensor.
std::map<std::string_view, Pair> pairs_of(const Adapter& adapter) {
  constexpr std::string_view ending_a = ".lora_a", ending_b = ".lora_b";
  std::map<std::string_view, Pair> pairs;
  for (std::size_t i = 0; i < adapter.weights.tensors.size(); ++i) {
    const Tensor& tensor = adapter.weights.tensors[i];
    const Matrix matrix{&tensor, adapter.weights.types[i]};
    std::string_view name = tensor.name;
    if (name.ends_with(ending_a)) {
      name.remove_suffix(ending_a.size());
      pairs[name].a = matrix;
    } else if (name.ends_with(ending_b)) {
      name.remove_suffix(ending_b.size());
      pairs[name].b = matrix;
    } else if (!is_norm(tensor.kind.role)) {
      fail(adapter, name, "is not a lora_a, a lora_b or a norm, and llama.cpp accepts nothing else");
    }
  }
  return pairs;
}

// Whether the pair's product has the tensor's shape. The matrices of embeddings are transposed.
bool fits(const Pair& pair, const Tensor& tensor) {
  const Shape &a = pair.a.shape(), &b = pair.b.shape();
  if (tensor.kind == Role::embedding) return tensor.shape[0] == b[1] && tensor.shape[1] == a[1];
  return tensor.shape[0] == a[0] && tensor.shape[1] == b[1] && a[1] == b[0];
}

void require_pair(const Adapter& adapter, std::string_view name, const Pair& pair) {
  if (pair.a.tensor == nullptr) fail(adapter, name, "has a lora_b but no lora_a");
  if (pair.b.tensor == nullptr) fail(adapter, name, "has a lora_a but no lora_b");
}

std::shared_ptr<const Adapted> adapted(const Adapter& adapter, const Model& model) {
  require_architecture(adapter, model);
  auto result = std::make_shared<Adapted>(Adapted{adapter, model.architecture, {}, {}});
  const std::vector<Tensor> tensors = tensors_of(model.architecture);
  std::unordered_map<std::string_view, const Tensor*> by_name;
  for (const Tensor& tensor : tensors)
    if (tensor.loaded) by_name.emplace(tensor.name, &tensor);
  for (const auto& [name, pair] : pairs_of(result->adapter)) {
    require_pair(adapter, name, pair);
    const auto base = by_name.find(name);
    if (base == by_name.end())
      fail(adapter, name,
           fmt::format("is not a tensor of {}; is the adapter for another base model?", model.name));
    if (!fits(pair, *base->second))
      fail(adapter, name,
           fmt::format("has another shape in {}; is the adapter for another base model?", model.name));
    result->tensors.push_back(*base->second);
    result->pairs.push_back(pair);
  }
  return result;
}

// The adapter's share of one device or of the host.
struct DeviceContents {
  Bytes matrices;
  std::uint64_t widest = 0;  // elements of the largest product per token
};

// Elements per token: one row, or one row per expert that the token uses.
std::uint64_t product_row(const Architecture& architecture, const Tensor& tensor, const Pair& pair) {
  const std::uint64_t row = pair.b.shape()[1];
  if (tensor.layer < 0 || pair.b.shape().rank() < 3) return row;
  const auto& block = architecture.blocks[static_cast<std::size_t>(tensor.layer)];
  const auto* experts = std::get_if<MixtureOfExperts>(&block.feed_forward);
  return experts == nullptr ? row : checked_multiply(row, experts->experts_used);
}

std::vector<DeviceContents> contents_by_device(const Adapted& adapted, const Placement& placement) {
  const auto devices = devices_of_tensors(adapted.architecture, adapted.tensors, placement);
  std::vector<DeviceContents> contents(placement.free.size() + 1);
  for (std::size_t i = 0; i < adapted.pairs.size(); ++i) {
    const bool host = devices[i] == DeviceMap::host;
    DeviceContents& here = host ? contents.back() : contents[static_cast<std::size_t>(devices[i])];
    const auto& [a, b] = adapted.pairs[i];
    for (const Matrix& matrix : {a, b})
      here.matrices +=
          host ? host_bytes(matrix.type, matrix.shape()) : device_bytes(matrix.type, matrix.shape());
    here.widest =
        std::max(here.widest, product_row(adapted.architecture, adapted.tensors[i], adapted.pairs[i]));
  }
  return contents;
}

std::string why_products(std::uint64_t tokens, std::uint64_t widest) {
  return fmt::format(
      "the adapter's product next to the model's own: up to 2 × 4 bytes × {} tokens × {}, "
      "unless the graph is wider elsewhere (llama.cpp 0.5.0, src/llama-graph.cpp)",
      tokens, widest);
}

std::vector<Term> terms_of(const DeviceContents& contents, const std::string& file, std::uint64_t tokens,
                           Reasons reasons) {
  if (contents.matrices == Bytes(0)) return {};
  const Bytes product(checked_multiply(checked_multiply(4, tokens), contents.widest));
  std::string why_matrices, why_its_products;
  if (reasons == Reasons::full) {
    why_matrices = fmt::format("the matrices of {}", file);
    why_its_products = why_products(tokens, contents.widest);
  }
  return {
      {TermKind::lora, Amount::exactly(contents.matrices), Basis::exact,   std::move(why_matrices)    },
      {TermKind::lora, {Bytes(0), product, product * 2},   Basis::derived, std::move(why_its_products)}
  };
}

std::vector<PlaceEstimate> place(const Adapted& adapted, const Placement& placement, std::uint64_t tokens,
                                 Reasons reasons) {
  const std::vector<DeviceContents> contents = contents_by_device(adapted, placement);
  std::vector<PlaceEstimate> devices;
  for (std::size_t i = 0; i < contents.size(); ++i)
    devices.push_back({i + 1 == contents.size() ? Place::host() : Place::gpu(i),
                       terms_of(contents[i], adapted.adapter.weights.files.front(), tokens, reasons)});
  return devices;
}

Placement one_gpu() {
  Placement placement;
  placement.free = {Bytes(1)};
  return placement;
}

}  // namespace

Companion adapter_companion(const Adapter& adapter, const Model& model, const ContextParams& params) {
  const auto placed = [known = adapted(adapter, model), most = std::min(params.ubatch, params.batch)](
                          std::uint64_t context, const Placement& placement, Reasons reasons) {
    return place(*known, placement, std::min<std::uint64_t>(most, context), reasons);
  };
  Companion companion;
  companion.terms = [placed](std::uint64_t context, Backend, Reasons reasons) {
    return placed(context, one_gpu(), reasons);
  };
  companion.gpu = [placed](std::uint64_t context, Backend) {
    return placed(context, one_gpu(), Reasons::none).front().total();
  };
  companion.spread = [placed](std::uint64_t context, const MainModel& main, Reasons reasons) {
    return placed(context, main.placement, reasons);
  };
  return companion;
}

}  // namespace vramcalc::llama_cpp
