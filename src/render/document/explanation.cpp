#include <fmt/format.h>

#include "render/document/answer.hpp"
#include "render/document/words.hpp"

namespace vramcalc::render {
namespace {

using Kind = Paragraph::Kind;

std::string from(const Ingredient& ingredient) {
  switch (ingredient.origin) {
    case Origin::shape: return "model: " + ingredient.key;
    case Origin::quantization: return ingredient.key;
    case Origin::flag: return "asked for: " + ingredient.key;
    case Origin::runtime_default: return "default of " + ingredient.key;
    case Origin::derived: return ingredient.key;
  }
  return {};
}

void add_explained(Section& to, std::string term, const Explanation& why) {
  to.add(Kind::term, std::move(term));
  to.add(Kind::ingredient, "= " + why.formula);
  for (const Ingredient& each : why.ingredients)
    to.add(Kind::ingredient, fmt::format("{} {} [{}]", each.name, each.value, from(each)));
  if (!why.rule.empty()) to.add(Kind::rule, "rule: " + why.rule);
}

std::string term_text(const ExplainedTerm& term, const Figures& figures) {
  return fmt::format("{} on {}: {} ({} bytes), {}", term_title(term.kind), to_string(term.place),
                     figures.with_unit(term.amount.best), grouped(term.amount.best.count()),
                     to_string(term.basis));
}

std::string speed_of(const ExplainedSpeed& speed) {
  return fmt::format(
      "{} speed: {}", speed.name,
      speed.estimate ? fmt::format("estimated at {} tokens/s", speed_text(speed.estimate->tokens_per_second))
                     : "unknown");
}

}  // namespace

void add_explanation(Section& to, const std::optional<ExplanationReport>& explanation,
                     const Figures& figures) {
  if (!explanation) return;
  to.add(Paragraph{
      Kind::statement, {{"Explanation.", Ink::bold}, " The model is " + explanation->shape}
  });
  for (const ExplainedTerm& term : explanation->terms)
    add_explained(to, term_text(term, figures), term.explanation);
  for (const ExplainedSpeed& speed : explanation->speeds)
    add_explained(to, speed_of(speed), speed.explanation);
}

}  // namespace vramcalc::render
