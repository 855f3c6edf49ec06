#include "deployment/formats/llm_inference_service.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "deployment/formats/engine_start.hpp"
#include "deployment/formats/engine_words.hpp"
#include "deployment/formats/pod_spec.hpp"
#include "deployment/formats/workload.hpp"
#include "deployment/shell_words.hpp"

// What the controller starts without a command of the service's own: config/llmisvcconfig of KServe.
namespace vramcalc::deployment {
namespace {

constexpr std::string_view device_count = "serving.kserve.io/exp-dra-device-count";
constexpr std::string_view device_class = "serving.kserve.io/exp-dra-device-class";

constexpr std::array parallel_sizes = {
    Setting{"tensor",    "--tensor-parallel-size"    },
    Setting{"pipeline",  "--pipeline-parallel-size"  },
    Setting{"data",      "--data-parallel-size"      },
    Setting{"dataLocal", "--data-parallel-size-local"},
    Setting{"expert",    "--enable-expert-parallel"  },
};

const Yaml* main_container(const Yaml* pod) {
  const Yaml* containers = pod == nullptr ? nullptr : pod->find("containers");
  if (containers == nullptr || containers->items.empty()) return nullptr;
  for (const Yaml& container : containers->items)
    if (container.text_of("name") == "main") return &container;
  return &containers->items.front();
}

// Groups of pods: data-parallel ranks by the ranks of one pod, or the stages of a pipeline.
std::uint32_t pods_of(const Yaml& part) {
  const Yaml* parallelism = part.find("parallelism");
  if (parallelism == nullptr || part.find("worker") == nullptr) return 1;
  const std::uint32_t data = whole_number(parallelism->find("data")).value_or(1);
  const std::uint32_t local =
      std::max<std::uint32_t>(whole_number(parallelism->find("dataLocal")).value_or(1), 1);
  if (parallelism->find("data") != nullptr) return std::max<std::uint32_t>(data / local, 1);
  return std::max<std::uint32_t>(whole_number(parallelism->find("pipeline")).value_or(1), 1);
}

void append_variable(const Launch& launch, std::string_view name, std::vector<Word>& words) {
  const auto variable = std::ranges::find(launch.environment, name, &Variable::name);
  if (variable == launch.environment.end()) return;
  if (!variable->value.is_known()) return words.push_back(variable->value);
  const std::vector<Word> own = split_words(variable->value.text, variable->value.at);
  words.insert(words.end(), own.begin(), own.end());
}

// Dynamic resource allocation by annotations of the service.
void read_devices(const Yaml& service, Launch& launch, const Documents& documents) {
  const Yaml* annotations = service.at({"metadata", "annotations"});
  const Yaml* devices = annotations == nullptr ? nullptr : annotations->find(device_class);
  if (devices == nullptr || launch.gpus.count) return;
  launch.gpus.count = whole_number(annotations->find(device_count)).value_or(1);
  launch.gpus.said_as = fmt::format("{}: {}", device_class, devices->text);
  launch.gpus.at = position(documents, *devices);
}

void read_default_command(const Yaml& part, const Yaml& container, const Yaml& pod, const Pods& pods,
                          const Word& model, const Documents& documents, Reading& reading) {
  Launch launch = container_launch(container, pod, pods, documents);
  read_devices(documents.document, launch, documents);
  std::vector<Word> words = {
      {"vllm",  launch.at, {}},
      {"serve", launch.at, {}},
      model
  };
  if (const Yaml* parallelism = part.find("parallelism"))
    append_settings(parallel_sizes, *parallelism, documents, words);
  append_variable(launch, "VLLM_ADDITIONAL_ARGS", words);
  const std::vector<Word> own = container_words(container, launch, documents);
  words.insert(words.end(), own.begin(), own.end());
  start_engine(words, launch, Entrypoint::replaced, documents, reading);
}

// Configurations that the service names, and that a cluster does not have by default.
const Yaml* read_base(const Yaml& spec, const Documents& documents, Pods& pods) {
  const Yaml* references = spec.find("baseRefs");
  const Yaml* result = nullptr;
  if (references == nullptr) return nullptr;
  for (const Yaml& reference : references->items) {
    const std::string name = reference.text_of("name");
    if (name.starts_with("kserve-config-")) continue;
    if (const Yaml* base = find_object(documents, "LLMInferenceServiceConfig", name))
      result = base->find("spec");
    else
      pods.holes.push_back({fmt::format("baseRefs {}", name), "is not in the input",
                            "give its LLMInferenceServiceConfig in the same file"});
  }
  return result;
}

bool has_command(const Yaml* container) {
  return container != nullptr && container->find("command") != nullptr;
}

void read_part(const Yaml& part, const Yaml* base, Pods pods, const Word& model, const Documents& documents,
               Reading& reading) {
  multiply_replicas(part, pods, documents);
  pods.count = pods_of(part);
  const Yaml* pod = part.find("template");
  if (pod == nullptr && base != nullptr) pod = base->find("template");
  if (pod == nullptr) pod = part.find("worker");
  const Yaml nothing{.kind = Yaml::Kind::map, .line = part.line};
  const Yaml* container = main_container(pod);
  if (!has_command(container))
    return read_default_command(part, container == nullptr ? nothing : *container,
                                pod == nullptr ? nothing : *pod, pods, model, documents, reading);
  pods.stored.emplace_back("/mnt/models", model);
  read_pods(*pod, pods, documents, reading);
}

}  // namespace

void read_llm_inference_service(const Documents& documents, Reading& reading) {
  const Yaml* spec = documents.document.find("spec");
  if (spec == nullptr) return;
  Pods pods;
  pods.name = object_name(documents.document);
  const Yaml* base = read_base(*spec, documents, pods);
  const Yaml* uri = spec->at({"model", "uri"});
  if (uri == nullptr && base != nullptr) uri = base->at({"model", "uri"});
  const Word model =
      uri != nullptr
          ? model_word(*uri, documents)
          : Word{"model.uri", position(documents, *spec), {{"model.uri", "is missing", "--model NAME"}}};
  read_part(*spec, base, pods, model, documents, reading);
  const Yaml* prefill = spec->find("prefill");
  if (prefill == nullptr) return;
  pods.name += "-prefill";
  read_part(*prefill, nullptr, pods, model, documents, reading);
}

}  // namespace vramcalc::deployment
