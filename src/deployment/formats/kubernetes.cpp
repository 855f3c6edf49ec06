#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "deployment/finding_codes.hpp"
#include "deployment/formats/pod_spec.hpp"
#include "deployment/formats/readers_kubernetes.hpp"
#include "deployment/formats/workload.hpp"
#include "model/letters.hpp"

namespace vramcalc::deployment {
namespace {

constexpr int deepest = 40;  // of pods within a document

// Kinds that name or make other manifests, which are read as the tool prints them.
struct Unrendered {
  std::string_view kind;
  std::string_view group;
  std::string_view fix;
};
constexpr std::array unrendered = {
    Unrendered{"Kustomization",  "kustomize.config.k8s.io",     "give what \"kubectl kustomize\" prints"},
    Unrendered{"Kustomization",  "kustomize.toolkit.fluxcd.io", "give what \"kubectl kustomize\" prints"},
    Unrendered{"Application",    "argoproj.io",                 "give the manifests that it names"      },
    Unrendered{"ApplicationSet", "argoproj.io",                 "give the manifests that it names"      },
    Unrendered{"HelmRelease",    "helm.toolkit.fluxcd.io",      "give what \"helm template\" prints"    },
    Unrendered{"HelmChart",      "helm.cattle.io",              "give what \"helm template\" prints"    },
    Unrendered{"Template",       "template.openshift.io",       "give what \"oc process\" prints"       },
    Unrendered{"Chart",          "",                            "give what \"helm template\" prints"    },
};

// They show pods without making any.
constexpr std::array without_pods = {
    "CustomResourceDefinition", "ClusterPolicy", "Policy", "ValidatingAdmissionPolicy",
    "ConstraintTemplate",       "ConfigMap",     "Secret"};
constexpr std::array members_without_pods = {
    "affinity", "metadata", "status", "initContainers", "volumeClaimTemplates", "volumes"};

bool is_one_of(std::string_view word, const auto& words) {
  return std::ranges::find(words, word) != words.end();
}

std::string_view group_of(std::string_view api_version) {
  const std::size_t slash = api_version.find('/');
  return slash == api_version.npos ? std::string_view() : api_version.substr(0, slash);
}

const Unrendered* find_unrendered(const Yaml& document) {
  const std::string kind = document.text_of("kind");
  const std::string version = document.text_of("apiVersion");
  const auto found = std::ranges::find_if(unrendered, [&](const Unrendered& row) {
    return row.kind == kind && (row.group.empty() ? kind == "Chart" : group_of(version) == row.group);
  });
  return found == unrendered.end() ? nullptr : &*found;
}

bool has_containers(const Yaml& node) {
  const Yaml* containers = node.find("containers");
  return containers != nullptr && containers->is_list() &&
         std::ranges::any_of(containers->items, [](const Yaml& item) { return item.is_map(); });
}

// Pods wherever they are in a document. Every count of replicas on the way to them multiplies theirs.
void read_pods_within(const Yaml& node, const Pods& outer, const Documents& documents, Reading& reading,
                      int depth) {
  if (depth > deepest || node.is_scalar()) return;
  if (has_containers(node)) return read_pods(node, outer, documents, reading);
  Pods pods = outer;
  multiply_replicas(node, pods, documents);
  if (const Yaml* annotations = node.at({"metadata", "annotations"})) pods.annotations = annotations;
  for (const auto& [key, member] : node.members)
    if (!is_one_of(key, members_without_pods)) read_pods_within(member, pods, documents, reading, depth + 1);
  for (const Yaml& item : node.items) {
    Pods of_item = pods;
    if (const std::string name = item.text_of("name"); !name.empty()) of_item.name += "/" + name;
    read_pods_within(item, of_item, documents, reading, depth + 1);
  }
}

// Containers that an error of indentation put under affinity, where Kubernetes refuses them.
const Yaml* misplaced_pod(const Yaml& node, int depth) {
  if (depth > deepest) return nullptr;
  if (has_containers(node)) return &node;
  for (const auto& [key, member] : node.members)
    if (const Yaml* found = misplaced_pod(member, depth + 1)) return found;
  for (const Yaml& item : node.items)
    if (const Yaml* found = misplaced_pod(item, depth + 1)) return found;
  return nullptr;
}

void read_misplaced(const Yaml& document, const Documents& documents, Reading& reading) {
  const Yaml* affinity = document.at({"spec", "template", "spec", "affinity"});
  const Yaml* pod = affinity == nullptr ? nullptr : misplaced_pod(*affinity, 0);
  if (pod == nullptr) return;
  Pods pods = workload_pods(document, documents);
  pods.holes.push_back({"containers", "are indented under affinity, where Kubernetes refuses them",
                        "move containers to the pod's spec"});
  read_pods(*pod, pods, documents, reading);
}

bool mentions_gpus(const Yaml& node, int depth) {
  constexpr std::array keys = {"gpu",         "gpus",        "gpuCount", "gpuType", "nvidia.com/gpu",
                               "amd.com/gpu", "instanceType"};
  if (depth > deepest) return false;
  if (node.is_scalar()) return node.text.starts_with("hf://");
  for (const auto& [key, member] : node.members)
    if (is_one_of(key, keys) || mentions_gpus(member, depth + 1)) return true;
  return std::ranges::any_of(node.items, [&](const Yaml& item) { return mentions_gpus(item, depth + 1); });
}

// A custom resource without pods that asks for GPUs: its operator decides what runs.
void read_unknown_kind(const Documents& documents, Reading& reading) {
  const Yaml& document = documents.document;
  const std::string version = document.text_of("apiVersion");
  const std::string_view group = group_of(version);
  const bool is_own = group.find('.') != group.npos && !group.ends_with(".k8s.io");
  const Yaml* spec = document.find("spec");
  if (!is_own || spec == nullptr || !mentions_gpus(*spec, 0)) return;
  const Pods pods = workload_pods(document, documents);
  Launch launch;
  launch.name = pods.name;
  launch.at = position(documents, document);
  launch.replicas = pods.replicas;
  launch.holes.push_back({fmt::format("{} ({})", document.text_of("kind"), version),
                          "is a kind whose operator decides what runs",
                          "give the manifests that the operator makes of it"});
  reading.launches.push_back(std::move(launch));
}

void read_list(const Documents& documents, Reading& reading) {
  const Yaml* items = documents.document.find("items");
  if (items == nullptr) return;
  for (const Yaml& item : items->items)
    if (item.text_of("kind") != "List")
      read_object({documents.input, item, documents.siblings, documents.variables, documents.supplied},
                  reading);
}

void read_workload(const Documents& documents, Reading& reading) {
  const Yaml& document = documents.document;
  const Yaml* spec = document.find("spec");
  if (spec == nullptr || is_one_of(document.text_of("kind"), without_pods)) return;
  const std::size_t before = reading.launches.size();
  const Pods pods = workload_pods(document, documents);
  if (document.text_of("kind") == "LeaderWorkerSet")
    read_leader_worker_set(*spec, pods, documents, reading);
  else
    read_pods_within(*spec, pods, documents, reading, 0);
  if (document.text_of("kind") == "StatefulSet") join_nodes(before, reading);
  if (reading.launches.size() > before) return;
  read_misplaced(document, documents, reading);
  if (reading.launches.size() == before && misplaced_pod(*spec, 0) == nullptr)
    read_unknown_kind(documents, reading);
}

using Read = void (*)(const Documents&, Reading&);
using Recognises = bool (*)(const Yaml&);
constexpr std::array<std::pair<Recognises, Read>, 3> readers = {
    {
     {is_kserve, read_kserve},
     {is_ray, read_ray},
     {is_operator, read_operator},
     }
};

}  // namespace

bool is_kubernetes(const Yaml& document) {
  return document.is_map() && document.find("apiVersion") != nullptr && document.find("kind") != nullptr;
}

void read_object(const Documents& documents, Reading& reading) {
  for (const auto& [recognises, read] : readers)
    if (recognises(documents.document)) return read(documents, reading);
  if (is_kubernetes(documents.document)) read_kubernetes(documents, reading);
}

void read_kubernetes(const Documents& documents, Reading& reading) {
  const Yaml& document = documents.document;
  if (document.text_of("kind") == "List") return read_list(documents, reading);
  if (const Yaml* values = document.at({"spec", "values"}); values != nullptr && is_helm_values(*values))
    return read_helm_values(
        {documents.input, *values, documents.siblings, documents.variables, documents.supplied}, reading);
  if (const Unrendered* row = find_unrendered(document)) {
    reading.findings.push_back(finding(
        "unresolved",
        fmt::format("{} {} stands for manifests that are not in the input", row->kind, object_name(document)),
        position(documents, document), std::string(row->fix)));
    return;
  }
  read_workload(documents, reading);
}

}  // namespace vramcalc::deployment
