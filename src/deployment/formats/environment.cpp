#include "deployment/formats/environment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>

namespace vramcalc::deployment {
namespace {

constexpr std::size_t most_variables = 1000;  // lookups go through all of them
constexpr std::size_t most_files = 64;
constexpr std::size_t largest_file = 1 << 20;  // etcd takes no larger ConfigMap

// Variables by name, the last value of each.
class Environment {
 public:
  explicit Environment(const Documents& documents) : documents_(documents) {}

  void set(std::string name, Word value) {
    if (name.empty()) return;
    const auto [place, is_new] = places_.try_emplace(name, variables_.size());
    if (!is_new) {
      variables_[place->second].value = std::move(value);
    } else if (variables_.size() < most_variables) {
      variables_.push_back({std::move(name), std::move(value)});
    } else {
      places_.erase(place);
    }
  }

  // A value that the input does not have, unless the user supplies it.
  void set_unknown(const std::string& name, const Position& at, std::string_view why) {
    const auto& supplied = documents_.supplied.variables;
    const auto found = std::ranges::find(supplied, name, [](const auto& variable) { return variable.first; });
    if (found != supplied.end()) return set(name, {found->second, at, {}});
    set(name,
        {fmt::format("$({})", name), at, {{name, std::string(why), fmt::format("--set {}=VALUE", name)}}});
  }

  void set_text(const std::string& name, const Yaml& value) {
    set(name, expand(value.text, position(documents_, value), Expansion::kubernetes, variables_,
                     documents_.supplied));
  }

  std::vector<Variable> take() { return std::move(variables_); }

