#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "deployment/formats.hpp"

// Specifications of pods, which Deployments, operators' kinds and KServe's runtimes have in common.
namespace vramcalc::deployment {

// What a controller says about the pods that it makes.
struct Pods {
  std::string name;            // of the controller
  std::uint32_t replicas = 1;  // copies
  std::uint32_t count = 1;     // pods of one copy
  std::vector<Variable> environment = {};
  std::vector<Finding> findings = {};
  std::vector<Hole> holes = {};
  std::vector<std::pair<std::string, Word>> stored =
      {};                             // what a path holds: "/mnt/models" a model of the hub
  const Yaml* annotations = nullptr;  // of the pods
};

Position position(const Documents& documents, const Yaml& value);
// A whole number, of any spelling that YAML has for it; empty for anything else.
std::optional<std::uint32_t> whole_number(const Yaml* value);
bool is_true(const Yaml* value);

// An object of the same input by its kind and name, also out of a List; null if there is none.
const Yaml* find_object(const Documents& documents, std::string_view kind, std::string_view name);

// The GPUs that resources and the choice of nodes give a container. `choice` has nodeSelector and affinity.
GpuRequest gpu_request(const Yaml* resources, const Yaml& choice, const Documents& documents);
bool has_gpus(const GpuRequest& gpus);

// The services of a pod: each container that starts an engine, or gets GPUs for another program.
void read_pods(const Yaml& spec, const Pods& pods, const Documents& documents, Reading& reading);

// What a container's launch has before its command is read.
Launch container_launch(const Yaml& container, const Yaml& spec, const Pods& pods,
                        const Documents& documents);
std::vector<Word> container_words(const Yaml& container, const Launch& launch, const Documents& documents);

// A launch whose program is not known, for this reason.
void add_unread(Launch launch, std::string_view why, Reading& reading, std::string_view fix = "");

// hf://org/model[:revision] or org/model: the model; empty for any other place.
std::string hub_model(std::string_view uri);
// A word for the model at a URI: with a hole unless it is one of the hub.
Word model_word(const Yaml& uri, const Documents& documents);

}  // namespace vramcalc::deployment
