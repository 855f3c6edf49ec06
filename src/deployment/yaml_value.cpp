#include "deployment/yaml.hpp"

namespace vramcalc::deployment {

const Yaml* Yaml::find(std::string_view key) const {
  for (const auto& [name, value] : members)
    if (name == key) return &value;
  return nullptr;
}

const Yaml* Yaml::at(std::initializer_list<std::string_view> path) const {
  const Yaml* value = this;
  for (const std::string_view key : path) {
    value = value->find(key);
    if (value == nullptr) return nullptr;
  }
  return value;
}

std::string Yaml::text_of(std::string_view key) const {
  const Yaml* value = find(key);
  return value != nullptr && value->is_scalar() ? value->text : std::string();
}

}  // namespace vramcalc::deployment
