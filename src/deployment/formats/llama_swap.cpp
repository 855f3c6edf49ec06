#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "deployment/finding_codes.hpp"
#include "deployment/formats/pod_spec.hpp"
#include "deployment/formats/readers.hpp"
#include "deployment/formats/source_lines.hpp"
#include "deployment/formats/swapping.hpp"
#include "deployment/formats/written_words.hpp"
#include "deployment/yaml_text.hpp"

// llama-swap, config.example.yaml and proxy/config.
namespace vramcalc::deployment {
namespace {

constexpr std::size_t longest_text = 65536;  // macros hold macros
constexpr std::size_t most_macros = 1'000;
constexpr std::size_t most_copied = 20'000'000;

struct Macro {
  std::string name, value;
};
using Macros = std::vector<Macro>;

// The value of ${name}; null if no macro has the name.
const std::string* find_macro(const Macros& macros, std::string_view name) {
  const auto found =
      std::find_if(macros.rbegin(), macros.rend(), [&](const Macro& macro) { return macro.name == name; });
  return found == macros.rend() ? nullptr : &found->value;
}

std::string with_macros(std::string_view text, const Macros& macros, const Position& at) {
  std::string result;
  while (true) {
    const std::size_t begin = text.find("${"), end = text.find('}', std::min(begin, text.size()));
    if (begin == text.npos || end == text.npos) return result.append(text);
    result += text.substr(0, begin);
    const std::string* value = find_macro(macros, text.substr(begin + 2, end - begin - 2));
    result += value != nullptr ? std::string_view(*value) : text.substr(begin, end + 1 - begin);
    if (result.size() > longest_text) fail_at(at, "the macros make a text that is too long");
    text.remove_prefix(end + 1);
  }
}

// A macro may hold those before it.
void add_macros(const Yaml* values, const std::string& file, Macros& macros) {
  if (values == nullptr) return;
  for (const auto& [name, value] : values->members)
    if (value.is_scalar() && macros.size() < most_macros)
      macros.push_back({name, with_macros(value.text, macros, {file, value.line})});
}

bool is_comment(std::string_view line) {
  const std::size_t begin = line.find_first_not_of(" \t");
  return begin != line.npos && line[begin] == '#';
}

std::string without_comments(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (!is_comment(text.substr(0, end))) result.append(text.substr(0, end)).push_back('\n');
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

struct SwapFile {
  const Documents& documents;
  SourceLines lines;
  std::uint64_t next_port = 5800;
  std::size_t copied = 0;  // macros, for each model anew
};

// What is left of ${name} is no macro of the file; llama-swap refuses it.
void add_holes(std::string_view text, Word& word) {
  for (std::size_t begin = text.find("${"); begin != text.npos; begin = text.find("${", begin + 2)) {
    const std::size_t end = std::min(text.find('}', begin), text.size());
    std::string name(text.substr(begin + 2, end - begin - 2));
    if (name.starts_with("env.")) name.erase(0, 4);
    Hole hole{name, "is a macro that the configuration does not have", fmt::format("--set {}=VALUE", name)};
    if (std::ranges::find(word.holes, hole) == word.holes.end()) word.holes.push_back(std::move(hole));
  }
}

Word word_of(const SwapFile& file, std::string_view written, const Position& at) {
  Word word = expand(written, at, Expansion::none, {}, file.documents.supplied);
  add_holes(written, word);
  word.text = unquoted(word.text);
  return word;
}

std::vector<Word> words_of(const SwapFile& file, const Yaml& command, const Macros& macros) {
  const Position at{file.documents.input.name, command.line};
  const std::string text = with_macros(without_comments(command.text), macros, at);
  SourceLines::Cursor cursor = file.lines.from(command.line);
  std::vector<Word> words;
  for (const std::string_view written : written_words(text))
    words.push_back(word_of(file, written, {at.file, cursor.next(written)}));
  return words;
}

std::vector<Variable> environment_of(const SwapFile& file, const Yaml& model, const Macros& macros) {
  std::vector<Variable> environment;
  const Yaml* variables = model.find("env");
  if (variables == nullptr) return environment;
  for (const Yaml& item : variables->items) {
    const Position at{file.documents.input.name, item.line};
    const std::size_t equals = item.text.find('=');
    if (equals == item.text.npos) continue;
    const std::string value = with_macros(std::string_view(item.text).substr(equals + 1), macros, at);
    environment.push_back({item.text.substr(0, equals), word_of(file, value, at)});
  }
  return environment;
}

// ${PORT} counts up from startPort; ${env.NAME} is of the environment.
Macros macros_of(SwapFile& file, const std::string& name, const Yaml& model) {
  Macros macros;
  for (const auto& [variable, value] : file.documents.supplied.variables) {
    macros.push_back({variable, value});
    macros.push_back({"env." + variable, value});
  }
  macros.push_back({"PORT", std::to_string(file.next_port++)});
  macros.push_back({"MODEL_ID", name});
  add_macros(file.documents.document.find("macros"), file.documents.input.name, macros);
  add_macros(model.find("macros"), file.documents.input.name, macros);
  for (const Macro& macro : macros) file.copied += macro.value.size() + macros.size();
  if (file.copied > most_copied)
    fail_at({file.documents.input.name, model.line}, "the models and their macros are too many");
  return macros;
}

// What the command leaves open may be its program.
void add_unknown(Launch launch, const std::vector<Word>& words, Reading& reading) {
  for (const Word& word : words)
    for (const Hole& hole : word.holes)
      if (std::ranges::find(launch.holes, hole) == launch.holes.end()) launch.holes.push_back(hole);
  if (launch.holes.empty()) return add_unread(launch, "is started by a program that is not known", reading);
  reading.launches.push_back(std::move(launch));
}

void read_model(SwapFile& file, const std::string& name, const Yaml& model, Reading& reading) {
  const Yaml* command = model.find("cmd");
  const Macros macros = macros_of(file, name, model);
  Launch launch;
  launch.name = name;
  launch.at = {file.documents.input.name, model.line};
  launch.machine = file.documents.input.name;
  launch.environment = environment_of(file, model, macros);
  const std::vector<Word> words = command == nullptr ? std::vector<Word>() : words_of(file, *command, macros);
  const std::size_t begin = reading.launches.size();
  if (!add_command(words, launch, file.documents.supplied, reading)) add_unknown(launch, words, reading);
  for (std::size_t i = begin; i < reading.launches.size(); ++i) reading.launches[i].name = name;
}

void add_aliases(const Yaml& model, std::size_t place, ModelPlaces& places) {
  const Yaml* aliases = model.find("aliases");
  if (aliases == nullptr) return;
  for (const Yaml& alias : aliases->items) {
    const Yaml* id = alias.is_map() ? alias.find("id") : &alias;
    if (id != nullptr) places.emplace(id->text, place);
  }
}

// Launches of models at these places.
std::vector<std::size_t> launches_of(const std::vector<std::size_t>& models,
                                     const std::vector<std::size_t>& begins) {
  std::vector<std::size_t> result;
  for (const std::size_t model : models)
    for (std::size_t i = begins[model]; i < begins[model + 1]; ++i) result.push_back(i);
  return result;
}

}  // namespace

bool is_llama_swap(const Yaml& document) {
  const Yaml* models = document.find("models");
  if (models == nullptr || !models->is_map() || document.find("apiVersion") != nullptr) return false;
  return std::ranges::any_of(models->members, [](const auto& member) {
    const Yaml* command = member.second.find("cmd");
    return command != nullptr && command->is_scalar();
  });
}

void read_llama_swap(const Documents& documents, Reading& reading) {
  SwapFile file{documents, SourceLines(documents.input.text)};
  if (const auto port = whole_number(documents.document.find("startPort"))) file.next_port = *port;
  ModelPlaces places;
  std::vector<std::size_t> begins;
  for (const auto& [name, model] : documents.document.find("models")->members) {
    places.emplace(name, begins.size());
    begins.push_back(reading.launches.size());
    read_model(file, name, model, reading);
  }
  std::size_t place = 0;
  for (const auto& [name, model] : documents.document.find("models")->members)
    add_aliases(model, place++, places);
  const std::optional<ModelSets> sets = models_at_once(documents.document, places, begins.size());
  begins.push_back(reading.launches.size());
  if (!sets) {
    reading.findings.push_back(finding("unresolved", "which of the models may run at once was not found out",
                                       {documents.input.name, documents.document.line}));
    return;
  }
  Together together{.machine = documents.input.name, .sets = {}};
  for (const auto& set : *sets) together.sets.push_back(launches_of(set, begins));
  reading.together.push_back(std::move(together));
}

}  // namespace vramcalc::deployment
