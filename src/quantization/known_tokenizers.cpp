#include "quantization/known_tokenizers.hpp"

#include <array>

namespace vramcalc {
namespace {

using Kind = TokenizerFacts::Kind;

struct Known {
  std::uint32_t tokens;
  std::string_view architecture;  // prefix of the GGUF architecture; empty for any
  Kind kind;
  std::uint32_t merges;  // of BPE
};

// Merges as llama.cpp prints them when it loads a file (print_info: n_merges); kinds by the converters of
// llama.cpp 0.5.0 (conversion/).
constexpr std::array known{
    Known{30'522,  "bert",       Kind::wordpiece, 0      },
    Known{30'528,  "nomic-bert", Kind::wordpiece, 0      },
    Known{32'000,  "",           Kind::spm,       0      }, // Llama 2, Mistral
    Known{32'064,  "",           Kind::spm,       0      }, // Phi 3
    Known{32'768,  "",           Kind::spm,       0      }, // Mistral v3
    Known{128'256, "",           Kind::bpe,       280'147}, // Llama 3
    Known{129'280, "",           Kind::bpe,       127'741}, // DeepSeek V3
    Known{131'072, "",           Kind::bpe,       269'443}, // Mistral's Tekken
    Known{151'936, "",           Kind::bpe,       151'387}, // Qwen 2 and 3
    Known{152'064, "",           Kind::bpe,       151'387},
    Known{201'088, "",           Kind::bpe,       446'189}, // gpt-oss
    Known{248'320, "",           Kind::bpe,       247'587}, // Qwen 3.5
    Known{250'002, "bert",       Kind::unigram,   0      }, // XLM-R
    Known{256'000, "gemma",      Kind::spm,       0      },
    Known{262'144, "gemma4",     Kind::bpe,       514'906},
    Known{262'144, "gemma",      Kind::spm,       0      },
    Known{262'400, "gemma3n",    Kind::spm,       0      },
};

}  // namespace

TokenizerFacts known_tokenizer(std::string_view gguf_name, std::uint64_t tokens) {
  for (const Known& each : known) {
    if (each.tokens != tokens || !gguf_name.starts_with(each.architecture)) continue;
    TokenizerFacts facts{each.kind, each.tokens, {}, {}};
    if (each.kind == Kind::bpe) facts.merges = each.merges;
    return facts;
  }
  return {};
}

}  // namespace vramcalc
