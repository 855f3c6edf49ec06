#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "deployment/accelerators.hpp"
#include "deployment/formats/pod_spec.hpp"
#include "model/letters.hpp"

namespace vramcalc::deployment {
namespace {

void read_resources(const Yaml* amounts, GpuRequest& gpus, const Documents& documents) {
  if (amounts == nullptr || gpus.count) return;
  for (const auto& [name, value] : amounts->members) {
    const std::string resource(trimmed(name));
    if (!is_gpu_resource(resource)) continue;
    const std::optional<std::uint32_t> count = whole_number(&value);
    if (!count) continue;
    gpus.count = *count + gpus.count.value_or(0);
    gpus.said_as = fmt::format("{}: {}", resource, value.text);
    gpus.at = position(documents, value);
  }
}

std::uint32_t devices_of(const Yaml& claim) {
  std::uint32_t count = 0;
  const Yaml* requests = claim.at({"spec", "spec", "devices", "requests"});
  if (requests == nullptr) requests = claim.at({"spec", "devices", "requests"});
  if (requests == nullptr) return 0;
  for (const Yaml& request : requests->items) {
    const Yaml* exactly =
        request.find("exactly");  // resource.k8s.io/v1; v1beta1 has its members in the request
    const Yaml& device = exactly != nullptr ? *exactly : request;
    if (contains_letters(device.text_of("deviceClassName"), "gpu"))
      count += whole_number(device.find("count")).value_or(1);
  }
  return count;
}

// Dynamic resource allocation: the devices of the claims that a container names.
void read_claims(const Yaml& resources, const Yaml& spec, GpuRequest& gpus, const Documents& documents) {
  const Yaml* names = resources.find("claims");
  const Yaml* claims = spec.find("resourceClaims");
  if (gpus.count || names == nullptr || claims == nullptr) return;
  for (const Yaml& claim : claims->items) {
    const auto is_it = [&](const Yaml& name) { return name.text_of("name") == claim.text_of("name"); };
    if (std::ranges::none_of(names->items, is_it)) continue;
    const std::string template_name = claim.text_of("resourceClaimTemplateName");
    const Yaml* object = find_object(documents, "ResourceClaimTemplate", template_name);
    if (object == nullptr)
      object = find_object(documents, "ResourceClaim", claim.text_of("resourceClaimName"));
    if (object != nullptr && devices_of(*object) > 0)
      gpus.count = gpus.count.value_or(0) + devices_of(*object);
    gpus.said_as = fmt::format("resource claim {}", claim.text_of("name"));
    gpus.at = position(documents, claim);
  }
}

// HAMi: a share of each GPU's memory in percent.
void read_share(const Yaml* amounts, GpuRequest& gpus) {
  const Yaml* share = amounts == nullptr ? nullptr : amounts->find("nvidia.com/gpumem-percentage");
  if (const auto percent = whole_number(share); percent && *percent > 0 && *percent <= 100)
    gpus.fraction = *percent / 100.0;
}

// What all values of a label say in common.
std::optional<NamedGpus> common_gpus(std::string_view label, const std::vector<std::string_view>& values) {
  std::optional<NamedGpus> result;
  for (const std::string_view value : values) {
    const std::optional<NamedGpus> gpus = gpus_of_label(label, value);
    if (!gpus || (result && result->hardware != gpus->hardware)) return std::nullopt;
    if (!result)
      result = gpus;
    else if (result->count != gpus->count)
      result->count.reset();
  }
  return result;
}

constexpr std::string_view gke_count = "cloud.google.com/gke-accelerator-count";
constexpr std::string_view gke_clients = "cloud.google.com/gke-max-shared-clients-per-gpu";
constexpr std::string_view gke_slice = "cloud.google.com/gke-gpu-partition-size";

void read_label(std::string_view label, const std::vector<std::string_view>& values, const Position& at,
                GpuRequest& gpus, std::optional<std::uint32_t>& machine_count) {
  if (values.empty()) return;
  const Yaml first{.kind = Yaml::Kind::scalar, .text = std::string(values.front())};
  if (label == gke_count && !machine_count) machine_count = whole_number(&first);
  if (const auto clients = whole_number(&first); label == gke_clients && clients && *clients > 0)
    gpus.fraction = 1.0 / *clients;
  if (label == gke_slice) {  // the card's name then does not tell the GPU's size
    gpus.said_as = fmt::format("{}: {}", label, values.front());
    gpus.at = at;
  }
  if (!tells_gpus(label)) return;
  const std::optional<NamedGpus> named = common_gpus(label, values);
  if (!named && !gpus.hardware.empty()) return;
  if (named && gpus.hardware.empty()) {
    gpus.hardware = named->hardware;
    if (named->count) machine_count = named->count;
  }
  gpus.said_as = fmt::format("{}: {}", label, fmt::join(values, ", "));
  gpus.at = at;
}

std::vector<std::string_view> texts_of(const Yaml* list) {
  constexpr std::size_t most = 16;  // more of them do not tell one GPU
  std::vector<std::string_view> result;
  if (list != nullptr && list->items.size() <= most)
    for (const Yaml& value : list->items)
      if (value.is_scalar()) result.push_back(value.text);
  return result;
}

// One of the terms has to hold, so that several terms tell only what they have in common; most have one.
void read_terms(const Yaml* terms, const Documents& documents, GpuRequest& gpus,
                std::optional<std::uint32_t>& machine_count) {
  if (terms == nullptr || terms->items.size() != 1) return;
  const Yaml* expressions = terms->items.front().find("matchExpressions");
  if (expressions == nullptr) return;
  for (const Yaml& expression : expressions->items)
    if (expression.text_of("operator") == "In")
      read_label(expression.text_of("key"), texts_of(expression.find("values")),
                 position(documents, expression), gpus, machine_count);
}

void read_choice(const Yaml& choice, const Documents& documents, GpuRequest& gpus,
                 std::optional<std::uint32_t>& machine_count) {
  if (const Yaml* selector = choice.find("nodeSelector"))
    for (const auto& [label, value] : selector->members)
      if (value.is_scalar())
        read_label(trimmed(label), {value.text}, position(documents, value), gpus, machine_count);
  read_terms(choice.at({"affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution",
                        "nodeSelectorTerms"}),
             documents, gpus, machine_count);
  read_terms(choice.find("nodeSelectorTerms"), documents, gpus,
             machine_count);  // of the vLLM production stack
}

}  // namespace

GpuRequest gpu_request(const Yaml* resources, const Yaml& choice, const Documents& documents) {
  GpuRequest gpus;
  std::optional<std::uint32_t> machine_count;
  if (resources != nullptr) {
    read_resources(resources->find("limits"), gpus, documents);
    read_resources(resources->find("requests"), gpus, documents);
    read_share(resources->find("limits"), gpus);
    read_claims(*resources, choice, gpus, documents);
  }
  const std::string resource = gpus.said_as;
  const Position at = gpus.at;
  read_choice(choice, documents, gpus, machine_count);
  if (is_slice_resource(resource) || gpus.said_as.starts_with(gke_slice)) gpus.hardware.clear();
  if (is_slice_resource(resource) || (gpus.said_as.empty() && !resource.empty())) {
    gpus.said_as = resource;
    gpus.at = at;
  }
  if (!gpus.count) gpus.count = machine_count;
  return gpus;
}

bool has_gpus(const GpuRequest& gpus) {
  return gpus.all || (gpus.count ? *gpus.count > 0 : !gpus.said_as.empty());
}

}  // namespace vramcalc::deployment
