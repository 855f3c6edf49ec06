#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "report/report.hpp"

namespace vramcalc::report {
namespace {

// The GGUF key of a config field, without the architecture prefix (llama.cpp 0.5.0,
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

void describe_as_gguf(Explanation& why, bool as_in_file) {
  for (Ingredient& each : why.ingredients) {
    if (each.origin == Origin::shape) each.key = as_gguf_keys(std::move(each.key));
    if (each.origin == Origin::quantization && as_in_file) each.key = "as the file holds them";
  }
}

std::string shape_of(const ModelSummary& summary) {
  const Model& model = summary.model;
  if (summary.stored && !summary.stored->files.empty()) return summary.stored->files[0];
  if (summary.source == "catalog")
    return fmt::format("catalog entry {}{}{}", model.id, model.source.empty() ? "" : ": ", model.source);
  return fmt::format("config.json of {}", model.name);
}

}  // namespace

ExplanationReport explain(const ModelSummary& summary, Session& session, const Estimate& estimate,
                          const Quantization& quantization, const Demand& demand) {
  ExplanationReport report{shape_of(summary), {}, {}};
  const bool as_in_file = std::holds_alternative<FileContents>(quantization);
  const PlaceEstimate* before = nullptr;
  for (const PlaceEstimate& each : estimate.places) {
    // Ranks of one engine are alike; one of them says it all.
    const bool is_alike = before != nullptr && before->terms == each.terms && !each.place.is_host();
    before = &each;
    if (is_alike) continue;
    for (const Term& term : each.terms) {
      Explanation why = session.explain(term.kind, quantization, demand);
      if (why.formula.empty()) why.formula = term.why;
      if (summary.stored) describe_as_gguf(why, as_in_file);
      report.terms.push_back({each.place, term.kind, term.amount, term.basis, std::move(why)});
    }
  }
  return report;
}

std::vector<ExplainedSpeed> explained_speeds(Session& session, const Quantization& quantization,
                                             const Load& load, const Machine& machine) {
  if (!load.fits) return {};
  return session.explain_speed(quantization, load, machine);
}

}  // namespace vramcalc::report
