#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vramcalc/file_type.hpp"

// What people type for a model, taken apart by the customs of those who publish such: addresses, repositories
// with their publisher, GGUF file names, tags.
namespace vramcalc::catalog {

struct SpelledModel {
  std::string publisher;           // "unsloth" of "unsloth/Qwen3-8B-GGUF", empty: none is named
  std::string name;                // "Qwen3-8B"
  std::string quantization;        // "Q4_K_M", "UD-Q4_K_XL", empty: none is named
  std::string format;              // "AWQ", a checkpoint format, empty: none is named
  std::string repository;          // "unsloth/Qwen3-8B-GGUF" where there is a publisher
  bool is_file = false;            // it ends in .gguf
  bool is_trained_for_it = false;  // quantization-aware training ("-qat")
};

SpelledModel spelled_model(std::string_view word, std::span<const FileType> file_types);

// "Q4_K_M", "iq3_xxs", "UD-Q4_K_XL", "i1-Q4_K_S": it looks like the type of a GGUF file.
bool looks_like_file_type(std::string_view word);

}  // namespace vramcalc::catalog
