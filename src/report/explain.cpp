#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "report/report.hpp"

namespace vramcalc::report {
namespace {

// What a GGUF calls a field of the config, without the architecture before it (llama.cpp 0.5.0,
// gguf-py/gguf/constants.py).
constexpr std::array<std::pair<std::string_view, std::string_view>, 9> gguf_keys{
    {
     {"num_hidden_layers", "block_count"},
     {"num_key_value_heads", "attention.head_count_kv"},
     {"head_dim", "attention.key_length, attention.value_length"},
     {"kv_lora_rank", "attention.kv_lora_rank"},
     {"qk_rope_head_dim", "rope.dimension_count"},
     {"sliding_window", "attention.sliding_window"},
     {"layer_types", "attention.sliding_window_pattern or tensors"},
     {"hidden_size", "embedding_length"},
     {"vocab_size", "tokenizer.ggml.tokens"},
     }
};

std::string as_gguf_keys(std::string key) {
  for (const auto& [field, gguf] : gguf_keys) {
    const std::size_t at = key.find(field);
    if (at != std::string::npos) key.replace(at, field.size(), gguf);
  }
  return key;
}

std::string shape_of(const ModelSummary& summary) {
  const Model& model = summary.model;
  if (summary.stored && !summary.stored->files.empty()) return summary.stored->files[0];
  if (summary.source == "catalog")
    return fmt::format("catalog entry {}{}{}", model.id, model.source.empty() ? "" : ": ", model.source);
  return fmt::format("config.json of {}", model.name);
}

}  // namespace

ExplanationReport explain(const ModelSummary& summary, Estimator& estimator, const Estimate& estimate,
                          const FileType& file_type, std::uint64_t context) {
  ExplanationReport report{shape_of(summary), estimator.explain(estimate, file_type, context), {}};
  if (!summary.stored) return report;
  for (ExplainedTerm& term : report.terms) {
    for (Ingredient& each : term.explanation.ingredients) {
      if (each.origin == Origin::shape) each.key = as_gguf_keys(std::move(each.key));
      if (each.origin == Origin::quantization && file_type.name == as_stored)
        each.key = "as the file holds them";
    }
  }
  return report;
}

std::vector<ExplainedSpeed> explained_speeds(Estimator& estimator, const FileType& file_type,
                                             std::uint64_t context, const Spread& spread,
                                             const Machine& machine) {
  if (!spread.fits || estimator.runtime().place == nullptr) return {};
  return explain_speed(estimator, file_type, context, spread.estimate, machine, spread.placement);
}

}  // namespace vramcalc::report
