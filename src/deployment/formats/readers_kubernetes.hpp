#pragma once

#include "deployment/formats.hpp"

// Readers of what has apiVersion and kind, of Ray Serve's configurations, and of values files of charts. The
// first that recognises a document reads it, in this order.
namespace vramcalc::deployment {

// serving.kserve.io: InferenceService, ServingRuntime, LLMInferenceService and their relatives.
bool is_kserve(const Yaml& document);
void read_kserve(const Documents& documents, Reading& reading);

// Ray Serve's configuration files, and RayService, RayCluster and RayJob.
bool is_ray(const Yaml& document);
void read_ray(const Documents& documents, Reading& reading);

// Kinds that an operator turns into pods: KubeAI's Model, VLLMRuntime, DynamoGraphDeployment, NIMService, …
bool is_operator(const Yaml& document);
void read_operator(const Documents& documents, Reading& reading);

// Everything else with apiVersion and kind: what has pods in it is read, other kinds are passed over.
bool is_kubernetes(const Yaml& document);
void read_kubernetes(const Documents& documents, Reading& reading);

// Values files of charts that start engines.
bool is_helm_values(const Yaml& document);
void read_helm_values(const Documents& documents, Reading& reading);

}  // namespace vramcalc::deployment
