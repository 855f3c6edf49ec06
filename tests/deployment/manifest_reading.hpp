#pragma once

#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "deployment/formats.hpp"

// What a format's reader makes of one document, for tests.
namespace vramcalc::deployment {

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct ManifestReader {
  bool (*recognises)(const Yaml& document);
  void (*read)(const Documents& documents, Reading& reading);

  Reading operator()(const std::string& text, const Pairs& set = {}, const Pairs& dot_env = {}) const {
    const Input input{"folder/file.yaml", text};
    const std::vector<Yaml> documents = parse_yaml(input);
    const Supplied supplied{.variables = set, .paths = {}};
    Pairs variables = set;
    variables.insert(variables.end(), dot_env.begin(), dot_env.end());
    Reading reading;
    for (const Yaml& document : documents) {
      REQUIRE(recognises(document));
      read({input, document, documents, variables, supplied}, reading);
    }
    return reading;
  }
};

// "vllm: --model x --port 8000"; a word with holes in braces.
inline std::string shown(const Launch& launch) {
  std::string text = launch.program + ":";
  for (const Word& word : launch.arguments)
    text += word.is_known() ? " " + word.text : " {" + word.text + "}";
  return text;
}
inline std::string shown(const std::vector<Launch>& launches) {
  std::string text;
  for (const Launch& launch : launches) text += launch.name + " " + shown(launch) + "\n";
  return text;
}
// Names of what a launch as a whole, or its arguments, leave open.
inline std::vector<std::string> open_names(const Launch& launch) {
  std::vector<std::string> names;
  for (const Hole& hole : launch.holes) names.push_back(hole.name);
  for (const Word& word : launch.arguments)
    for (const Hole& hole : word.holes) names.push_back(hole.name);
  return names;
}
// "count 2", "all", "[0, 1]", and the hardware.
inline std::string shown(const GpuRequest& gpus) {
  std::string text = gpus.all ? "all" : "";
  if (gpus.count) text += "count " + std::to_string(*gpus.count);
  for (const std::uint32_t index : gpus.indices) text += " #" + std::to_string(index);
  if (!gpus.hardware.empty()) text += " " + gpus.hardware;
  return text;
}

}  // namespace vramcalc::deployment
