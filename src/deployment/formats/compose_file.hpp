#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "deployment/formats.hpp"
#include "deployment/formats/source_lines.hpp"

namespace vramcalc::deployment {

// A compose file while it is read.
struct ComposeFile {
  const Documents& documents;
  const Yaml& services;
  std::unordered_map<std::string_view, const Yaml*> by_name;
  std::vector<Variable> variables;  // for ${NAME}
  SourceLines lines;
  std::size_t copied = 0;  // values, by `extends` and env_file
};

ComposeFile compose_file(const Documents& documents, const Yaml& services);

Position place(const ComposeFile& file, const Yaml& value);
// A scalar with its ${NAME}; empty for anything else.
Word compose_word(const ComposeFile& file, const Yaml& value);
// A command as a list, or as a text that is split as a shell does.
std::vector<Word> compose_words(const ComposeFile& file, const Yaml* value);

// Error (bad_file) if a file copies more than its size is worth.
void charge_copies(ComposeFile& file, std::size_t values, const Yaml& at);

// A service with what it extends. `holes` says what the file does not have.
Yaml compose_service(ComposeFile& file, const Yaml& service, std::vector<Hole>& holes);

// The environment: of env_file, then `environment`.
std::vector<Variable> compose_environment(ComposeFile& file, const Yaml& service);

// The GPUs of a service on the machine that runs the file.
GpuRequest compose_gpus(const ComposeFile& file, const Yaml& service, std::vector<Hole>& holes);

// Paths inside the container, and where the machine has them.
std::vector<std::pair<std::string, std::string>> compose_mounts(const ComposeFile& file, const Yaml& service);

}  // namespace vramcalc::deployment
