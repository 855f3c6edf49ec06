#pragma once

#include <string>
#include <string_view>
#include <vector>

// Formats of quantized checkpoints, as names of repositories and flags of other programs spell them. They are
// no GGUF file types: what they are is said, and which file type is near.
namespace vramcalc::catalog {

struct CheckpointFormat {
  std::string_view word;   // as names have it, in lower case: "awq"
  std::string_view title;  // "AWQ"
  std::string_view nearest;   // the file type of llama.cpp with about as many bits
  std::string_view what;   // what it is and who loads it
};

// "awq", "GPTQ-Int4", "mlx-8bit", "w4a16", "4.5bpw": the format, with the file type that is near it; null:
// it is none.
struct NamedFormat {
  const CheckpointFormat* format = nullptr;
  std::string_view nearest;
};
NamedFormat named_format(std::string_view words);

// The same from the last words of a name: "Qwen3-4B-GPTQ-Int4" is left as "Qwen3-4B".
NamedFormat take_format(std::string& name);

const CheckpointFormat* format_of_title(std::string_view title);

// "a checkpoint format (AWQ: 4-bit integers with a scale per group, for vLLM and SGLang)"
std::string description(const CheckpointFormat& format);

}  // namespace vramcalc::catalog
