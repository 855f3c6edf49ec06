#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "deployment/accelerators.hpp"
#include "deployment/formats/dynamo.hpp"
#include "deployment/formats/engine_start.hpp"
#include "deployment/formats/engine_words.hpp"
#include "deployment/formats/pod_spec.hpp"
#include "deployment/formats/readers_kubernetes.hpp"
#include "deployment/formats/stack_values.hpp"
#include "deployment/formats/workload.hpp"
#include "model/letters.hpp"

namespace vramcalc::deployment {
namespace {

// KubeAI: the profile's name and how many of it: "nvidia-gpu-h100:8".
GpuRequest gpus_of_profile(const Yaml* profile, const Documents& documents) {
  GpuRequest gpus;
  if (profile == nullptr || !profile->is_scalar()) return gpus;
  const std::string_view text = profile->text;
  const std::string_view name = text.substr(0, text.rfind(':'));
  const Yaml number{.kind = Yaml::Kind::scalar,
                    .text = std::string(text.substr(std::min(name.size() + 1, text.size())))};
  gpus.at = position(documents, *profile);
  gpus.said_as = fmt::format("resourceProfile: {}", text);
  gpus.count = name.starts_with("cpu") ? 0 : whole_number(&number).value_or(1);
  if (const auto named = gpus_of_name(name)) gpus.hardware = named->hardware;
  return gpus;
}

// ollama://gemma2:27b?pull=true
Word ollama_model(const Yaml& url, const Documents& documents) {
  constexpr std::string_view scheme = "ollama://";
  std::string_view name = url.text;
  if (!name.starts_with(scheme)) return model_word(url, documents);
  name.remove_prefix(scheme.size());
  return {std::string(name.substr(0, name.find('?'))), position(documents, url), {}};
}

// KubeAI, internal/modelcontroller: engine_vllm.go, engine_ollama.go.
void read_kubeai_model(const Yaml& spec, const Documents& documents, Reading& reading) {
  Pods pods = workload_pods(documents.document, documents);
  if (const Yaml* replicas = spec.find("replicas");
      replicas != nullptr && spec.find("maxReplicas") == nullptr)
    multiply_replicas(spec, pods, documents);
  else
    set_replicas(spec.find("minReplicas"), spec.find("maxReplicas"), pods, documents);
  Launch launch = container_launch(spec, Yaml(), pods, documents);
  launch.gpus = gpus_of_profile(spec.find("resourceProfile"), documents);
  const std::string engine = spec.text_of("engine");
  const Yaml* url = spec.find("url");
  if (url == nullptr) return add_unread(std::move(launch), "has no url of a model", reading);
  std::vector<Word> words;
  if (same_letters(engine, "VLLM"))
    words = {
        {"vllm",  launch.at, {}},
        {"serve", launch.at, {}},
        model_word(*url, documents)
    };
  else if (same_letters(engine, "OLlama"))
    words = {
        {"ollama", launch.at, {}},
        {"run",    launch.at, {}},
        ollama_model(*url, documents)
    };
  else
    return add_unread(std::move(launch), fmt::format("uses the engine {}, which is not calculated", engine),
                      reading);
  append_list(spec.find("args"), documents, words);
  start_engine(words, launch, Entrypoint::replaced, documents, reading);
}

GpuRequest gpus_of_runtime(const Yaml& deployment, const Documents& documents) {
  GpuRequest gpus = gpu_request(nullptr, deployment, documents);
  const Yaml* resources = deployment.find("resources");
  const Yaml* count = resources == nullptr ? nullptr : resources->find("gpu");
  if (count == nullptr) return gpus;
  gpus.count = whole_number(count);
  const std::string type = resources->text_of("gpuType");
  if (is_slice_resource(type)) gpus.hardware.clear();
  if (gpus.said_as.empty() || is_slice_resource(type)) {
    gpus.said_as = fmt::format("{}: {}", type.empty() ? "gpu" : type, count->text);
    gpus.at = position(documents, *count);
  }
  return gpus;
}

void read_vllm_runtime(const Yaml& spec, const Documents& documents, Reading& reading) {
  Pods pods = workload_pods(documents.document, documents);
  const Yaml nothing{.kind = Yaml::Kind::map, .line = spec.line};
  const Yaml* deployment = spec.find("deploymentConfig");
  if (deployment == nullptr) deployment = &nothing;
  multiply_replicas(*deployment, pods, documents);
  const Yaml* config = spec.find("vllmConfig");
  Launch launch = container_launch(config == nullptr ? nothing : *config, nothing, pods, documents);
  launch.at = position(documents, documents.document);
  if (const Yaml* image = deployment->find("image")) launch.image = image->text_of("name");
  launch.gpus = gpus_of_runtime(*deployment, documents);
  const Yaml* url = spec.at({"model", "modelURL"});
  if (url == nullptr) return add_unread(std::move(launch), "has no modelURL", reading);
  start_engine(stack_command(model_word(*url, documents), spec, documents), launch, Entrypoint::replaced,
               documents, reading);
}

void read_nim(const Yaml& spec, const Documents& documents, Reading& reading) {
  Pods pods = workload_pods(documents.document, documents);
  multiply_replicas(spec, pods, documents);
  Launch launch = container_launch(spec, spec, pods, documents);
  launch.at = position(documents, documents.document);
  if (const Yaml* image = spec.find("image")) launch.image = image->text_of("repository");
  add_unread(std::move(launch), "is a NIM container, which chooses its engine and its options itself",
             reading);
}

// KAITO: the preset decides about the engine's options, the instance type about the GPUs.
void read_kaito(const Yaml& document, const Documents& documents, Reading& reading) {
  Launch launch;
  launch.name = object_name(document);
  launch.at = position(documents, document);
  if (const Yaml* type = document.at({"resource", "instanceType"}); type != nullptr && type->is_scalar()) {
    launch.gpus.said_as = fmt::format("instanceType: {}", type->text);
    launch.gpus.at = position(documents, *type);
    if (const auto named = gpus_of_instance(type->text)) {
      launch.gpus.hardware = named->hardware;
      launch.gpus.count = named->count;
    }
  }
  launch.pods = std::max<std::uint32_t>(whole_number(document.at({"resource", "count"})).value_or(1), 1);
  const Yaml* preset = document.at({"inference", "preset", "name"});
  if (preset == nullptr) return;
  launch.holes.push_back({fmt::format("preset {}", preset->text), "is what KAITO makes a command of", ""});
  reading.launches.push_back(std::move(launch));
}

void read_kaito_spec(const Yaml&, const Documents& documents, Reading& reading) {
  read_kaito(documents.document, documents, reading);  // it has no spec
}

constexpr std::array nebari_sizes = {
    Setting{"tensorParallelism", "--tensor-parallel-size"},
    Setting{"dataParallelism",   "--data-parallel-size"  },
};

// nebari-llm-serving-pack, operator/internal/controller/reconcilers/modelservice.go. Without a size it takes
// all GPUs for tensor parallelism.
void read_nebari_model(const Yaml& spec, const Documents& documents, Reading& reading) {
  const Yaml nothing{.kind = Yaml::Kind::map, .line = spec.line};
  const auto part = [&](std::initializer_list<std::string_view> path) -> const Yaml& {
    const Yaml* found = spec.at(path);
    return found == nullptr ? nothing : *found;
  };
  const Yaml &serving = part({"serving"}), &advanced = part({"advanced", "vllm"}), &model = part({"model"});
  Pods pods = workload_pods(documents.document, documents);
  multiply_replicas(serving, pods, documents);
  Launch launch = container_launch(serving, advanced, pods, documents);
  launch.at = position(documents, documents.document);
  if (const Yaml* count = spec.at({"resources", "gpu", "count"})) {
    launch.gpus.count = whole_number(count);
    if (launch.gpus.said_as.empty()) launch.gpus.said_as = fmt::format("gpu.count: {}", count->text);
    launch.gpus.at = position(documents, *count);
  }
  if (serving.find("command") != nullptr) {
    if (!start_engine(container_words(serving, launch, documents), launch, Entrypoint::replaced, documents,
                      reading))
      add_unread(std::move(launch), "is started with a command that is not known", reading);
    return;
  }
  std::vector<Word> words = {
      {"vllm",  launch.at, {}},
      {"serve", launch.at, {}}
  };
  const Yaml* name = model.find("name");
  const bool is_image = model.text_of("source") == "oci";
  if (name == nullptr) return add_unread(std::move(launch), "has no model", reading);
  words.push_back(is_image ? Word{model.text_of("image"),
                                  position(documents, *name),
                                  {{model.text_of("image"), "is a place outside the hub", "--model NAME"}}}
                           : model_word(*name, documents));
  append_settings(nebari_sizes, serving, documents, words);
  if (serving.find("tensorParallelism") == nullptr && launch.gpus.count.value_or(1) > 1) {
    append("--tensor-parallel-size", serving, documents, words);
    append(fmt::format("{}", *launch.gpus.count), serving, documents, words);
  }
  append_list(serving.find("vllmArgs"), documents, words);
  append_list(advanced.find("extraArgs"), documents, words);
  start_engine(words, launch, Entrypoint::replaced, documents, reading);
}

struct Kind {
  std::string_view group;
  std::string_view name;
  void (*read)(const Yaml& spec, const Documents& documents, Reading& reading);
};
constexpr std::array kinds = {
    Kind{"kubeai.org/",               "Model",                 read_kubeai_model},
    Kind{"production-stack.vllm.ai/", "VLLMRuntime",           read_vllm_runtime},
    Kind{"nvidia.com/",               "DynamoGraphDeployment", read_dynamo      },
    Kind{"apps.nvidia.com/",          "NIMService",            read_nim         },
    Kind{"llm.nebari.dev/",           "LLMModel",              read_nebari_model},
    Kind{"kaito.sh/",                 "Workspace",             read_kaito_spec  },
};

const Kind* find_kind(const Yaml& document) {
  const std::string version = document.text_of("apiVersion"), name = document.text_of("kind");
  const auto found = std::ranges::find_if(
      kinds, [&](const Kind& kind) { return kind.name == name && version.starts_with(kind.group); });
  return found == kinds.end() ? nullptr : &*found;
}

}  // namespace

bool is_operator(const Yaml& document) { return is_kubernetes(document) && find_kind(document) != nullptr; }

void read_operator(const Documents& documents, Reading& reading) {
  const Kind* kind = find_kind(documents.document);
  const Yaml* spec = documents.document.find("spec");
  if (spec == nullptr) spec = &documents.document;
  if (kind != nullptr) kind->read(*spec, documents, reading);
}

}  // namespace vramcalc::deployment
