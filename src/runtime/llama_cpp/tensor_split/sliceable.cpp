#include "runtime/llama_cpp/tensor_split/sliceable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "vramcalc/error.hpp"

namespace vramcalc::llama_cpp::tensor_split {
namespace {

// Names of src/llama-arch.cpp, llm_arch_supports_sm_tensor.
constexpr std::array<std::string_view, 30> refused = {
    "grok",       "mpt",         "plamo2",         "minicpm3",      "gemma3n",    "mamba",
    "mamba2",     "jamba",       "falcon-h1",      "olmo2",         "olmoe",      "deepseek2",
    "deepseek32", "hy_v4",       "dots3note",      "glm-dsa",       "bitnet",     "t5",
    "nemotron_h", "mistral4",    "nemotron_h_moe", "granitehybrid", "minimax-01", "minimax-m2",
    "minimax-m3", "kimi-linear", "bailingmoe3",    "kimi-k3",       "qwen3tts",   "qwen4exp"};

bool is_sliced_here(const Block& block) {
  return std::holds_alternative<GroupedQueryAttention>(block.attention) ||
         std::holds_alternative<GatedDeltaNet>(block.attention) ||
         std::holds_alternative<ShortConvolution>(block.attention);
}

}  // namespace

void require_sliceable(const Architecture& architecture, const Placement& placement) {
  if (std::ranges::find(refused, architecture.gguf_name) != refused.end())
    throw Error(
        ErrorCode::bad_value,
        fmt::format("-sm tensor: llama.cpp 0.5.0 does not have it for the architecture {}; use -sm layer",
                    architecture.gguf_name));
  if (!std::ranges::all_of(architecture.blocks, is_sliced_here))
    throw Error(ErrorCode::unsupported,
                fmt::format("-sm tensor is not calculated for the architecture {}; use -sm layer",
                            architecture.gguf_name));
  if (placement.layers || !placement.overrides.empty())
    throw Error(ErrorCode::unsupported,
                "-sm tensor is calculated for a model that is on the GPUs as a whole; leave out -ngl, -ot, "
                "-cmoe and -ncmoe");
}

}  // namespace vramcalc::llama_cpp::tensor_split
