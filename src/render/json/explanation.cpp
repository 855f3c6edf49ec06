#include "render/json/write.hpp"

namespace vramcalc::render {
namespace {

std::string_view word(Origin origin) {
  switch (origin) {
    case Origin::shape: return "model";
    case Origin::quantization: return "quantization";
    case Origin::flag: return "flag";
    case Origin::runtime_default: return "default";
    case Origin::derived: return "derived";
  }
  return "unknown";
}

void write(JsonWriter& to, const Ingredient& ingredient) {
  to.member("name", ingredient.name);
  to.member("value", ingredient.value);
  to.member("origin", word(ingredient.origin));
  to.member("key", known(ingredient.key));
}

void write_explanation(JsonWriter& to, const Explanation& explanation) {
  to.member("formula", explanation.formula);
  to.objects("ingredients", explanation.ingredients,
             [&](const Ingredient& ingredient) { write(to, ingredient); });
  to.member("rule", known(explanation.rule));
}

void write(JsonWriter& to, const ExplainedTerm& term) {
  to.member("device", to_string(term.place));
  to.member("term", to_string(term.kind));
  to.member("bytes", term.amount.best.count());
  to.member("basis", to_string(term.basis));
  write_explanation(to, term.explanation);
}

void write(JsonWriter& to, const ExplainedSpeed& speed) {
  to.member("name", speed.name);
  write_range(to, "tokens_per_second",
              speed.estimate ? std::optional(speed.estimate->tokens_per_second) : std::nullopt);
  write_explanation(to, speed.explanation);
}

}  // namespace

void write(JsonWriter& to, const ExplanationReport& explanation) {
  to.member("model_from", explanation.shape);
  to.objects("terms", explanation.terms, [&](const ExplainedTerm& term) { write(to, term); });
  if (!explanation.speeds.empty())
    to.objects("speeds", explanation.speeds, [&](const ExplainedSpeed& speed) { write(to, speed); });
}

}  // namespace vramcalc::render
