#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "deployment/formats/engine_start.hpp"
#include "deployment/formats/engine_words.hpp"
#include "deployment/formats/llm_inference_service.hpp"
#include "deployment/formats/pod_spec.hpp"
#include "deployment/formats/readers_kubernetes.hpp"
#include "deployment/formats/workload.hpp"
#include "model/letters.hpp"

namespace vramcalc::deployment {
namespace {

constexpr std::string_view model_folder = "/mnt/models";  // where KServe puts what storageUri names

// The first of these that the input has.
const Yaml* find_runtime(const std::string& name, const Documents& documents) {
  for (const std::string_view kind : {"ServingRuntime", "ClusterServingRuntime"})
    if (const Yaml* runtime = find_object(documents, kind, name)) return runtime;
  return nullptr;
}

bool supports(const Yaml& runtime, const std::string& format) {
  const Yaml* formats = runtime.at({"spec", "supportedModelFormats"});
  return formats != nullptr && std::ranges::any_of(formats->items, [&](const Yaml& row) {
           return same_letters(row.text_of("name"), format) && is_true(row.find("autoSelect"));
         });
}

// Without a name KServe takes a runtime that supports the model's format and may be selected.
const Yaml* select_runtime(const std::string& format, const Documents& documents) {
  for (const Yaml& object : documents.siblings)
    if (const std::string kind = object.text_of("kind");
        (kind == "ServingRuntime" || kind == "ClusterServingRuntime") && supports(object, format))
      return &object;
  return nullptr;
}

Yaml joined(const Yaml* first, const Yaml* second) {
  Yaml result{.kind = Yaml::Kind::list};
  for (const Yaml* list : {first, second})
    if (list != nullptr) result.items.insert(result.items.end(), list->items.begin(), list->items.end());
  return result;
}

// The placeholder for the service's name, with and without spaces.
std::string with_name(std::string_view text, std::string_view name) {
  constexpr std::size_t longest_name = 253;  // of an object of Kubernetes
  constexpr std::array placeholders = {std::string_view("{{.Name}}"), std::string_view("{{ .Name }}")};
  std::string result;
  while (!text.empty()) {
    const auto here =
        std::ranges::find_if(placeholders, [&](std::string_view p) { return text.starts_with(p); });
    if (here != placeholders.end() && name.size() <= longest_name) {
      result += name;
      text.remove_prefix(here->size());
      continue;
    }
    const std::size_t next = std::min(text.find("{{", 1), text.size());
    result += text.substr(0, next);
    text.remove_prefix(next);
  }
  return result;
}

// The runtime's container with what the InferenceService's model adds and overrides: KServe,
// pkg/controller/v1beta1/inferenceservice/utils, MergeRuntimeContainers.
Yaml merged_container(const Yaml& runtime, const Yaml& model, const std::string& name) {
  Yaml result{.kind = Yaml::Kind::map, .line = model.line};
  for (const std::string_view key : {"name", "image", "command", "resources", "volumeMounts"}) {
    const Yaml* value = model.find(key);
    if (value == nullptr || (value->is_scalar() && value->text.empty())) value = runtime.find(key);
    if (value != nullptr) result.members.emplace_back(key, *value);
  }
  for (const std::string_view key : {"args", "env", "envFrom"})
    result.members.emplace_back(key, joined(runtime.find(key), model.find(key)));
  for (auto& [key, value] : result.members)
    for (Yaml& item : value.items) item.text = with_name(item.text, name);
  return result;
}

// A pod of the runtime, on the nodes that the predictor chooses.
Yaml merged_pod(const Yaml& runtime, const Yaml& predictor, const Yaml& model, const std::string& name) {
  Yaml result{.kind = Yaml::Kind::map, .line = model.line};
  for (const std::string_view key : {"nodeSelector", "affinity", "volumes", "resourceClaims"}) {
    const Yaml* value = predictor.find(key);
    if (value == nullptr) value = runtime.find(key);
    if (value != nullptr) result.members.emplace_back(key, *value);
  }
  Yaml containers{.kind = Yaml::Kind::list};
  if (const Yaml* all = runtime.find("containers"))
    for (const Yaml& container : all->items) {
      const bool is_main = container.text_of("name") == "kserve-container" || all->items.size() == 1;
      containers.items.push_back(is_main ? merged_container(container, model, name) : container);
    }
  result.members.emplace_back("containers", std::move(containers));
  return result;
}

std::optional<Word> stored_model(const Yaml& model, const Documents& documents) {
  const Yaml* uri = model.find("storageUri");
  if (uri != nullptr && uri->is_scalar()) return model_word(*uri, documents);
  const Yaml* storage = model.find("storage");
  if (storage == nullptr) return std::nullopt;
  const std::string path = storage->text_of("path");
  return Word{path, position(documents, *storage), {{path, "is a place outside the hub", "--model NAME"}}};
}

// Flags of KServe's Hugging Face server that vLLM does not have: python/huggingfaceserver, __main__.py.
struct ServerFlag {
  std::string_view name;
  std::string_view vllm;  // what vLLM calls it; empty: it has none
};
constexpr std::array server_flags = {
    ServerFlag{"model_name",         "--served-model-name" },
    ServerFlag{"model_id",           ""                    },
    ServerFlag{"model_dir",          ""                    },
    ServerFlag{"model_revision",     "--revision"          },
    ServerFlag{"tokenizer_revision", "--tokenizer-revision"},
    ServerFlag{"max_length",         "--max-model-len"     },
    ServerFlag{"backend",            ""                    },
    ServerFlag{"task",               ""                    },
    ServerFlag{"http_port",          ""                    },
    ServerFlag{"grpc_port",          ""                    },
    ServerFlag{"enable_grpc",        ""                    },
    ServerFlag{"workers",            ""                    },
    ServerFlag{"predictor_host",     ""                    },
    ServerFlag{"predictor_protocol", ""                    },
};

struct ServerArguments {
  Word model_id, backend;
  std::vector<Word> vllm;
};

// Words as --name=value, or --name and value in two.
ServerArguments server_arguments(const std::vector<Word>& words) {
  ServerArguments result;
  for (std::size_t i = 0; i < words.size(); ++i) {
    Word word = words[i];
    const std::size_t equals = word.text.find('=');
    std::string name = word.text.substr(0, equals);
    std::ranges::replace(name, '-', '_');
    const std::size_t begin = std::min(name.find_first_not_of('_'), name.size());
    const auto flag =
        std::ranges::find(server_flags, std::string_view(name).substr(begin), &ServerFlag::name);
    if (flag == server_flags.end() || begin == 0) {
      result.vllm.push_back(std::move(word));
      continue;
    }
    Word value = word;
    if (equals != std::string::npos)
      value.text = word.text.substr(equals + 1);
    else if (i + 1 < words.size() && !words[i + 1].text.starts_with("--"))
      value = words[++i];
    if (flag->name == "model_id") result.model_id = value;
    if (flag->name == "backend") result.backend = value;
    if (flag->vllm.empty()) continue;
    result.vllm.push_back({std::string(flag->vllm), word.at, {}});
    result.vllm.push_back(std::move(value));
  }
  return result;
}

// It serves what vLLM supports with vLLM, unless it is told otherwise.
void read_hugging_face_server(const Yaml& predictor, const Yaml& model, const Pods& pods,
                              const Documents& documents, Reading& reading) {
  Launch launch = container_launch(model, predictor, pods, documents);
  const ServerArguments arguments = server_arguments(container_words(model, launch, documents));
  if (arguments.backend.text == "huggingface")
    return add_unread(std::move(launch),
                      "runs KServe's own Hugging Face backend, whose memory is not calculated", reading,
                      "--backend=vllm");
  std::vector<Word> words = {
      {"vllm",  launch.at, {}},
      {"serve", launch.at, {}}
  };
  const std::optional<Word> stored = stored_model(model, documents);
  if (!arguments.model_id.text.empty())
    words.push_back(arguments.model_id);
  else if (stored)
    words.push_back(*stored);
  else
    launch.holes.push_back({"storageUri", "is missing, and no model_id is given", "--model NAME"});
  words.insert(words.end(), arguments.vllm.begin(), arguments.vllm.end());
  launch.image.clear();
  start_engine(words, launch, Entrypoint::replaced, documents, reading);
}

bool is_hugging_face_server(const std::string& runtime, const std::string& format) {
  if (runtime.empty()) return same_letters(format, "huggingface");
  return contains_letters(runtime, "huggingfaceserver");
}

void read_model(const Yaml& predictor, const Yaml& model, Pods pods, const Documents& documents,
                Reading& reading) {
  const Yaml* format_row = model.find("modelFormat");
  const std::string format = format_row == nullptr ? std::string() : format_row->text_of("name");
  const std::string name = model.text_of("runtime");
  const Yaml* runtime = name.empty() ? select_runtime(format, documents) : find_runtime(name, documents);
  const Yaml* spec = runtime == nullptr ? nullptr : runtime->find("spec");
  if (spec != nullptr) {
    if (std::optional<Word> stored = stored_model(model, documents))
      pods.stored.emplace_back(model_folder, std::move(*stored));
    return read_pods(merged_pod(*spec, predictor, model, pods.name), pods, documents, reading);
  }
  if (is_hugging_face_server(name, format))
    return read_hugging_face_server(predictor, model, pods, documents, reading);
  Launch launch = container_launch(model, predictor, pods, documents);
  if (name.empty() && !has_gpus(launch.gpus)) return;
  launch.holes.push_back(
      {name.empty() ? fmt::format("a runtime for {}", format) : fmt::format("runtime {}", name),
       "is not in the input", "give its ServingRuntime in the same file"});
  reading.launches.push_back(std::move(launch));
}

void read_inference_service(const Documents& documents, Reading& reading) {
  const Yaml* predictor = documents.document.at({"spec", "predictor"});
  if (predictor == nullptr) return;
  Pods pods;
  pods.name = object_name(documents.document);
  set_replicas(predictor->find("minReplicas"), predictor->find("maxReplicas"), pods, documents);
  if (const Yaml* workers = predictor->find("workerSpec"))
    pods.count = std::max<std::uint32_t>(whole_number(workers->find("pipelineParallelSize")).value_or(2), 1);
  if (const Yaml* model = predictor->find("model"))
    return read_model(*predictor, *model, pods, documents, reading);
  if (const Yaml* model = predictor->find("huggingface"))
    return read_hugging_face_server(*predictor, *model, pods, documents, reading);
  read_pods(*predictor, pods, documents, reading);
}

bool refers_to(const Yaml& object, std::string_view kind, std::string_view name, const Yaml& runtime) {
  if (object.text_of("kind") != "InferenceService") return false;
  const Yaml* model = object.at({"spec", "predictor", "model"});
  if (model == nullptr || kind == "LLMInferenceServiceConfig") return false;
  const std::string chosen = model->text_of("runtime");
  const Yaml* format = model->at({"modelFormat", "name"});
  return chosen == name || (chosen.empty() && format != nullptr && supports(runtime, format->text));
}

// A runtime shows its engine's arguments; model and GPUs are an InferenceService's.
void read_runtime(const Documents& documents, Reading& reading) {
  const Yaml& document = documents.document;
  const Yaml* spec = document.find("spec");
  const std::string kind = document.text_of("kind"), name = object_name(document);
  const auto refers = [&](const Yaml& object) { return refers_to(object, kind, name, document); };
  if (spec == nullptr || std::ranges::any_of(documents.siblings, refers)) return;
  Pods pods;
  pods.name = name;
  const std::string service =
      kind == "LLMInferenceServiceConfig" ? "LLMInferenceService" : "InferenceService";
  pods.holes.push_back({service, fmt::format("that uses the {} is not in the input", kind),
                        fmt::format("give the {} in the same file", service)});
  const Yaml* pod = spec->find("template");
  read_pods(pod != nullptr ? *pod : *spec, pods, documents, reading);
}

struct Kind {
  std::string_view name;
  void (*read)(const Documents& documents, Reading& reading);
};
constexpr std::array kinds = {
    Kind{"InferenceService",          read_inference_service    },
    Kind{"ServingRuntime",            read_runtime              },
    Kind{"ClusterServingRuntime",     read_runtime              },
    Kind{"LLMInferenceService",       read_llm_inference_service},
    Kind{"LLMInferenceServiceConfig", read_runtime              },
};

}  // namespace

bool is_kserve(const Yaml& document) {
  return is_kubernetes(document) && document.text_of("apiVersion").starts_with("serving.kserve.io/");
}

void read_kserve(const Documents& documents, Reading& reading) {
  const auto kind = std::ranges::find(kinds, documents.document.text_of("kind"), &Kind::name);
  if (kind != kinds.end()) kind->read(documents, reading);
}

}  // namespace vramcalc::deployment
