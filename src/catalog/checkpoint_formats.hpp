#pragma once

#include <string>
#include <string_view>
#include <vector>

// Formats of quantized checkpoints, as spelled in repository names and flags of other programs. They are not
// GGUF file types; each has a description and the nearest file type.
namespace vramcalc::catalog {

struct FormatName {
  std::string_view word;     // as in names, in lower case: "awq"
  std::string_view title;    // "AWQ"
  std::string_view nearest;  // the file type of llama.cpp with about as many bits
  std::string_view what;     // a description, and the programs that load it
};

// The format of a word ("awq", "GPTQ-Int4", "mlx-8bit", "w4a16", "4.5bpw") and the nearest file type; null if
// there is none.
struct NamedFormat {
  const FormatName* format = nullptr;
  std::string_view nearest;
};
NamedFormat named_format(std::string_view words);

// The same from the last words of a name, which are removed: "Qwen3-4B-GPTQ-Int4" becomes "Qwen3-4B".
NamedFormat take_format(std::string& name);

const FormatName* format_of_title(std::string_view title);

// "a checkpoint format (AWQ: 4-bit integers with a scale per group, for vLLM and SGLang)"
std::string description(const FormatName& format);

}  // namespace vramcalc::catalog
