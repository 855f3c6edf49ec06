#include "source/gguf_known_architectures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace vramcalc::source {
namespace {

// The names of 0.5.0 are those of its library (src/llama-arch.cpp), those of b12211 the ones that this build
// accepts and 0.5.0 does not.
constexpr std::array architectures{
    KnownArchitecture{"arwkv7",           "0.5.0" },
    KnownArchitecture{"bailingmoe3",      "0.5.0" },
    KnownArchitecture{"beam",             "b12211"},
    KnownArchitecture{"clef",             "b12211"},
    KnownArchitecture{"clover_moe",       "b12211"},
    KnownArchitecture{"cogvlm",           "0.5.0" },
    KnownArchitecture{"deepseek41",       "b12211"},
    KnownArchitecture{"dflash",           "0.5.0" },
    KnownArchitecture{"dots3note",        "0.5.0" },
    KnownArchitecture{"eagle3",           "0.5.0" },
    KnownArchitecture{"flint",            "b12211"},
    KnownArchitecture{"gemma-embedding2", "b12211"},
    KnownArchitecture{"gemma4-assistant", "0.5.0" },
    KnownArchitecture{"glm5-next",        "b12211"},
    KnownArchitecture{"gptj",             "0.5.0" },
    KnownArchitecture{"graniteswitch",    "0.5.0" },
    KnownArchitecture{"hrm_text",         "0.5.0" },
    KnownArchitecture{"hy_v4",            "0.5.0" },
    KnownArchitecture{"k2-horizon",       "b12211"},
    KnownArchitecture{"kimi-k31",         "b12211"},
    KnownArchitecture{"kolibri1",         "b12211"},
    KnownArchitecture{"lfm3",             "b12211"},
    KnownArchitecture{"limite",           "b12211"},
    KnownArchitecture{"maion-coder",      "b12211"},
    KnownArchitecture{"metis16",          "b12211"},
    KnownArchitecture{"mistral-large4",   "b12211"},
    KnownArchitecture{"muse-spark",       "b12211"},
    KnownArchitecture{"nanbeige",         "0.5.0" },
    KnownArchitecture{"plamo",            "0.5.0" },
    KnownArchitecture{"plamo2",           "0.5.0" },
    KnownArchitecture{"plamo3",           "0.5.0" },
    KnownArchitecture{"plm",              "0.5.0" },
    KnownArchitecture{"pockettts",        "0.5.0" },
    KnownArchitecture{"qwen3tts",         "0.5.0" },
    KnownArchitecture{"qwen4exp",         "0.5.0" },
    KnownArchitecture{"ricursive",        "b12211"},
    KnownArchitecture{"rwkv6",            "0.5.0" },
    KnownArchitecture{"rwkv6qwen2",       "0.5.0" },
    KnownArchitecture{"rwkv7",            "0.5.0" },
    KnownArchitecture{"sensenova_u1",     "b12211"},
    KnownArchitecture{"spark2_5",         "0.5.0" },
    KnownArchitecture{"t5",               "0.5.0" },
    KnownArchitecture{"t5encoder",        "0.5.0" },
    KnownArchitecture{"talkie",           "0.5.0" },
    KnownArchitecture{"vllm-decision2",   "b12211"},
    KnownArchitecture{"wavtokenizer-dec", "0.5.0" },
    KnownArchitecture{"xing4_0",          "b12211"},
};

}  // namespace

std::span<const KnownArchitecture> known_architectures() { return architectures; }

std::string why_unknown(std::string_view architecture) {
  const auto found = std::ranges::find(architectures, architecture, &KnownArchitecture::name);
  if (found == architectures.end()) return "is not known";
  if (found->release == "0.5.0") return "is not known here, although llama.cpp 0.5.0 loads it";
  return fmt::format(
      "is not known here yet: llama.cpp loads it since {} (0.5.0 does not), and its shape was not examined",
      found->release);
}

}  // namespace vramcalc::source
