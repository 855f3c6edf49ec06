#include "deployment/formats/workload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "deployment/finding_codes.hpp"

namespace vramcalc::deployment {
namespace {

std::uint32_t product(std::uint32_t a, std::uint32_t b) {
  const std::uint64_t result = std::uint64_t{a} * b;
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(result, std::numeric_limits<std::uint32_t>::max()));
}

Finding note(std::string message, const Position& at) {
  return finding("replicas-vary", std::move(message), at);
}

void set_count(std::uint32_t count, const Position& at, Pods& pods) {
  if (count == 0) {
    pods.findings.push_back(note("0 replicas are asked for, and it is judged as one", at));
    return;
  }
  pods.replicas = product(pods.replicas, count);
}

// HorizontalPodAutoscaler, or KEDA's ScaledObject.
struct Scaler {
  const Yaml* object = nullptr;
  const Yaml* least = nullptr;
  const Yaml* most = nullptr;
};
Scaler find_scaler(const std::string& kind, const std::string& name, const Documents& documents) {
  for (const Yaml& object : documents.siblings) {
    const Yaml* spec = object.find("spec");
    const Yaml* target = spec == nullptr ? nullptr : spec->find("scaleTargetRef");
    if (target == nullptr || target->text_of("name") != name) continue;
    if (const std::string target_kind = target->text_of("kind"); !target_kind.empty() && target_kind != kind)
      continue;
    if (object.text_of("kind") == "HorizontalPodAutoscaler")
      return {&object, spec->find("minReplicas"), spec->find("maxReplicas")};
    if (object.text_of("kind") == "ScaledObject")
      return {&object, spec->find("minReplicaCount"), spec->find("maxReplicaCount")};
  }
  return {};
}

// Knative's bounds, as annotations of the pods.
void set_annotated_replicas(const Yaml& annotations, Pods& pods, const Documents& documents) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 2> names = {
      {
       {"autoscaling.knative.dev/min-scale", "autoscaling.knative.dev/max-scale"},
       {"autoscaling.knative.dev/minScale", "autoscaling.knative.dev/maxScale"},
       }
  };
  for (const auto& [least, most] : names)
    if (annotations.find(most) != nullptr)
      return set_replicas(annotations.find(least), annotations.find(most), pods, documents);
}

// What a pod of a group sees of it: sigs.k8s.io/lws,
// docs/reference/labels-annotations-and-environment-variables.
std::vector<Variable> group_environment(std::uint32_t size, const Position& at) {
  return {
      {"LWS_GROUP_SIZE",   {fmt::format("{}", size), at, {}}},
      {"LWS_WORKER_INDEX", {"0", at, {}}                    }
  };
}

// The value of --nnodes, which SGLang and vLLM have for the number of machines.
std::optional<std::uint32_t> nodes_of(const std::vector<Word>& arguments) {
  constexpr std::string_view flag = "--nnodes";
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view text = arguments[i].text;
    Yaml value{.kind = Yaml::Kind::scalar};
    if (text == flag && i + 1 < arguments.size())
      value.text = arguments[i + 1].text;
    else if (text.starts_with(flag) && text.size() > flag.size() && text[flag.size()] == '=')
      value.text = text.substr(flag.size() + 1);
    else
      continue;
    return whole_number(&value);
  }
  return std::nullopt;
}

bool any_has_gpus(const Yaml& spec, const Documents& documents) {
  const Yaml* containers = spec.find("containers");
  return containers != nullptr && std::ranges::any_of(containers->items, [&](const Yaml& container) {
           return has_gpus(gpu_request(container.find("resources"), Yaml(), documents));
         });
}

// A leader without GPUs directs workers that have them.
void take_workers_gpus(const Yaml& leader, const Yaml& worker, std::size_t from, const Documents& documents,
                       Reading& reading) {
  if (any_has_gpus(leader, documents)) return;
  const Yaml* containers = worker.find("containers");
  if (containers == nullptr) return;
  for (const Yaml& container : containers->items) {
    const GpuRequest gpus = gpu_request(container.find("resources"), worker, documents);
    if (!has_gpus(gpus)) continue;
    for (std::size_t i = from; i < reading.launches.size(); ++i) {
      reading.launches[i].gpus = gpus;
      if (reading.launches[i].pods > 1) --reading.launches[i].pods;
    }
    return;
  }
}

}  // namespace

