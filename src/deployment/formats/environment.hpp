#pragma once

#include <string>
#include <utility>
#include <vector>

#include "deployment/formats/pod_spec.hpp"

namespace vramcalc::deployment {

// The environment of a container: the controller's, envFrom, env, in the order in which they override. Values
// of Secrets and those that Kubernetes fills in later are holes.
std::vector<Variable> container_environment(const Yaml& container, const Pods& pods,
                                            const Documents& documents);

// The files of ConfigMaps that a container can read.
std::vector<std::pair<std::string, std::string>> mounted_files(const Yaml& container, const Yaml& spec,
                                                               const Documents& documents);

// The folders of the machine that a container sees: paths inside and outside.
std::vector<std::pair<std::string, std::string>> mounted_folders(const Yaml& container, const Yaml& spec);

}  // namespace vramcalc::deployment
