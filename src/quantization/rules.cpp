#include "quantization/rules.hpp"

#include <fmt/format.h>

#include <bit>
#include <vector>

#include "vramcalc/error.hpp"

namespace vramcalc {
namespace {

// Block sizes are powers of two. This runs for every tensor of every file type, so it avoids division.
bool fits(std::uint64_t row, ElementType type) { return (row & (layout_of(type).block_elements - 1)) == 0; }

// ---- conditions

struct Order {
  const ShapeFacts& facts;
  QuantizerRelease release;
  bool imatrix;
};

bool asks_about_tensor(ConditionKind kind) { return kind >= ConditionKind::chosen; }

// For conditions about the model and the quantization.
bool holds(const Condition& condition, const Order& order) {
  switch (condition.kind) {
    case ConditionKind::gqa_at_least: return gqa(order.facts) >= condition.number;
    case ConditionKind::gqa_below: return gqa(order.facts) < condition.number;
    case ConditionKind::experts: return order.facts.experts == condition.number;
    case ConditionKind::experts_not: return order.facts.experts != condition.number;
    case ConditionKind::experts_at_least: return order.facts.experts >= condition.number;
    case ConditionKind::architecture: return order.facts.gguf_architecture == condition.text;
    case ConditionKind::architecture_not: return order.facts.gguf_architecture != condition.text;
    case ConditionKind::like_70b: return like_70b(order.facts) == condition.expected;
    case ConditionKind::imatrix: return order.imatrix == condition.expected;
    case ConditionKind::release: return static_cast<std::uint32_t>(order.release) == condition.number;
    default: return true;
  }
}

// The first eighth, the last eighth and every third layer in between, where k-quant mixes spend their bits.
bool more_bits(std::uint32_t i, std::uint32_t n) {
  return i < n / 8 || i >= 7 * n / 8 || (i - n / 8) % 3 == 2;
}

struct TensorQuestion {
  const ClassifiedTensor& tensor;
  ElementType default_type;
  ElementType chosen;
  std::uint32_t layers;
  std::uint32_t v_index;
  std::uint32_t v_count;
};

bool holds(const Condition& condition, const TensorQuestion& asked) {
  const std::uint32_t i = asked.tensor.layer_index, n = asked.layers, number = condition.number;
  switch (condition.kind) {
    case ConditionKind::chosen: return static_cast<std::uint32_t>(asked.chosen) == number;
    case ConditionKind::row_fits_default:
      return fits(asked.tensor.row, asked.default_type) == condition.expected;
    case ConditionKind::three_dimensional: return asked.tensor.three_dimensional == condition.expected;
    case ConditionKind::in_first: return i < n / number;
    case ConditionKind::after_first: return i >= n / number;
    case ConditionKind::before_last: return i < (number - 1) * n / number;
    case ConditionKind::more_bits: return more_bits(i, n) == condition.expected;
    case ConditionKind::v_below: return asked.v_index < number;
    case ConditionKind::v_more_bits: return more_bits(asked.v_index, asked.v_count) == condition.expected;
    case ConditionKind::down_in_first: return asked.tensor.down_index < n / number;
    default: return true;
  }
}

// ---- rules

// V includes fused QKV and MLA's kv_b since 0.5.0.
bool concerns(const Rule& rule, TensorCategory category, QuantizerRelease release) {
  if (contains(rule.tensors, category)) return true;
  if ((rule.tensors & v_like_bit) == 0) return false;
  const bool holds_v = category == TensorCategory::qkv || category == TensorCategory::kv_b;
  return category == TensorCategory::v || (holds_v && release == QuantizerRelease::v0_5_0);
}

bool can_apply(const Rule& rule, const Order& order) {
  for (const Condition& condition : rule.conditions)
    if (!asks_about_tensor(condition.kind) && !holds(condition, order)) return false;
  return true;
}

bool applies(const Rule& rule, const TensorQuestion& asked) {
  for (const Condition& condition : rule.conditions)
    if (asks_about_tensor(condition.kind) && !holds(condition, asked)) return false;
  return true;
}

// The rules that can apply, sorted by category, so that most tensors meet none or one.
class ActiveRules {
 public:
  ActiveRules(const FileType& file_type, const Order& order) {
    for (std::size_t category = 0; category < tensor_categories; ++category) {
      for (const Rule& rule : file_type.rules)
        if (concerns(rule, static_cast<TensorCategory>(category), order.release) && can_apply(rule, order))
          rules_.push_back(&rule);
      ends_[category] = rules_.size();
    }
  }

  std::span<const Rule* const> of(TensorCategory category) const {
    const auto index = static_cast<std::size_t>(category);
    const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
    return std::span(rules_).subspan(begin, ends_[index] - begin);
  }

