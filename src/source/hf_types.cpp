#include "source/hf_types.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace vramcalc::source {
namespace {

struct Name {
  std::string_view theirs, ours;
};

// Types whose layers are those of another one, as llama.cpp 0.5.0 converts them (conversion/__init__.py).
constexpr std::array usual{
    Name{"RefinedWeb",       "falcon"         },
    Name{"RefinedWebModel",  "falcon"         },
    Name{"camembert",        "xlm-roberta"    },
    Name{"chatglm",          "glm"            },
    Name{"deepseek_vl_v2",   "deepseek_v2"    },
    Name{"gemma4_unified",   "gemma4"         },
    Name{"granitemoeshared", "granitemoe"     },
    Name{"hunyuan",          "hunyuan_v1_moe" },
    Name{"minimax",          "minimax_text_01"},
    Name{"minimax_m1",       "minimax_text_01"},
    Name{"mistral-nemo",     "mistral"        },
    Name{"phi3_v",           "phi3"           },
    Name{"qwen2_5_omni",     "qwen2_5_vl"     },
    Name{"qwen3_omni_moe",   "qwen3_vl_moe"   },
    Name{"roberta",          "xlm-roberta"    },
    Name{"stablelm_epoch",   "stablelm"       },
    Name{"step3p5_moe",      "step3p5"        },
    Name{"step3p7",          "step3p5"        },
};

// From src/llama-arch.cpp of llama.cpp 0.5.0, without the types that have a row.
constexpr std::array elsewhere{
    Name{"Dream",         "dream"         },
    Name{"LLaDA",         "llada"         },
    Name{"PanguEmbedded", "pangu-embedded"},
    Name{"bamba",         "granitehybrid" },
    Name{"bitnet",        "bitnet"        },
    Name{"chameleon",     "chameleon"     },
    Name{"codeshell",     "codeshell"     },
    Name{"cogvlm",        "cogvlm"        },
    Name{"cohere2_moe",   "cohere2moe"    },
    Name{"deepseek_ocr",  "deepseek2-ocr" },
    Name{"distilbert",    "bert"          },
    Name{"dream",         "dream"         },
    Name{"eurobert",      "eurobert"      },
    Name{"gpt_refact",    "refact"        },
    Name{"grove_moe",     "grovemoe"      },
    Name{"hunyuan_vl",    "hunyuan_vl"    },
    Name{"jais",          "jais"          },
    Name{"jais2",         "jais2"         },
    Name{"llada",         "llada"         },
    Name{"llada_moe",     "llada-moe"     },
    Name{"maincoder",     "maincoder"     },
    Name{"modernbert",    "modern-bert"   },
    Name{"mt5",           "t5"            },
    Name{"nanbeige",      "nanbeige"      },
    Name{"neobert",       "neo-bert"      },
    Name{"openelm",       "openelm"       },
    Name{"orion",         "orion"         },
    Name{"paddleocr_vl",  "paddleocr"     },
    Name{"plamo",         "plamo"         },
    Name{"plamo2",        "plamo2"        },
    Name{"plamo3",        "plamo3"        },
    Name{"plm",           "plm"           },
    Name{"qwen",          "qwen"          },
    Name{"rwkv6",         "rwkv6"         },
    Name{"rwkv6qwen2",    "rwkv6qwen2"    },
    Name{"rwkv7",         "rwkv7"         },
    Name{"sarvam_moe",    "bailingmoe2"   },
    Name{"smallthinker",  "smallthinker"  },
    Name{"solar_open",    "glm4moe"       },
    Name{"t5",            "t5"            },
    Name{"talkie",        "talkie"        },
    Name{"umt5",          "t5"            },
    Name{"xverse",        "xverse"        },
    Name{"youtu",         "deepseek2"     },
    Name{"youtu_vl",      "deepseek2"     },
};

std::string_view find(std::span<const Name> names, std::string_view model_type) {
  const auto found = std::ranges::find(names, model_type, &Name::theirs);
  return found == names.end() ? std::string_view() : found->ours;
}

}  // namespace

std::string_view usual_type(std::string_view model_type) { return find(usual, model_type); }

std::string_view gguf_name_elsewhere(std::string_view model_type) { return find(elsewhere, model_type); }

}  // namespace vramcalc::source
