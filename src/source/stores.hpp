#pragma once

#include <filesystem>
#include <string>

#include "vramcalc/catalog.hpp"
#include "vramcalc/source.hpp"

// Models of other programs on this machine: Ollama, LM Studio, the Hugging Face cache, llama.cpp.
namespace vramcalc::source {

// "ollama:llama3.1:8b", "ollama:user/name:tag", "ollama:hf.co/user/name:Q4_K_M"
bool is_ollama_name(const std::string& word);
std::string ollama_blob(const std::string& word);  // the path of its GGUF
LoadedModel load_ollama(const Catalog& catalog, const std::string& word, const LoadOptions& options = {});

}  // namespace vramcalc::source