 private:
  std::vector<const Rule*> rules_;
  std::array<std::size_t, tensor_categories> ends_{};
};

// ---- rows that do not fit

struct Fallback {
  ElementType from, to;
};

// llama.cpp 0.5.0, src/llama-quant.cpp, tensor_type_fallback: the next larger type with blocks of 32.
constexpr std::array fallbacks{
    Fallback{ElementType::iq1_s,   ElementType::iq4_nl},
    Fallback{ElementType::iq1_m,   ElementType::iq4_nl},
    Fallback{ElementType::iq2_xxs, ElementType::iq4_nl},
    Fallback{ElementType::iq2_xs,  ElementType::iq4_nl},
    Fallback{ElementType::iq2_s,   ElementType::iq4_nl},
    Fallback{ElementType::iq3_xxs, ElementType::iq4_nl},
    Fallback{ElementType::iq3_s,   ElementType::iq4_nl},
    Fallback{ElementType::iq4_xs,  ElementType::iq4_nl},
    Fallback{ElementType::q2_0,    ElementType::q4_0  },
    Fallback{ElementType::q2_K,    ElementType::q4_0  },
    Fallback{ElementType::q3_K,    ElementType::q4_0  },
    Fallback{ElementType::tq1_0,   ElementType::q4_0  },
    Fallback{ElementType::tq2_0,   ElementType::q4_0  },
    Fallback{ElementType::q4_K,    ElementType::q5_0  },
    Fallback{ElementType::q5_K,    ElementType::q5_1  },
    Fallback{ElementType::q6_K,    ElementType::q8_0  },
};

// Empty if the quantizer has no fallback.
std::optional<ElementType> fitting_type(std::uint64_t row, ElementType type) {
  if (fits(row, type)) return type;
  for (const Fallback& fallback : fallbacks)
    if (fallback.from == type) return fits(row, fallback.to) ? fallback.to : ElementType::f16;
  return layout_of(type).block_elements <= 32 ? std::optional(ElementType::f16) : std::nullopt;
}

// ---- importance matrix

// Types below about 3.1 bits need an importance matrix, and so does q2_K if it is used for a whole file.
bool is_refused_without_imatrix(ElementType type, TensorCategory category, const FileType& file_type) {
  if (category == TensorCategory::output || category == TensorCategory::embedding) return false;
  switch (type) {
    case ElementType::iq1_s:
    case ElementType::iq1_m:
    case ElementType::iq2_xxs:
    case ElementType::iq2_xs:
    case ElementType::iq2_s:
    case ElementType::iq3_xxs: return true;
    case ElementType::q2_K: return file_type.refuses_q2_K_without_imatrix;
    default: return false;
  }
}

// ---- one tensor

struct Assigner {
  const ClassifiedTensors& tensors;
  const FileType& file_type;
  QuantizerRelease release;
  ActiveRules rules;

  ElementType chosen_type(const ClassifiedTensor& tensor) const {
    TensorQuestion asked{tensor,
                         file_type.type,
                         file_type.type,
                         tensors.facts().block_count,
                         tensor.v_index[static_cast<std::size_t>(release)],
                         tensors.v_count()};
    for (const Rule* rule : rules.of(tensor.category))
      if (applies(*rule, asked)) asked.chosen = rule->type;
    return asked.chosen;
  }

  ElementType quantized_type(std::size_t index) const {
    const ClassifiedTensor& tensor = tensors.classified()[index];
    const ElementType chosen = chosen_type(tensor);
    if (const auto type = fitting_type(tensor.row, chosen)) return *type;
    throw Error(ErrorCode::unsupported,
                fmt::format("this model has no {}: {} has rows of {} elements, which {} cannot store and has "
                            "no fallback for; "
                            "choose another file type",
                            file_type.name, tensors.tensors()[index].name, tensor.row, to_string(chosen)));
  }
};

void add_bytes(Weights& weights, ElementType type, std::uint64_t elements) {
  const ElementLayout& layout = layout_of(type);
  const Bytes bytes = Bytes(elements >> std::countr_zero(layout.block_elements)) * layout.block_bytes;
  weights.types.push_back(type);
  weights.tensor_bytes += bytes;
  weights.padded_bytes += round_up(bytes, 32);
  weights.elements = checked_add(weights.elements, elements);
}

}  // namespace

Assignment assign_types(const ClassifiedTensors& tensors, const FileType& file_type, QuantizerRelease release,
                        bool imatrix, bool requantize_native) {
  const Assigner assigner{tensors, file_type, release,
                          ActiveRules(file_type, {tensors.facts(), release, imatrix})};
  Assignment result;
  result.weights.tensors = tensors.tensors();
  result.weights.imatrix = imatrix;
  result.weights.types.reserve(tensors.classified().size());
  for (std::size_t i = 0; i < tensors.classified().size(); ++i) {
    const ClassifiedTensor& tensor = tensors.classified()[i];
    const bool native = tensor.native && (tensor.kept || !requantize_native || !is_quantized(file_type.type));
    const ElementType type = native        ? *tensor.native
                             : tensor.kept ? *tensor.kept
                                           : assigner.quantized_type(i);
    const bool ours = !native && !tensor.kept;
    if (ours && !result.needs_imatrix && is_refused_without_imatrix(type, tensor.category, file_type))
      result.needs_imatrix = i;
    result.weights.keeps_native |= native && !tensor.kept;
    add_bytes(result.weights, type, tensor.elements);
  }
  return result;
}

}  // namespace vramcalc
