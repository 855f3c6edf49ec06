#include "deployment/formats/dynamo.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "deployment/formats/pod_spec.hpp"
#include "deployment/formats/workload.hpp"
#include "model/letters.hpp"

namespace vramcalc::deployment {
namespace {

// Dynamo's modules pass what is not theirs to the engine: components/src/dynamo/{vllm,sglang}/args.py.
struct Module {
  std::string_view name;
  std::string_view engine;
};
constexpr std::array modules = {
    Module{"dynamo.vllm",   "vllm.entrypoints.openai.api_server"},
    Module{"dynamo.sglang", "sglang.launch_server"              },
};

struct OwnFlag {
  std::string_view name;
  bool has_value = false;
};
constexpr std::array own_flags = {
    OwnFlag{"--is-prefill-worker",                false},
    OwnFlag{"--is-decode-worker",                 false},
    OwnFlag{"--connector",                        true },
    OwnFlag{"--migration-limit",                  true },
    OwnFlag{"--endpoint",                         true },
    OwnFlag{"--dyn-tool-call-parser",             true },
    OwnFlag{"--dyn-reasoning-parser",             true },
    OwnFlag{"--store-kv",                         true },
    OwnFlag{"--request-plane",                    true },
    OwnFlag{"--event-plane",                      true },
    OwnFlag{"--discovery-backend",                true },
    OwnFlag{"--custom-jinja-template",            true },
    OwnFlag{"--dyn-endpoint-types",               true },
    OwnFlag{"--durable-kv-events",                false},
    OwnFlag{"--use-vllm-tokenizer",               false},
    OwnFlag{"--use-sglang-tokenizer",             false},
    OwnFlag{"--multimodal-worker",                false},
    OwnFlag{"--multimodal-encode-worker",         false},
    OwnFlag{"--multimodal-decode-worker",         false},
    OwnFlag{"--multimodal-processor",             false},
    OwnFlag{"--multimodal-encode-prefill-worker", false},
};

std::string with_engine(std::string text) {
  for (const auto& [name, engine] : modules)
    if (const std::size_t at = text.find(name); at != text.npos) text.replace(at, name.size(), engine);
  return text;
}

Yaml with_engine(const Yaml& container) {
  Yaml result = container;
  for (auto& [key, value] : result.members) {
    if (key != "command" && key != "args") continue;
    value.text = with_engine(std::move(value.text));
    for (Yaml& item : value.items) item.text = with_engine(std::move(item.text));
  }
  return result;
}

std::vector<Word> without_own_flags(const std::vector<Word>& words) {
  std::vector<Word> result;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view name = std::string_view(words[i].text).substr(0, words[i].text.find('='));
    const auto flag = std::ranges::find(own_flags, name, &OwnFlag::name);
    if (flag == own_flags.end()) {
      result.push_back(words[i]);
      continue;
    }
    const bool is_joined = name.size() < words[i].text.size();
    while (flag->has_value && !is_joined && i + 1 < words.size() &&  // --connector takes several values
           !words[i + 1].text.starts_with("-"))
      ++i;
  }
  return result;
}

// The pod's container with what the service says: resources.limits.gpu, envs.
Yaml worker_container(const Yaml& service, const Yaml& container) {
  Yaml result = with_engine(container);
  if (const Yaml* count = service.at({"resources", "limits", "gpu"});
      count != nullptr && count->is_scalar()) {
    Yaml limits{.kind = Yaml::Kind::map, .line = count->line};
    limits.members.emplace_back("nvidia.com/gpu", *count);
    Yaml resources{.kind = Yaml::Kind::map, .line = count->line};
    resources.members.emplace_back("limits", std::move(limits));
    std::erase_if(result.members, [](const auto& member) { return member.first == "resources"; });
    result.members.emplace_back("resources", std::move(resources));
  }
  if (const Yaml* variables = service.find("envs")) result.members.emplace_back("envs", *variables);
  return result;
}

void read_worker(const std::string& name, const Yaml& service, const Documents& documents, Reading& reading) {
  const Yaml* pod = service.find("extraPodSpec");
  const Yaml* container = pod == nullptr ? nullptr : pod->find("mainContainer");
  const bool is_frontend = same_letters(service.text_of("componentType"), "frontend");
  if (is_frontend || container == nullptr) return;
  Pods pods;
  pods.name = fmt::format("{}/{}", object_name(documents.document), name);
  multiply_replicas(service, pods, documents);
  pods.count = std::max<std::uint32_t>(whole_number(service.at({"multinode", "nodeCount"})).value_or(1), 1);
  Yaml spec = *pod;
  Yaml containers{.kind = Yaml::Kind::list, .line = container->line};
  containers.items.push_back(worker_container(service, *container));
  spec.members.emplace_back("containers", std::move(containers));
  const std::size_t before = reading.launches.size();
  read_pods(spec, pods, documents, reading);
  for (std::size_t i = before; i < reading.launches.size(); ++i)
    reading.launches[i].arguments = without_own_flags(reading.launches[i].arguments);
}

}  // namespace

void read_dynamo(const Yaml& spec, const Documents& documents, Reading& reading) {
  if (const Yaml* services = spec.find("services"))
    for (const auto& [name, service] : services->members) read_worker(name, service, documents, reading);
}

}  // namespace vramcalc::deployment
