#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "deployment/yaml.hpp"
#include "vramcalc/deployment.hpp"

namespace vramcalc::deployment {

// What a format's reader gets: one document, and all documents of all inputs for what it refers to
// (ConfigMaps, other services).
struct Documents {
  const Input& input;
  const Yaml& document;
  std::span<const Yaml> siblings;                                     // the documents of all inputs
  const std::vector<std::pair<std::string, std::string>>& variables;  // --set, then .env
  const Supplied& supplied;
};

// A format of manifests, as a row of a table. The first that recognises a document reads it.
struct Format {
  std::string_view id;
  bool (*recognises)(const Yaml& document) = nullptr;
  void (*read)(const Documents& documents, Reading& reading) = nullptr;
};
std::span<const Format> formats();

// A text with ${NAME}, ${NAME:-default} and the like, as compose files and shells expand it: names that
// `variables` and `supplied` lack become holes. Kubernetes expands $(NAME) only.
enum class Expansion { shell, compose, kubernetes, none };
Word expand(std::string_view text, const Position& at, Expansion expansion,
            const std::vector<Variable>& variables, const Supplied& supplied);

// Adds what a command starts to `reading`, one launch per engine, each with what `base` says: an engine
// itself, `docker run … IMAGE …`, `sh -c SCRIPT`, `env`, `exec`, `numactl` and such before it. An empty
// command runs the image's own. Returns whether it found an engine.
bool add_command(const std::vector<Word>& words, const Launch& base, const Supplied& supplied,
                 Reading& reading);
// The same for a script.
bool add_script(std::string_view script, const Launch& base, const Supplied& supplied, Reading& reading);

}  // namespace vramcalc::deployment
