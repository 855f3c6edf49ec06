#include "launch_text.hpp"

#include <fmt/format.h>

#include "deployment/formats/readers_kubernetes.hpp"
#include "deployment/formats/workload.hpp"

namespace vramcalc::deployment {
namespace {

void append_holes(const std::vector<Hole>& holes, std::string& text) {
  for (const Hole& hole : holes) text += fmt::format(" | unresolved: {} {}", hole.name, hole.why);
}

std::string text_of(const GpuRequest& gpus) {
  std::string text;
  if (gpus.count) text += fmt::format(" | {} GPU", *gpus.count);
  if (gpus.fraction) text += fmt::format(" | {} of a GPU", *gpus.fraction);
  if (!gpus.hardware.empty()) text += fmt::format(" | {}", gpus.hardware);
  if (gpus.hardware.empty() && !gpus.said_as.empty()) text += fmt::format(" | \"{}\"", gpus.said_as);
  return text;
}

}  // namespace

std::string text_of(const Launch& launch) {
  std::string text = fmt::format("{}: {}", launch.name, launch.program.empty() ? "?" : launch.program);
  for (const Word& argument : launch.arguments) text += " " + argument.text;
  text += text_of(launch.gpus);
  if (launch.replicas != 1) text += fmt::format(" | {} replicas", launch.replicas);
  if (launch.pods != 1) text += fmt::format(" | {} pods", launch.pods);
  append_holes(launch.holes, text);
  for (const Word& argument : launch.arguments) append_holes(argument.holes, text);
  return text;
}

Reading reading_of(std::string_view manifest, const Supplied& supplied) {
  const Input input{"manifest.yaml", std::string(manifest)};
  const std::vector<Yaml> documents = parse_yaml(input);
  Reading reading;
  for (const Yaml& document : documents) {
    const Documents one{input, document, documents, supplied.variables, supplied};
    if (is_helm_values(document))
      read_helm_values(one, reading);
    else
      read_object(one, reading);
  }
  return reading;
}

std::vector<std::string> launches_of(std::string_view manifest, const Supplied& supplied) {
  std::vector<std::string> texts;
  for (const Launch& launch : reading_of(manifest, supplied).launches) texts.push_back(text_of(launch));
  return texts;
}

}  // namespace vramcalc::deployment
