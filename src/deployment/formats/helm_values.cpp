#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "deployment/accelerators.hpp"
#include "deployment/formats/engine_words.hpp"
#include "deployment/formats/pod_spec.hpp"
#include "deployment/formats/readers_kubernetes.hpp"
#include "deployment/formats/stack_values.hpp"
#include "deployment/formats/workload.hpp"
#include "model/letters.hpp"

namespace vramcalc::deployment {
namespace {

// Images of engines, by a part of their names.
constexpr std::array engine_images = {"vllm", "sglang", "llama.cpp", "llama-cpp", "ollama", "llm-d"};
constexpr std::array command_keys = {"command", "args", "extraArgs"};

bool is_engine_image(std::string_view image) {
  return std::ranges::any_of(engine_images,
                             [&](std::string_view part) { return contains_letters(image, part); });
}

Word filled(const Yaml& value, const Documents& documents) {
  return expand(value.text, position(documents, value), Expansion::compose, {}, documents.supplied);
}

// ---- the vLLM production stack ----

GpuRequest gpus_of_model(const Yaml& spec, const Yaml& engines, const Documents& documents) {
  GpuRequest gpus = gpu_request(nullptr, spec, documents);
  if (gpus.said_as.empty()) gpus = gpu_request(nullptr, engines, documents);
  const Yaml* count = spec.find("requestGPU");
  if (count == nullptr) return gpus;
  gpus.count = whole_number(count);
  const std::string type = spec.text_of("requestGPUType");
  if (is_slice_resource(type)) gpus.hardware.clear();
  if (gpus.said_as.empty() || is_slice_resource(type)) {
    gpus.said_as = fmt::format("{}: {}", type.empty() ? "requestGPU" : type, count->text);
    gpus.at = position(documents, *count);
  }
  return gpus;
}

// A cluster of Ray instead of replicas: a head and replicaCount workers, which run one engine.
void set_ray_pods(const Yaml& spec, Launch& launch) {
  if (!is_true(spec.at({"raySpec", "enabled"}))) return;
  const bool head_has_gpus = whole_number(spec.at({"raySpec", "headNode", "requestGPU"})).value_or(0) > 0;
  launch.pods = launch.replicas + (head_has_gpus ? 1 : 0);
  launch.replicas = 1;
}

void set_image(const Yaml& spec, Launch& launch) {
  const std::string repository = spec.text_of("repository"), tag = spec.text_of("tag");
  launch.image = tag.empty() ? repository : repository + ":" + tag;
}

void read_stack_model(const Yaml& spec, const Yaml& engines, const Documents& documents, Reading& reading) {
  const Yaml* enabled = spec.find("enabled");
  if (enabled != nullptr && !is_true(enabled)) return;
  Pods pods;
  pods.name = spec.text_of("name");
  if (const Yaml* scaling = spec.find("keda"); scaling != nullptr && is_true(scaling->find("enabled")))
    set_replicas(scaling->find("minReplicaCount"), scaling->find("maxReplicaCount"), pods, documents);
  else
    set_replicas(spec.find("replicaCount"), spec.find("replicaCount"), pods, documents);
  Launch launch = container_launch(spec, Yaml(), pods, documents);
  set_image(spec, launch);
  launch.gpus = gpus_of_model(spec, engines, documents);
  if (const Yaml* devices = spec.at({"lmcacheConfig", "cudaVisibleDevices"}))
    launch.environment.push_back({
        "CUDA_VISIBLE_DEVICES", {devices->text, position(documents, *devices), {}}
    });
  set_ray_pods(spec, launch);
  const Yaml* url = spec.find("modelURL");
  if (url == nullptr) return add_unread(std::move(launch), "has no modelURL", reading);
  add_command(stack_command(model_word(*url, documents), spec, documents), launch, documents.supplied,
              reading);
}

void read_stack(const Yaml& engines, const Documents& documents, Reading& reading) {
  const Yaml* enabled = engines.find("enableEngine");
  const Yaml* models = engines.find("modelSpec");
  if (models == nullptr || (enabled != nullptr && !is_true(enabled))) return;
  for (const Yaml& spec : models->items) read_stack_model(spec, engines, documents, reading);
}

// ---- the chart of Ollama (otwld/ollama-helm): ollama.models and ollama.gpu ----

GpuRequest ollama_gpus(const Yaml& values, const Documents& documents) {
  GpuRequest gpus = gpu_request(values.find("resources"), values, documents);
  const Yaml* gpu = values.at({"ollama", "gpu"});
  if (gpu == nullptr || !is_true(gpu->find("enabled"))) return gpus;
  gpus.count = whole_number(gpu->find("number")).value_or(1);  // the chart's default
  if (gpus.said_as.empty()) gpus.said_as = "ollama.gpu.enabled";
  gpus.at = position(documents, *gpu);
  return gpus;
}

std::vector<const Yaml*> ollama_models(const Yaml& models) {
  std::vector<const Yaml*> result;
  const auto add_all = [&](const Yaml* list) {
    if (list == nullptr) return;
    for (const Yaml& model : list->items)
      if (model.is_scalar()) result.push_back(&model);
  };
  add_all(&models);
  add_all(models.find("run"));
  if (result.empty()) add_all(models.find("pull"));
  return result;
}

void read_ollama(const Documents& documents, Reading& reading) {
  const Yaml& values = documents.document;
  Launch launch;
  launch.at = position(documents, values);
  launch.gpus = ollama_gpus(values, documents);
  launch.machine = "ollama";
  launch.image = "ollama/ollama";
  if (const Yaml* tag = values.at({"image", "tag"}); tag != nullptr && !tag->text.empty()) {
    const Word word = filled(*tag, documents);
    launch.image += ":" + word.text;
    launch.holes = word.holes;
  }
  if (const Yaml* replicas = values.find("replicaCount"))
    launch.replicas = whole_number(replicas).value_or(1);
  const Yaml* models = values.at({"ollama", "models"});
  for (const Yaml* model : models == nullptr ? std::vector<const Yaml*>() : ollama_models(*models)) {
    launch.name = model->text;
    launch.at = position(documents, *model);
    const std::vector<Word> words = {
        {"ollama", launch.at, {}},
        {"run",    launch.at, {}},
        filled(*model, documents)
    };
    add_command(words, launch, documents.supplied, reading);
  }
}

bool is_ollama(const Yaml& values) {
  const Yaml* ollama = values.find("ollama");
  return ollama != nullptr && ollama->find("models") != nullptr;
}

// ---- any other chart ----

std::string image_of(const Yaml& values) {
  const Yaml* image = values.find("image");
  if (image == nullptr) return {};
  if (image->is_scalar()) return image->text;
  const std::string repository = image->text_of("repository");
  const std::string name = repository.empty() ? image->text_of("name") : repository;
  const std::string tag = image->text_of("tag");
  return tag.empty() ? name : name + ":" + tag;
}

constexpr int deepest = 8;  // of values that start an engine

// The maps whose image is an engine's.
void find_engines(const Yaml& values, const std::string& name, int depth,
                  std::vector<std::pair<std::string, const Yaml*>>& found) {
  constexpr std::size_t most = 1000;
  if (depth > deepest || found.size() >= most) return;
  if (is_engine_image(image_of(values))) return found.emplace_back(name, &values), void();
  for (const auto& [key, member] : values.members) find_engines(member, key, depth + 1, found);
  for (const Yaml& item : values.items) {
    const std::string own = item.text_of("name");
    find_engines(item, own.empty() ? name : own, depth + 1, found);
  }
}

bool names_model(const std::vector<Word>& words) {
  constexpr std::array flags = {"--model", "-m", "--model-path", "-hf", "serve"};
  return std::ranges::any_of(words, [&](const Word& word) {
    const std::string_view name = std::string_view(word.text).substr(0, word.text.find('='));
    return std::ranges::find(flags, name) != flags.end() ||
           word.text.find("vllm serve ") != std::string::npos ||
           word.text.find("--model") != std::string::npos;
  });
}

void read_engine(const std::string& name, const Yaml& values, const Documents& documents, Reading& reading) {
  Pods pods;
  pods.name = name;
  if (const Yaml* scaling = values.find("autoscaling");
      scaling != nullptr && is_true(scaling->find("enabled")))
    set_replicas(scaling->find("minReplicas"), scaling->find("maxReplicas"), pods, documents);
  else if (const Yaml* count = values.find("replicaCount"))
    set_replicas(count, count, pods, documents);
  else
    multiply_replicas(values, pods, documents);
  Launch launch = container_launch(values, values, pods, documents);
  launch.image = image_of(values);
  if (launch.name.empty()) launch.name = launch.image.substr(launch.image.rfind('/') + 1);
  std::vector<Word> words;
  for (const std::string_view key : command_keys) {
    const Yaml* list = values.find(key);
    if (list == nullptr) continue;
    for (const Yaml& item : list->items)
      if (item.is_scalar())
        words.push_back(expand(item.text, position(documents, item), Expansion::kubernetes,
                               launch.environment, documents.supplied));
  }
  if (names_model(words) && add_command(words, launch, documents.supplied, reading)) return;
  add_unread(std::move(launch), "gets its command from a chart, whose templates are not in the input",
             reading, "give what \"helm template\" prints");
}

std::vector<std::pair<std::string, const Yaml*>> engines_of(const Yaml& values) {
  std::vector<std::pair<std::string, const Yaml*>> found;
  find_engines(values, "", 0, found);
  return found;
}

}  // namespace

bool is_helm_values(const Yaml& document) {
  if (!document.is_map() || document.find("kind") != nullptr || document.find("services") != nullptr)
    return false;
  return document.at({"servingEngineSpec", "modelSpec"}) != nullptr || is_ollama(document) ||
         !engines_of(document).empty();
}

void read_helm_values(const Documents& documents, Reading& reading) {
  const Yaml& values = documents.document;
  if (const Yaml* engines = values.find("servingEngineSpec");
      engines != nullptr && engines->find("modelSpec") != nullptr)
    return read_stack(*engines, documents, reading);
  if (is_ollama(values)) return read_ollama(documents, reading);
  for (const auto& [name, engine] : engines_of(values)) read_engine(name, *engine, documents, reading);
}

}  // namespace vramcalc::deployment
