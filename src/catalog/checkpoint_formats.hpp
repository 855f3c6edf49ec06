#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vramcalc/checkpoint_format.hpp"

// Formats of quantized checkpoints, as spelled in repository names and flags of other programs. They are not
// GGUF file types; each has a description and the nearest file type.
namespace vramcalc::catalog {

using FormatWords = std::span<const FormatWord>;

// The word itself, or that of its unit: "awq", "4bit" → bit, "4.5bpw" → bpw; null if there is none.
const FormatWord* format_word(std::string_view word, FormatWords formats);

// The format of words ("awq", "GPTQ-Int4", "mlx-8bit", "w4a16", "4.5bpw") and the nearest file type; null if
// there is none.
struct NamedFormat {
  const FormatWord* format = nullptr;
  std::string_view nearest;
};
NamedFormat named_format(std::string_view words, FormatWords formats);

// The same from the last words of a name, which are removed: "Qwen3-4B-GPTQ-Int4" becomes "Qwen3-4B".
NamedFormat take_format(std::string& name, FormatWords formats);

const FormatWord* word_of_family(std::string_view family, FormatWords formats);

// "a checkpoint format (AWQ: 4-bit integers with a scale per group, for vLLM and SGLang)"
std::string description(const FormatWord& format);

// Details of a format in a spelling, which name no format by themselves: "dynamic", "128g", "h6".
bool is_detail_of_format(std::string_view word);

// The words of a spelling; a dot between digits does not separate them.
std::vector<std::string> words_of_format(std::string_view text);

}  // namespace vramcalc::catalog
