#include <fmt/format.h>

#include "render/sections.hpp"

namespace vramcalc::render {
namespace {

void add(std::vector<std::string>& parts, std::string text, std::string_view value) {
  if (!value.empty()) parts.push_back(std::move(text));
}

std::string parameter_count(const Parameters& parameters) {
  const std::uint64_t shown = parameters.trunk + parameters.towers;
  std::string text = parameters_text(shown) + " parameters";
  if (parameters.active != 0 && parameters_text(parameters.active) != parameters_text(shown))
    text += fmt::format(", {} active", parameters_text(parameters.active));
  return text;
}

}  // namespace

std::string specification(const ModelSummary& summary, const Style& style) {
  const Model& model = summary.model;
  std::vector<std::string> what = {paint(model.name, Ink::bold, style)};
  add(what, model.publisher, model.publisher);
  what.push_back(parameter_count(summary.parameters));
  if (model.packed) what.push_back(parameters_text(model.packed->stored_elements) + " stored elements");
  what.push_back(grouped(model.architecture.context_length) + " tokens");
  add(what, model.license, model.license);

  std::vector<std::string> how;
  add(how, model.architecture_class, model.architecture_class);
  if (model.architecture.vocab_size != 0)
    how.push_back("vocabulary " + grouped(model.architecture.vocab_size));
  add(how, model.release_date, model.release_date);
  add(how, "family " + model.family, model.family);
  add(how, "hf.co/" + model.hf_repo, model.hf_repo);
  return flow(what, {dot(style)}, style) + flow(how, {dot(style)}, style);
}

}  // namespace vramcalc::render