 private:
  const Documents& documents_;
  std::vector<Variable> variables_;
  std::unordered_map<std::string, std::size_t> places_;
};

struct Unknown {
  std::string_view source;
  std::string_view why;
};
constexpr std::array unknown_sources = {
    Unknown{"secretKeyRef",     "comes from a Secret, whose values are not read"},
    Unknown{"fieldRef",         "is filled in when the pod starts"              },
    Unknown{"resourceFieldRef", "is filled in when the pod starts"              },
    Unknown{"fileKeyRef",       "comes from a file of the pod"                  },
};

const Yaml* config_map_value(const Yaml& reference, const Documents& documents) {
  const Yaml* map = find_object(documents, "ConfigMap", reference.text_of("name"));
  const Yaml* data = map == nullptr ? nullptr : map->find("data");
  const Yaml* value = data == nullptr ? nullptr : data->find(reference.text_of("key"));
  return value != nullptr && value->is_scalar() ? value : nullptr;
}

void set_from(const std::string& name, const Yaml& from, const Documents& documents,
              Environment& environment) {
  const Position at = position(documents, from);
  if (const Yaml* reference = from.find("configMapKeyRef")) {
    if (const Yaml* value = config_map_value(*reference, documents))
      return environment.set(name, {value->text, position(documents, *value), {}});
    return environment.set_unknown(
        name, at,
        fmt::format("comes from the ConfigMap {}, which is not in the input", reference->text_of("name")));
  }
  for (const auto& [source, why] : unknown_sources)
    if (from.find(source) != nullptr) return environment.set_unknown(name, at, why);
}

// envFrom with a ConfigMap of the input. Of others no names are known.
void set_all_from(const Yaml& source, const Documents& documents, Environment& environment) {
  const Yaml* reference = source.find("configMapRef");
  if (reference == nullptr) return;
  const Yaml* map = find_object(documents, "ConfigMap", reference->text_of("name"));
  const Yaml* data = map == nullptr ? nullptr : map->find("data");
  if (data == nullptr) return;
  for (const auto& [key, value] : data->members)
    if (value.is_scalar())
      environment.set(source.text_of("prefix") + key, {value.text, position(documents, value), {}});
}

// A list of names and values, as Kubernetes has it, or a map, as some operators do.
void set_all(const Yaml& list, const Documents& documents, Environment& environment) {
  for (const auto& [name, value] : list.members)
    if (value.is_scalar()) environment.set_text(name, value);
  for (const Yaml& variable : list.items) {
    const std::string name = variable.text_of("name");
    if (const Yaml* from = variable.find("valueFrom"))
      set_from(name, *from, documents, environment);
    else if (const Yaml* value = variable.find("value"); value != nullptr && value->is_scalar())
      environment.set_text(name, *value);
    else
      environment.set(name, {"", position(documents, variable), {}});
  }
}

using Files = std::vector<std::pair<std::string, std::string>>;

struct Mount {
  std::string path, sub_path;
};

void add_file(const Mount& mount, const std::string& name, const Yaml& text, Files& files) {
  if (files.size() >= most_files || text.text.size() > largest_file) return;
  if (!mount.sub_path.empty()) {
    if (mount.sub_path == name) files.emplace_back(mount.path, text.text);
    return;
  }
  files.emplace_back(mount.path + (mount.path.ends_with("/") ? "" : "/") + name, text.text);
}

void add_config_map(const Yaml& volume, const Mount& mount, const Documents& documents, Files& files) {
  const std::string name =
      volume.find("name") != nullptr ? volume.text_of("name") : volume.text_of("configMapName");
  const Yaml* map = find_object(documents, "ConfigMap", name);
  const Yaml* data = map == nullptr ? nullptr : map->find("data");
  if (data == nullptr) return;
  const Yaml* items = volume.find("items");
  if (items == nullptr) {
    for (const auto& [key, text] : data->members)
      if (text.is_scalar()) add_file(mount, key, text, files);
    return;
  }
  for (const Yaml& item : items->items)
    if (const Yaml* text = data->find(item.text_of("key")); text != nullptr && text->is_scalar())
      add_file(mount, item.text_of("path"), *text, files);
}

const Yaml* find_volume(const Yaml& spec, std::string_view name) {
  const Yaml* volumes = spec.find("volumes");
  if (volumes == nullptr) return nullptr;
  for (const Yaml& volume : volumes->items)
    if (volume.text_of("name") == name) return &volume;
  return nullptr;
}

}  // namespace

std::vector<Variable> container_environment(const Yaml& container, const Pods& pods,
                                            const Documents& documents) {
  Environment environment(documents);
  for (const Variable& variable : pods.environment) environment.set(variable.name, variable.value);
  if (const Yaml* sources = container.find("envFrom"))
    for (const Yaml& source : sources->items) set_all_from(source, documents, environment);
  for (const std::string_view key : {"env", "envs"})  // Dynamo writes envs
    if (const Yaml* list = container.find(key)) set_all(*list, documents, environment);
  return environment.take();
}

Files mounted_files(const Yaml& container, const Yaml& spec, const Documents& documents) {
  Files files;
  const Yaml* mounts = container.find("volumeMounts");
  if (mounts == nullptr) return files;
  for (const Yaml& entry : mounts->items) {
    const Yaml* volume = find_volume(spec, entry.text_of("name"));
    if (volume == nullptr) continue;
    const Mount mount{entry.text_of("mountPath"), entry.text_of("subPath")};
    if (const Yaml* map = volume->find("configMap")) add_config_map(*map, mount, documents, files);
    if (const Yaml* sources = volume->at({"projected", "sources"}))
      for (const Yaml& source : sources->items)
        if (const Yaml* map = source.find("configMap")) add_config_map(*map, mount, documents, files);
  }
  return files;
}

std::vector<std::pair<std::string, std::string>> mounted_folders(const Yaml& container, const Yaml& spec) {
  std::vector<std::pair<std::string, std::string>> folders;
  const Yaml* mounts = container.find("volumeMounts");
  if (mounts == nullptr) return folders;
  for (const Yaml& entry : mounts->items) {
    const Yaml* volume = find_volume(spec, entry.text_of("name"));
    const Yaml* path = volume == nullptr ? nullptr : volume->at({"hostPath", "path"});
    if (path == nullptr || folders.size() >= most_files) continue;
    const std::string sub_path = entry.text_of("subPath");
    folders.emplace_back(entry.text_of("mountPath"),
                         sub_path.empty() ? path->text : path->text + "/" + sub_path);
  }
  return folders;
}

}  // namespace vramcalc::deployment
