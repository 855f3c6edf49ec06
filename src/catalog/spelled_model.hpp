#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vramcalc/checkpoint_format.hpp"
#include "vramcalc/file_type.hpp"

// A model name as people type it, split by the conventions of publishers: addresses, repositories with their
// publisher, GGUF file names, tags.
namespace vramcalc::catalog {

struct SpelledModel {
  std::string publisher;           // "unsloth" of "unsloth/Qwen3-8B-GGUF"; empty: none
  std::string name;                // "Qwen3-8B"
  std::string quantization;        // "Q4_K_M", "UD-Q4_K_XL"; empty: none
  std::string format;              // "AWQ", a checkpoint format; empty: none
  std::string repository;          // "unsloth/Qwen3-8B-GGUF" if there is a publisher
  std::string format_spelling;     // the words that say so: "GPTQ-Int8", "mlx 4bit"
  bool is_file = false;            // it ends in .gguf
  bool is_trained_for_it = false;  // quantization-aware training ("-qat")
};

SpelledModel spelled_model(std::string_view word, std::span<const FileType> file_types,
                           std::span<const FormatWord> format_words);

// Whether it looks like a GGUF file type: "Q4_K_M", "iq3_xxs", "UD-Q4_K_XL", "i1-Q4_K_S".
bool looks_like_file_type(std::string_view word);

}  // namespace vramcalc::catalog
