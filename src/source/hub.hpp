#pragma once

#include <optional>
#include <string>
#include <vector>

#include "source/gguf.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/source.hpp"

// Repositories of the Hugging Face hub (or a mirror: HF_ENDPOINT), and single files at a URL.
namespace vramcalc::source {

// "hf:org/name", "hf:org/name@revision", "hf:org/name:Q4_K_M", or the URL of a page or file of the hub.
struct HubName {
  std::string repository;
  std::string revision = "main";
  std::string quantization;  // which of several GGUFs; empty: any
  std::string file;          // one file of it; empty: none named
  friend bool operator==(const HubName&, const HubName&) = default;
};
bool is_hub_name(const std::string& word);
HubName parse_hub_name(const std::string& word);

// The GGUF file that is meant among a repository's files, or its first part.
std::string choose_gguf(const std::vector<std::string>& files, const std::string& quantization,
                        const std::string& repository);

// The same for projectors (mmproj); one must be named if there are several.
std::string choose_projector(const std::vector<std::string>& files, const std::string& quantization,
                             const std::string& repository);

// Files loaded along with a model: a repository's projector or adapter.
enum class Beside { projector, adapter };
GgufFile read_hub_gguf(const std::string& word, Beside kind, const LoadOptions& options);
GgufFile read_url_gguf(const std::string& url, const LoadOptions& options);

LoadedModel load_hub(const Catalog& catalog, const std::string& word, const LoadOptions& options = {});

bool is_url(const std::string& word);
LoadedModel load_url(const Catalog& catalog, const std::string& url, const LoadOptions& options = {});

}  // namespace vramcalc::source