bool starts_engine(const Reading& reading, std::size_t from) {
  return std::any_of(reading.launches.begin() + static_cast<std::ptrdiff_t>(from), reading.launches.end(),
                     [](const Launch& launch) { return !launch.program.empty(); });
}

std::string object_name(const Yaml& object) {
  const Yaml* metadata = object.find("metadata");
  if (metadata == nullptr) return {};
  const std::string name = metadata->text_of("name");
  return name.empty() ? metadata->text_of("generateName") : name;
}

Pods workload_pods(const Yaml& object, const Documents& documents) {
  Pods pods;
  pods.name = object_name(object);
  if (pods.name.empty()) pods.name = object.text_of("kind");
  const Yaml* annotations = object.at({"spec", "template", "metadata", "annotations"});
  if (annotations != nullptr) set_annotated_replicas(*annotations, pods, documents);
  return pods;
}

void set_replicas(const Yaml* least, const Yaml* most, Pods& pods, const Documents& documents) {
  const std::optional<std::uint32_t> low = whole_number(least);
  const std::optional<std::uint32_t> high = whole_number(most);
  const std::uint32_t count = std::max({high.value_or(0), low.value_or(0), std::uint32_t{1}});
  pods.replicas = product(pods.replicas, count);
  const Yaml* said = high && *high > 0 ? most : least;
  if (said == nullptr || (low == high && count == high)) return;
  if (high && *high > 0)
    pods.findings.push_back(
        note(fmt::format("An autoscaler starts up to {} replicas, which are judged", count),
             position(documents, *said)));
  else if (low && *low == 0)
    pods.findings.push_back(
        note("It may be scaled down to 0 replicas, and is judged as one", position(documents, *said)));
}

void multiply_replicas(const Yaml& node, Pods& pods, const Documents& documents) {
  if (&node == documents.document.find("spec")) {
    const Scaler scaler =
        find_scaler(documents.document.text_of("kind"), object_name(documents.document), documents);
    if (scaler.object != nullptr) return set_replicas(scaler.least, scaler.most, pods, documents);
  }
  for (const std::string_view key : {"replicas", "parallelism"})
    if (const Yaml* value = node.find(key))
      if (const auto count = whole_number(value)) set_count(*count, position(documents, *value), pods);
}

void join_nodes(std::size_t from, Reading& reading) {
  for (std::size_t i = from; i < reading.launches.size(); ++i) {
    Launch& launch = reading.launches[i];
    if (launch.pods != 1 || launch.replicas < 2) continue;
    const std::optional<std::uint32_t> nodes = nodes_of(launch.arguments);
    if (nodes != launch.replicas) continue;
    launch.pods = launch.replicas;
    launch.replicas = 1;
  }
}

void read_leader_worker_set(const Yaml& spec, Pods pods, const Documents& documents, Reading& reading) {
  multiply_replicas(spec, pods, documents);
  const Yaml* group = spec.find("leaderWorkerTemplate");
  const Yaml* worker = group == nullptr ? nullptr : group->at({"workerTemplate", "spec"});
  const Yaml* leader = group == nullptr ? nullptr : group->at({"leaderTemplate", "spec"});
  if (leader == nullptr) leader = worker;
  if (leader == nullptr) return;
  pods.count = std::max<std::uint32_t>(whole_number(group->find("size")).value_or(1), 1);
  pods.environment = group_environment(pods.count, position(documents, *group));
  const std::size_t before = reading.launches.size();
  read_pods(*leader, pods, documents, reading);
  if (worker == nullptr || leader == worker) return;
  if (starts_engine(reading, before)) return take_workers_gpus(*leader, *worker, before, documents, reading);
  if (reading.launches.size() == before) read_pods(*worker, pods, documents, reading);
}

}  // namespace vramcalc::deployment
