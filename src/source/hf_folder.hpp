#pragma once

#include <functional>
#include <string>
#include <vector>

#include "source/byte_source.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/source.hpp"

namespace vramcalc::source {

// A repository: names of files, and how to open one. It is a folder on disk or on the hub.
struct Repository {
  std::string name;                // for messages and titles: "Qwen/Qwen3-8B", "/models/qwen"
  std::vector<std::string> files;  // paths inside it, '/' between folders, sorted
  std::function<ByteSource(const std::string& file)> open;
  bool has(const std::string& file) const;
};

Repository folder_repository(const std::string& path);

// The model that config.json describes, with the tensors of its safetensors files. A config.json may have 4
// MiB, 200,000 values and 64 levels; time and memory are proportional to its length. Every field must be
// understood or known not to matter (source/hf_understood.hpp).
LoadedModel load_hf_repository(const Catalog& catalog, const Repository& repository,
                               const LoadOptions& options = {});

// A folder, a config.json or a safetensors file in one; a folder with one GGUF model and no config.
LoadedModel load_hf_folder(const Catalog& catalog, const std::string& path, const LoadOptions& options = {});

}  // namespace vramcalc::source
