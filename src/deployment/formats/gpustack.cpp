#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "deployment/formats/pod_spec.hpp"
#include "deployment/formats/readers.hpp"
#include "deployment/formats/written_words.hpp"
#include "model/letters.hpp"

// GPUStack's models (docs: user-guide/model-deployment-management), its catalogs, and backends of users.
namespace vramcalc::deployment {
namespace {

constexpr int deepest = 8;

Word word_at(const Documents& documents, const Yaml& value) {
  return expand(value.text, position(documents, value), Expansion::none, {}, documents.supplied);
}

// What names the model: a repository, or a path of the workers.
constexpr std::array<std::string_view, 3> sources = {"huggingface_repo_id", "model_scope_model_id",
                                                     "local_path"};

const Yaml* source_of(const Yaml& model) {
  for (const std::string_view name : sources)
    if (const Yaml* value = model.find(name); value != nullptr && value->is_scalar()) return value;
  return nullptr;
}

struct Backend {
  std::string_view name;
  std::string_view start;
  std::string_view parallel;  // how the flags of parallel sizes begin
};
constexpr std::array backends = {
    Backend{"vllm",   "vllm serve",                                   "--tensor-parallel-size"},
    Backend{"sglang", "python3 -m sglang.launch_server --model-path", "--tp-size"             },
};

const Backend* find_backend(std::string_view name) {
  const auto found =
      std::ranges::find_if(backends, [&](const Backend& row) { return same_letters(row.name, name); });
  return found == backends.end() ? nullptr : &*found;
}

// An element may hold a flag and its value: "--max-model-len 8192".
void add_parameters(const Documents& documents, const Yaml& model, std::vector<Word>& words) {
  const Yaml* parameters = model.find("backend_parameters");
  if (parameters == nullptr) return;
  for (const Yaml& parameter : parameters->items) {
    const Word word = word_at(documents, parameter);
    for (const std::string_view written : written_words(word.text))
      words.push_back({unquoted(written), word.at, word.holes});
  }
}

bool says_parallel(const std::vector<Word>& words) {
  constexpr std::array<std::string_view, 4> flags = {"--tensor-parallel-size", "-tp", "--tp-size", "--tp"};
  return std::ranges::any_of(words, [&](const Word& word) {
    return std::ranges::find(flags, std::string_view(word.text).substr(0, word.text.find('='))) !=
           flags.end();
  });
}

// GPUStack chooses the GPUs of a model, and as many, unless the model says.
void add_gpus(const Documents& documents, const Yaml& model, const Backend& backend, Launch& launch,
              std::vector<Word>& words) {
  const Yaml* each = model.at({"gpu_selector", "gpus_per_replica"});
  const Yaml* identities = model.at({"gpu_selector", "gpu_ids"});
  std::optional<std::uint32_t> count = whole_number(each);
  if (!count && identities != nullptr) count = static_cast<std::uint32_t>(identities->items.size());
  if (count) {
    launch.gpus.count = count;
    launch.gpus.said_as = fmt::format("gpu_selector: {}", *count);
    launch.gpus.at = position(documents, each != nullptr ? *each : *identities);
  }
  if (says_parallel(words)) return;
  if (!count) {
    launch.holes.push_back({"gpu_selector", "does not say how many GPUs GPUStack is to take",
                            fmt::format("write gpus_per_replica or {}", backend.parallel)});
    return;
  }
  words.push_back({std::string(backend.parallel), launch.gpus.at});
  words.push_back({fmt::format("{}", *count), launch.gpus.at});
}

std::vector<Variable> environment_of(const Documents& documents, const Yaml& model) {
  std::vector<Variable> environment;
  if (const Yaml* variables = model.find("env"))
    for (const auto& [name, value] : variables->members)
      if (value.is_scalar()) environment.push_back({name, word_at(documents, value)});
  return environment;
}

void read_model(const Documents& documents, const Yaml& model, std::string_view name, Reading& reading) {
  const Yaml& source = *source_of(model);
  Launch launch;
  launch.name = model.text_of("name").empty() ? std::string(name) : model.text_of("name");
  if (launch.name.empty()) launch.name = source.text;
  launch.at = position(documents, model);
  launch.environment = environment_of(documents, model);
  launch.replicas = whole_number(model.find("replicas")).value_or(1);
  if (const std::string release = model.text_of("backend_version"); !release.empty())
    launch.release = release.substr(release.starts_with('v') ? 1 : 0);
  const std::string said = model.text_of("backend");
  const Backend* backend = find_backend(said);
  if (backend == nullptr) {
    const std::string why = said.empty()
                                ? "has no backend, and GPUStack chooses one by the model"
                                : fmt::format("is served by {}, whose parameters are not read", said);
    return add_unread(launch, why, reading, said.empty() ? "write the backend into the file" : "");
  }
  std::vector<Word> words;
  for (const std::string_view word : written_words(backend->start))
    words.push_back({std::string(word), launch.at});
  words.push_back(word_at(documents, source));
  add_parameters(documents, model, words);
  add_gpus(documents, model, *backend, launch, words);
  if (!add_command(words, launch, documents.supplied, reading))
    add_unread(launch, "is started by a program that is not known", reading);
}

// A version of a user's own backend: {{model_path}} and {{port}} are filled in when a model is deployed.
void read_version(const Documents& documents, const std::string& version, const Yaml& config,
                  const Yaml* fallback, Reading& reading) {
  const Yaml* command = config.find("run_command");
  if (command == nullptr) command = fallback;
  Launch launch;
  launch.name = fmt::format("{} {}", documents.document.text_of("backend_name"), version);
  launch.at = position(documents, config);
  launch.image = config.text_of("image_name");
  std::vector<Word> words;
  if (command != nullptr) {
    for (const std::string_view written : written_words(command->text)) {
      Word word = expand(written, position(documents, *command), Expansion::none, {}, documents.supplied);
      word.text = unquoted(word.text);
      words.push_back(std::move(word));
    }
  }
  if (!add_command(words, launch, documents.supplied, reading))
    add_unread(launch, "runs a program whose command line is not read", reading);
}

void read_backend(const Documents& documents, Reading& reading) {
  const Yaml* fallback = documents.document.find("default_run_command");
  for (const auto& [version, config] : documents.document.find("version_configs")->members)
    if (config.is_map()) read_version(documents, version, config, fallback, reading);
}

// Models lie in lists and maps of their own: model_sets, specs.
void read_models(const Documents& documents, const Yaml& value, std::string_view name, int depth,
                 Reading& reading) {
  if (depth > deepest) return;
  if (value.is_map() && source_of(value) != nullptr) return read_model(documents, value, name, reading);
  const std::string own = value.text_of("name");
  for (const Yaml& item : value.items)
    read_models(documents, item, own.empty() ? name : own, depth + 1, reading);
  for (const auto& [key, member] : value.members)
    read_models(documents, member, own.empty() ? name : own, depth + 1, reading);
}

bool has_model(const Yaml& value, int depth) {
  if (depth > deepest) return false;
  if (value.is_map() && source_of(value) != nullptr) return true;
  return std::ranges::any_of(value.items, [&](const Yaml& item) { return has_model(item, depth + 1); }) ||
         std::ranges::any_of(value.members,
                             [&](const auto& member) { return has_model(member.second, depth + 1); });
}

bool is_backend(const Yaml& document) {
  const Yaml* versions = document.find("version_configs");
  return document.find("backend_name") != nullptr && versions != nullptr && versions->is_map();
}

}  // namespace

bool is_gpustack(const Yaml& document) {
  return document.find("apiVersion") == nullptr && (is_backend(document) || has_model(document, 0));
}

void read_gpustack(const Documents& documents, Reading& reading) {
  if (is_backend(documents.document)) return read_backend(documents, reading);
  read_models(documents, documents.document, "", 0, reading);
}

}  // namespace vramcalc::deployment
