#pragma once

#include <string>

#include "deployment/formats/pod_spec.hpp"

namespace vramcalc::deployment {

std::string object_name(const Yaml& object);

// The name of a workload, and the largest number of replicas that an autoscaler of the input gives it.
Pods workload_pods(const Yaml& object, const Documents& documents);

// What a part of a specification says about replicas: replicas, parallelism of a Job, numHosts of Ray.
void multiply_replicas(const Yaml& node, Pods& pods, const Documents& documents);
// With bounds: maxReplicas counts, a minimum of 0 is judged as 1.
void set_replicas(const Yaml* least, const Yaml* most, Pods& pods, const Documents& documents);

// Replicas of a StatefulSet that are the nodes of one engine, by --nnodes, become the pods of one copy.
void join_nodes(std::size_t from, Reading& reading);

// LeaderWorkerSet: groups of a leader and its workers, which run one engine together.
void read_leader_worker_set(const Yaml& spec, Pods pods, const Documents& documents, Reading& reading);

// Whether any of the launches from there on is of a known program.
bool starts_engine(const Reading& reading, std::size_t from);

// An object of any kind, by the first reader that recognises it.
void read_object(const Documents& documents, Reading& reading);

}  // namespace vramcalc::deployment
