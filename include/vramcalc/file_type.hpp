#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "vramcalc/element_type.hpp"

// GGUF file types ("Q4_K_M") as data: a default element type, and rules that raise or lower single tensors.
namespace vramcalc {

// The llama-quantize release whose rules apply. Most published files predate 0.5.0; the two releases differ
// in fused QKV and kv_b.
enum class QuantizerRelease : std::uint8_t {
  v0_5_0,                  // llama.cpp 0.5.0, src/llama-quant.cpp
  before_fused_qkv_rules,  // llama.cpp up to late 2025 (read at commit 8784689f)
};
inline constexpr std::size_t quantizer_releases = 2;

constexpr QuantizerRelease other_than(QuantizerRelease release) {
  return release == QuantizerRelease::v0_5_0 ? QuantizerRelease::before_fused_qkv_rules
                                             : QuantizerRelease::v0_5_0;
}

// The tensor categories of the rules. `output` is the output matrix or a tied embedding.
enum class TensorCategory : std::uint8_t {
  output,
  embedding,
  qkv,
  kv_b,
  v,
  k,
  q,
  attn_output,
  ffn_up,
  ffn_gate,
  ffn_down,
  other,
};
inline constexpr std::size_t tensor_categories = 12;

using CategorySet = std::uint16_t;  // one bit per category
constexpr CategorySet only(TensorCategory category) {
  return static_cast<CategorySet>(1u << static_cast<unsigned>(category));
}
constexpr bool contains(CategorySet set, TensorCategory category) { return (set & only(category)) != 0; }

// "v_like" in a rule: what a release raises together with V.
inline constexpr CategorySet v_like_bit = 1u << tensor_categories;

// All kinds of conditions: first those about the model and the quantization, then those about a tensor.
enum class ConditionKind : std::uint8_t {
  always,
  gqa_at_least,
  gqa_below,  // query heads per KV head, in layer 0
  experts,
  experts_not,
  experts_at_least,
  architecture,
  architecture_not,  // general.architecture
  like_70b,          // 8 query heads per KV head in a large model; see ShapeFacts
  imatrix,           // an importance matrix is available
  release,
  chosen,             // the type that earlier rules chose
  row_fits_default,   // the row length is a multiple of the default type's block
  three_dimensional,  // expert and MLA tensors
  in_first,
  after_first,
  before_last,    // layer i of n: i < n/N, i ≥ n/N, i < (N-1)·n/N
  more_bits,      // first eighth, last eighth, and every third layer in between
  v_below,        // fewer V-like tensors than N before this one
  v_more_bits,    // more_bits, counting V-like tensors
  down_in_first,  // in_first, counting ffn_down tensors
};

struct Condition {
  ConditionKind kind = ConditionKind::always;
  bool expected = true;      // of yes-or-no conditions
  std::uint32_t number = 0;  // a count, an ElementType or a QuantizerRelease
  std::string_view text;     // an architecture
  friend bool operator==(const Condition&, const Condition&) = default;
};

// Rules apply in order and the last match decides, so an exception comes after its rule.
struct Rule {
  CategorySet tensors = 0;
  std::array<Condition, 4> conditions{};  // all must be true
  ElementType type = ElementType::f32;
  friend bool operator==(const Rule&, const Rule&) = default;
};

// For which models the quantizer requires an importance matrix.
enum class ImatrixNeed : std::uint8_t { never, nearly_always, always };
enum class QualityClass : std::uint8_t { none, negligible, small, moderate, large, extreme, unknown };

std::string_view to_string(ImatrixNeed need);
std::string_view to_string(QualityClass quality);
std::string_view to_string(QuantizerRelease release);

// Texts and lists live as long as the catalog, and forever if they are embedded.
struct FileType {
  std::string_view name;                // "Q4_K_M"
  std::uint32_t ftype = 0;              // general.file_type
  ElementType type = ElementType::f32;  // of tensors that no rule names
  std::span<const Rule> rules;
  std::span<const std::string_view> aliases;
  std::string_view derived_from;  // the base of a publisher's variant; empty for llama-quantize's own types
  double nominal_bits = 0;        // as model-card sites count; 0 if they do not list it
  std::uint32_t nominal_quality = 0;  // per cent, as their charts show it; 0 if they do not
  std::string_view quality;           // one line
  QualityClass quality_class = QualityClass::unknown;
  double kld = 0;  // measured without and with an importance matrix; 0 if not measured
  double kld_imatrix = 0;
  ImatrixNeed needs_imatrix = ImatrixNeed::never;
  bool refuses_q2_K_without_imatrix = false;
  bool in_default_table = false;
  std::string_view source;
};

// Bits per value of the default element type.
double bits_of_type(const FileType& file_type);
// The measured loss, without an importance matrix if that was measured; 0 if not measured.
double measured_loss(const FileType& file_type);

// By name or alias, ignoring case; null if unknown.
const FileType* find_file_type(std::span<const FileType> file_types, std::string_view name);

struct QuantizeOptions {
  // Empty: an importance matrix is used only if the quantizer refuses the file type without one.
  std::optional<bool> imatrix;
  QuantizerRelease release = QuantizerRelease::v0_5_0;

  // True: also quantize tensors whose type the checkpoint fixes (gpt-oss experts: mxfp4), as llama-quantize
  // does with --allow-requantize. Published files keep them.
  bool requantize_native = false;

  friend bool operator==(const QuantizeOptions&, const QuantizeOptions&) = default;
};

}  // namespace vramcalc
