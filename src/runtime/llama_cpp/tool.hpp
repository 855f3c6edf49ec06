#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "runtime/llama_cpp/release.hpp"
#include "vramcalc/llama_cpp/options.hpp"

// The programs that run llama.cpp other than llama-server, and what they set where the user does not.
namespace vramcalc::llama_cpp {

struct ToolRules {
  Tool tool;
  std::string_view id, title;
  bool all_logits = false;                // reserves a row of logits for every token of a micro-batch
  bool fits = false;                      // with llama.cpp's own fit, unless layers are asked for
  std::optional<std::uint32_t> parallel;  // empty: llama-server's own, four slots that share a cache
  std::uint64_t context = 0;  // tokens, at most the model's; 0: the model's, or by a rule of its own
};

// Their names for --runtime.
std::span<const std::string_view> tools();

// llama-server's if the name is empty.
const ToolRules& tool_called(std::string_view id);
const ToolRules& rules_of(Tool tool);

// The builds of llama.cpp that a release of a tool may hold. Empty for tools that are released with
// llama.cpp, and for releases that name one of llama.cpp's own. `release` is a version (0.34.2, 0.33) or a
// date (2026-09-29) of Ollama, or empty for the newest of any. Error (bad_value) for others and for those
// whose engine is not llama-server.
std::optional<Builds> builds_of(Tool tool, std::string_view release);

// The rules of a tool's engine.
ReleaseRules release_rules(std::string_view tool, std::string_view release);
DraftingRules drafting_rules(std::string_view tool, std::string_view release);

// Whether this release of Ollama runs some models on MLX on Apple silicon, instead of llama.cpp.
bool prefers_mlx(std::string_view release);

// "Ollama 0.34.2 (llama.cpp b10969)"
std::string title_of(Tool tool, std::string_view release);

}  // namespace vramcalc::llama_cpp
