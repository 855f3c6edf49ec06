#include <fmt/format.h>

#include "render/sections.hpp"

namespace vramcalc::render {
namespace {

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

std::string explained(const std::string& headline, const Explanation& why, const Style& style) {
  std::string out = paint(wrap(headline, 2, 4, style), Ink::bold, style);
  out += wrap("= " + why.formula, 4, 6, style);
  for (const Ingredient& each : why.ingredients)
    out += wrap(fmt::format("{} {} [{}]", each.name, each.value, from(each)), 4, 6, style);
  if (!why.rule.empty()) out += paint(wrap("rule: " + why.rule, 4, 6, style), Ink::dim, style);
  return out;
}

std::string term_text(const ExplainedTerm& term, const Figures& figures, const Style& style) {
  return explained(fmt::format("{} on {}: {} ({} bytes), {}", term_title(term.kind), to_string(term.place),
                               figures.with_unit(term.amount.best), grouped(term.amount.best.count()),
                               to_string(term.basis)),
                   term.explanation, style);
}

std::string speed_of(const ExplainedSpeed& speed, const Style& style) {
  const std::string estimate =
      speed.tokens_per_second ? fmt::format("estimated at {} tokens/s", speed_text(*speed.tokens_per_second))
                              : "not known";
  return explained(fmt::format("{} speed: {}", speed.name, estimate), speed.explanation, style);
}

}  // namespace

std::string explanation_text(const std::optional<ExplanationReport>& explanation, const Figures& figures,
                             const Style& style) {
  if (!explanation) return {};
  std::string out =
      wrap(paint("Explained.", Ink::bold, style) + " The model is " + explanation->shape, 0, 2, style);
  for (const ExplainedTerm& term : explanation->terms) out += term_text(term, figures, style);
  for (const ExplainedSpeed& speed : explanation->speeds) out += speed_of(speed, style);
  return out;
}

}  // namespace vramcalc::render
