#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vramcalc/catalog.hpp"

// The model meant by a name that the catalog does not have. From exact to loose; each step is taken only if
// the one before found nothing:
//
//   without what publishers add      unsloth/Qwen3-8B-GGUF:Q4_K_M, Qwen3-8B-Q4_K_M.gguf, qwen3:8b-q8_0
//   without words that tell little   Meta-Llama-3.1-8B, mistral-7b-instruct, gemma-2b-it
//   the same words in any order      deepseek-r1:14b-qwen-distill-q4_K_M
//   the one model that it begins     qwen3-next, mistral-small3.2, command-a
//   a change that keeps the shape    Qwen3-8B-Base, Qwen3-8B-abliterated
// If several begin with it, the word is a family, and the error names them all. A name that adds words to a
// model's (a fine-tune) is refused, since its shape is unknown.
namespace vramcalc::catalog {

NamedModel find_model(std::string_view word, const std::vector<const ModelRow*>& rows,
                      std::span<const FileType> file_types, std::span<const FormatWord> format_words);

// "gemma4 is a family; name one: gemma-4-e2b, gemma-4-e4b, gemma-4-12b"; at most the first dozen.
std::string list_message(std::string_view what, const std::vector<std::string>& ids,
                         std::string_view list_command);

}  // namespace vramcalc::catalog
