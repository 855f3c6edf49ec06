#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>

#include "deployment/formats/compose_file.hpp"

namespace vramcalc::deployment {
namespace {

// The last one of a name counts.
class Environment {
 public:
  void set(std::string name, Word value) {
    const auto [place, is_new] = places_.try_emplace(name, variables_.size());
    if (is_new)
      variables_.push_back({std::move(name), std::move(value)});
    else
      variables_[place->second].value = std::move(value);
  }
  std::vector<Variable> take() { return std::move(variables_); }

 private:
  std::vector<Variable> variables_;
  std::unordered_map<std::string, std::size_t> places_;
};

// A name alone takes the value of whoever starts the services.
Word inherited(const ComposeFile& file, const std::string& name, const Position& at) {
  const auto known = std::ranges::find(file.variables, name, &Variable::name);
  if (known != file.variables.end()) return {known->value.text, at};
  return {fmt::format("${{{}}}", name),
          at,
          {{name, "is taken from the environment of whoever starts the services",
            fmt::format("--set {}=VALUE", name)}}};
}

void add_item(const ComposeFile& file, const Yaml& item, Environment& environment) {
  if (!item.is_scalar()) return;
  const std::size_t equals = item.text.find('=');
  if (equals == item.text.npos)
    return environment.set(item.text, inherited(file, item.text, place(file, item)));
  Yaml value = item;
  value.text.erase(0, equals + 1);
  environment.set(item.text.substr(0, equals), compose_word(file, value));
}

constexpr std::array<std::string_view, 2> beside = {".env", "./.env"};

void add_file(ComposeFile& file, const Yaml& entry, Environment& environment) {
  const Yaml* path = entry.is_map() ? entry.find("path") : &entry;
  if (path == nullptr || !path->is_scalar()) return;
  const Word word = compose_word(file, *path);
  if (std::ranges::find(beside, word.text) == beside.end()) {
    environment.set(
        "*",
        {word.text, word.at, {{word.text, "is a file of variables that is not read", "--set NAME=VALUE"}}});
    return;
  }
  charge_copies(file, file.variables.size(), entry);
  for (const Variable& variable : file.variables)
    environment.set(variable.name, {variable.value.text, word.at});
}

}  // namespace

std::vector<Variable> compose_environment(ComposeFile& file, const Yaml& service) {
  Environment environment;
  if (const Yaml* files = service.find("env_file")) {
    if (!files->is_list()) add_file(file, *files, environment);
    for (const Yaml& entry : files->items) add_file(file, entry, environment);
  }
  const Yaml* variables = service.find("environment");
  if (variables == nullptr) return environment.take();
  for (const Yaml& item : variables->items) add_item(file, item, environment);
  for (const auto& [name, value] : variables->members)
    environment.set(
        name, value.is_scalar() ? compose_word(file, value) : inherited(file, name, place(file, value)));
  return environment.take();
}

}  // namespace vramcalc::deployment
