#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "deployment/accelerators.hpp"
#include "deployment/finding_codes.hpp"
#include "deployment/formats/engine_start.hpp"
#include "deployment/formats/engine_words.hpp"
#include "deployment/formats/pod_spec.hpp"
#include "deployment/formats/readers_kubernetes.hpp"
#include "deployment/formats/workload.hpp"
#include "model/letters.hpp"
#include "vramcalc/error.hpp"

// Ray Serve LLM: docs.ray.io, "Serving LLMs", ray.llm's LLMConfig. Each replica is a vLLM engine, for which
// Ray reserves the GPUs of a placement group.
namespace vramcalc::deployment {
namespace {

constexpr std::array cluster_kinds = {"RayCluster", "RayService", "RayJob", "RayClusterFleet",
                                      "RayClusterReplicaSet"};

bool is_cluster_kind(std::string_view kind) {
  return std::ranges::find(cluster_kinds, kind) != cluster_kinds.end();
}

void append_environment(const Yaml* variables, Launch& launch, const Documents& documents) {
  if (variables == nullptr) return;
  for (const auto& [name, value] : variables->members)
    if (value.is_scalar())
      launch.environment.push_back({
          name, {value.text, position(documents, value), {}}
      });
}

std::uint32_t size_of(const Yaml* kwargs, std::string_view key) {
  return kwargs == nullptr ? 1 : std::max<std::uint32_t>(whole_number(kwargs->find(key)).value_or(1), 1);
}

// The placement group's GPUs where it is given, else one for each rank of tensor and pipeline parallelism.
std::uint32_t gpus_of_replica(const Yaml& config) {
  const Yaml* kwargs = config.find("engine_kwargs");
  const Yaml* bundles = config.at({"placement_group_config", "bundles"});
  std::uint32_t count = 0;
  if (bundles != nullptr)
    for (const Yaml& bundle : bundles->items) count += whole_number(bundle.find("GPU")).value_or(0);
  if (count > 0) return count;
  const std::uint64_t product =
      std::uint64_t{size_of(kwargs, "tensor_parallel_size")} * size_of(kwargs, "pipeline_parallel_size");
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(product, 1U << 20));
}

GpuRequest requested_gpus(const Yaml& config, const GpuRequest& of_cluster, const Documents& documents) {
  GpuRequest gpus;
  gpus.hardware = of_cluster.hardware;
  gpus.said_as = of_cluster.said_as;
  gpus.at = of_cluster.at;
  gpus.count = gpus_of_replica(config);
  const Yaml* type = config.find("accelerator_type");
  if (type == nullptr || !type->is_scalar()) return gpus;
  gpus.said_as = fmt::format("accelerator_type: {}", type->text);
  gpus.at = position(documents, *type);
  if (const auto named = gpus_of_name(type->text)) gpus.hardware = named->hardware;
  return gpus;
}

Word source_of(const Yaml& config, const Documents& documents) {
  const Yaml* loading = config.find("model_loading_config");
  const Yaml* source = loading == nullptr ? nullptr : loading->find("model_source");
  if (source == nullptr && loading != nullptr) source = loading->find("model_id");
  if (source == nullptr)
    return {"model_source", position(documents, config), {{"model_source", "is missing", "--model NAME"}}};
  if (source->is_scalar()) return model_word(*source, documents);
  const std::string place = source->text_of("bucket_uri");
  return {place, position(documents, *source), {{place, "is a place outside the hub", "--model NAME"}}};
}

void read_llm_config(const Yaml& config, const GpuRequest& of_cluster, const Documents& documents,
                     Reading& reading) {
  Pods pods;
  const Yaml* loading = config.find("model_loading_config");
  if (loading != nullptr) pods.name = loading->text_of("model_id");
  if (const Yaml* deployment = config.find("deployment_config")) {
    if (const Yaml* scaling = deployment->find("autoscaling_config"))
      set_replicas(scaling->find("min_replicas"), scaling->find("max_replicas"), pods, documents);
    else
      set_replicas(nullptr, deployment->find("num_replicas"), pods, documents);
  }
  Launch launch;
  launch.name = pods.name;
  launch.at = position(documents, config);
  launch.replicas = pods.replicas;
  launch.findings = pods.findings;
  launch.gpus = requested_gpus(config, of_cluster, documents);
  append_environment(config.at({"runtime_env", "env_vars"}), launch, documents);
  std::vector<Word> words = {
      {"vllm",  launch.at, {}},
      {"serve", launch.at, {}},
      source_of(config, documents)
  };
  if (launch.name.empty()) launch.name = words.back().text;
  if (const Yaml* kwargs = config.find("engine_kwargs")) append_keywords(*kwargs, documents, words);
  start_engine(words, launch, Entrypoint::replaced, documents, reading);
}

void add_application(const Yaml& application, const Yaml& at, std::string_view name, std::string_view why,
                     const GpuRequest& gpus, const Documents& documents, Reading& reading) {
  Launch launch;
  launch.name = application.text_of("name");
  launch.at = position(documents, at);
  launch.gpus = gpus;
  launch.holes.push_back({std::string(name), std::string(why), ""});
  reading.launches.push_back(std::move(launch));
}

// Whether an application of the user's own code wants GPUs.
bool wants_gpus(const Yaml& application, const GpuRequest& of_cluster) {
  if (has_gpus(of_cluster)) return true;
  const Yaml* deployments = application.find("deployments");
  if (deployments == nullptr) return false;
  return std::ranges::any_of(deployments->items, [](const Yaml& deployment) {
    const Yaml* gpus = deployment.at({"ray_actor_options", "num_gpus"});
    return gpus != nullptr && gpus->text != "0";
  });
}

void read_application(const Yaml& application, const GpuRequest& of_cluster, const Documents& documents,
                      Reading& reading) {
  const Yaml* configs = application.at({"args", "llm_configs"});
  if (configs == nullptr) {
    const std::string path = application.text_of("import_path");
    if (wants_gpus(application, of_cluster))
      add_application(application, application, path, "is the application's own code, which starts the model",
                      of_cluster, documents, reading);
    return;
  }
  for (const Yaml& config : configs->items) {
    if (config.is_map())
      read_llm_config(config, of_cluster, documents, reading);
    else
      add_application(application, config, config.text, "is a file that is not in the input", of_cluster,
                      documents, reading);
  }
}

void read_applications(const Yaml& config, const GpuRequest& of_cluster, const Documents& documents,
                       Reading& reading) {
  if (const Yaml* applications = config.find("applications"))
    for (const Yaml& application : applications->items)
      read_application(application, of_cluster, documents, reading);
}

void shift_lines(Yaml& value, std::uint32_t by) {
  value.line += by;
  for (Yaml& item : value.items) shift_lines(item, by);
  for (auto& [key, member] : value.members) shift_lines(member, by);
}

// The configuration that a RayService has as a text.
void read_serve_text(const Yaml& text, const GpuRequest& of_cluster, const Documents& documents,
                     Reading& reading) {
  try {
    for (Yaml& config : parse_yaml({documents.input.name, text.text})) {
      shift_lines(config, text.line);
      read_applications(config, of_cluster, documents, reading);
    }
  } catch (const Error&) {
    reading.findings.push_back(finding("unresolved", "serveConfigV2 is not YAML", position(documents, text)));
  }
}

const Yaml* pod_of(const Yaml& group) { return group.at({"template", "spec"}); }

GpuRequest gpus_of_group(const Yaml& group, const Documents& documents) {
  const Yaml* pod = pod_of(group);
  const Yaml* containers = pod == nullptr ? nullptr : pod->find("containers");
  if (containers != nullptr)
    for (const Yaml& container : containers->items) {
      const GpuRequest gpus = gpu_request(container.find("resources"), *pod, documents);
      if (has_gpus(gpus)) return gpus;
    }
  return {};
}

// The nodes of a cluster that have GPUs.
struct Cluster {
  const Yaml* head = nullptr;
  std::vector<const Yaml*> workers;
  std::uint32_t pods = 0;  // with GPUs, the head included
  GpuRequest gpus;         // of the first of them
};

void add_group(const Yaml& group, std::uint32_t count, Cluster& cluster, const Documents& documents) {
  const GpuRequest gpus = gpus_of_group(group, documents);
  if (!has_gpus(gpus)) return;
  if (cluster.pods == 0) cluster.gpus = gpus;
  cluster.pods += std::min<std::uint32_t>(count, 1U << 16);
}

Cluster cluster_of(const Yaml& spec, const Documents& documents) {
  Cluster cluster;
  cluster.head = spec.find("headGroupSpec");
  if (cluster.head != nullptr) add_group(*cluster.head, 1, cluster, documents);
  if (const Yaml* groups = spec.find("workerGroupSpecs"))
    for (const Yaml& group : groups->items) {
      cluster.workers.push_back(&group);
      add_group(group, whole_number(group.find("replicas")).value_or(1), cluster, documents);
    }
  return cluster;
}

// An engine that the head starts has the GPUs of all nodes.
void read_nodes(const Cluster& cluster, const Pods& pods, const Documents& documents, Reading& reading) {
  const std::size_t before = reading.launches.size();
  const Yaml* head = cluster.head == nullptr ? nullptr : pod_of(*cluster.head);
  if (head != nullptr) read_pods(*head, pods, documents, reading);
  if (starts_engine(reading, before)) {
    for (std::size_t i = before; i < reading.launches.size(); ++i) {
      reading.launches[i].pods = std::max<std::uint32_t>(cluster.pods, 1);
      if (has_gpus(cluster.gpus)) reading.launches[i].gpus = cluster.gpus;
    }
    return;
  }
  for (const Yaml* group : cluster.workers) {
    Pods of_group = pods;
    if (const std::string name = group->text_of("groupName"); !name.empty()) of_group.name += "/" + name;
    multiply_replicas(*group, of_group, documents);
    if (const Yaml* pod = pod_of(*group)) read_pods(*pod, of_group, documents, reading);
  }
}

const Yaml& cluster_spec(const Yaml& spec) {
  for (const std::string_view key : {"rayClusterConfig", "rayClusterSpec"})
    if (const Yaml* cluster = spec.find(key)) return *cluster;
  const Yaml* cluster = spec.at({"template", "spec"});
  return cluster != nullptr ? *cluster : spec;
}

bool read_entrypoint(const Yaml& spec, const Cluster& cluster, const Pods& pods, const Documents& documents,
                     Reading& reading) {
  const Yaml* entrypoint = spec.find("entrypoint");
  if (entrypoint == nullptr || !entrypoint->is_scalar()) return false;
  Launch launch;
  launch.name = pods.name;
  launch.at = position(documents, *entrypoint);
  launch.gpus = cluster.gpus;
  launch.pods = std::max<std::uint32_t>(cluster.pods, 1);
  return add_script(entrypoint->text, launch, documents.supplied, reading);
}

void read_cluster(const Documents& documents, Reading& reading) {
  const Yaml* spec = documents.document.find("spec");
  if (spec == nullptr) return;
  Pods pods = workload_pods(documents.document, documents);
  multiply_replicas(*spec, pods, documents);
  const Cluster cluster = cluster_of(cluster_spec(*spec), documents);
  const std::size_t before = reading.launches.size();
  if (const Yaml* config = spec->find("serveConfigV2"); config != nullptr && config->is_scalar())
    read_serve_text(*config, cluster.gpus, documents, reading);
  if (reading.launches.size() > before || read_entrypoint(*spec, cluster, pods, documents, reading)) return;
  read_nodes(cluster, pods, documents, reading);
}

bool is_serve_config(const Yaml& document) {
  const Yaml* applications = document.find("applications");
  return applications != nullptr && document.find("kind") == nullptr &&
         std::ranges::any_of(applications->items, [](const Yaml& application) {
           return application.find("import_path") != nullptr;
         });
}

}  // namespace

bool is_ray(const Yaml& document) {
  return is_serve_config(document) || (is_kubernetes(document) && is_cluster_kind(document.text_of("kind")));
}

void read_ray(const Documents& documents, Reading& reading) {
  if (is_serve_config(documents.document))
    return read_applications(documents.document, {}, documents, reading);
  read_cluster(documents, reading);
}

}  // namespace vramcalc::deployment
