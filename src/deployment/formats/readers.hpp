#pragma once

#include "deployment/formats.hpp"

// Readers of what starts engines outside Kubernetes. None of them recognises what has an apiVersion.
namespace vramcalc::deployment {

// Docker and Podman compose files: a map `services`.
bool is_compose(const Yaml& document);
void read_compose(const Documents& documents, Reading& reading);

// llama-swap's configuration: a map `models` whose members have a `cmd`.
bool is_llama_swap(const Yaml& document);
void read_llama_swap(const Documents& documents, Reading& reading);

// LocalAI's configuration of a model, alone, in a list, and in a gallery's file.
bool is_localai(const Yaml& document);
void read_localai(const Documents& documents, Reading& reading);

// GPUStack's models, catalogs of models and backends of its users.
bool is_gpustack(const Yaml& document);
void read_gpustack(const Documents& documents, Reading& reading);

// SkyPilot's tasks: a script `run` and what it needs.
bool is_skypilot(const Yaml& document);
void read_skypilot(const Documents& documents, Reading& reading);

// dstack's runs: `type: service`, `task` and `dev-environment`.
bool is_dstack(const Yaml& document);
void read_dstack(const Documents& documents, Reading& reading);

}  // namespace vramcalc::deployment
