#include "source/gguf_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <tuple>

#include "catalog/names.hpp"
#include "catalog/suggest.hpp"
#include "model/printable.hpp"
#include "source/gguf_known_architectures.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::source {
namespace {

using nlohmann::json;

// The GGUF architectures under which the models of a row are written.
std::vector<std::string> written_as(const json& row) {
  std::vector<std::string> names;
  for (const char* key :
       {"gguf_architecture", "gguf_architecture_with_experts", "gguf_architecture_without_recurrence"})
    if (const auto found = row.find(key); found != row.end() && found->is_string())
      names.push_back(found->get<std::string>());
  return names;
}

bool is_written_as(const json& row, std::string_view architecture) {
  const std::vector<std::string> names = written_as(row);
  return std::ranges::find(names, architecture) != names.end();
}

[[noreturn]] void fail_unknown(const json& architectures, std::string_view name, const std::string& file) {
  std::deque<std::string> keys, ids;
  std::vector<catalog::Candidate> candidates;
  for (const auto& [model_type, row] : architectures.items())
    for (const std::string& id : written_as(row))
      candidates.push_back({keys.emplace_back(catalog::lookup_key(id)), ids.emplace_back(id)});
  std::vector<std::string> suggestions = catalog::suggest(name, candidates);
  const std::string nearest =
      suggestions.empty() ? "" : fmt::format("; the nearest are {}", fmt::join(suggestions, ", "));
  throw Error(
      ErrorCode::unsupported,
      fmt::format("{}: general.architecture {} {}{}", file, in_quotes(name), why_unknown(name), nearest),
      std::move(suggestions));
}

// [["sliding_attention", 3], ["full_attention", 1]] → one word per layer.
std::vector<std::string> spelled_out(const json& pattern) {
  std::vector<std::string> words;
  for (const json& run : pattern)
    words.insert(words.end(), run.at(1).get<std::size_t>(), run.at(0).get<std::string>());
  return words;
}

// llama.cpp 0.5.0, src/models/NAME.cpp, load_arch_hparams.
// clang-format off
constexpr std::array assumptions{
    GgufAssumptions{.architecture = "gemma2", .default_window = 4096},
    GgufAssumptions{.architecture = "gemma3n", .layers_with_cache = 20},
    GgufAssumptions{.architecture = "exaone4", .default_window = 4096, .windows_only_with_layers = 64},
    GgufAssumptions{.architecture = "llama4", .default_window = 8192, .fixed_window = 8192},
    GgufAssumptions{.architecture = "lfm2", .window_in_every_layer = true},
    GgufAssumptions{.architecture = "lfm2moe", .window_in_every_layer = true},
    GgufAssumptions{.architecture = "smallthinker", .fixed_window = 4096},
};
// clang-format on

GgufAssumptions assumptions_of(std::string_view architecture) {
  const auto found = std::ranges::find(assumptions, architecture, &GgufAssumptions::architecture);
  return found == assumptions.end() ? GgufAssumptions{.architecture = architecture} : *found;
}

// Architectures of llama.cpp 0.5.0 without a model in the catalog. Their blocks are read from the file; a row
// of similar layout gives the windows (src/models/NAME.cpp) and whether there is a cache
// (src/llama-model.cpp, create_memory). The order of operations in their graphs was not examined.
struct StandIn {
  std::string_view architecture, model_type, changes;
};
constexpr std::string_view full_then_sliding =
    R"({"layer_pattern": [["full_attention", 1], ["sliding_attention", 3]]})";
constexpr std::string_view sliding_then_full =
    R"({"layer_pattern": [["sliding_attention", 3], ["full_attention", 1]]})";
constexpr std::string_view no_cache = R"({"causal": false})";
constexpr std::string_view encoder = R"({"causal": false, "has_output": false})";
constexpr std::array stand_ins{
    StandIn{"bitnet",          "llama",            "{}"                                                             },
    StandIn{"chameleon",       "llama",            "{}"                                                             },
    StandIn{"codeshell",       "llama",            "{}"                                                             },
    StandIn{"cohere2moe",      "cohere2",          full_then_sliding                                                },
    StandIn{"deepseek2-ocr",   "deepseek",         "{}"                                                             },
    StandIn{"dream",           "qwen2",            no_cache                                                         },
    StandIn{"eurobert",        "llama",            encoder                                                          },
    StandIn{"gemma-embedding", "gemma3_text",      R"({"causal": false, "symmetric_window": true})"                 },
    StandIn{"granite_swa",     "granite",          "{}"                                                             },
    StandIn{"grovemoe",        "qwen3_moe",        "{}"                                                             },
    StandIn{"hunyuan_vl",      "hunyuan_v1_dense", "{}"                                                             },
    StandIn{"jais",            "gpt2",             R"({"alibi": true})"                                             },
    StandIn{"jais2",           "llama",            "{}"                                                             },
    StandIn{"jina-bert-v2",    "bert",             "{}"                                                             },
    StandIn{"jina-bert-v3",    "bert",             "{}"                                                             },
    StandIn{"laguna",          "afmoe",            full_then_sliding                                                },
    StandIn{"llada",           "llama",            no_cache                                                         },
    StandIn{"llada-moe",       "olmoe",            no_cache                                                         },
    StandIn{"llama-embed",     "llama",            "{}"                                                             },
    StandIn{"maincoder",       "qwen3",            "{}"                                                             },
    StandIn{"maple",           "llama",            "{}"                                                             },
    StandIn{"mellum",          "qwen3_moe",        sliding_then_full                                                },
    StandIn{
            "modern-bert",     "nomic_bert",
            R"({"wiring": "pre_norm", "norm_type": "layernorm_nobias", "final_norm": true, "symmetric_window": true,
                "layer_pattern": [["full_attention", 1], ["sliding_attention", 2]]})"},
    StandIn{"muse-glimmer",    "llama",            sliding_then_full                                                },
    StandIn{"neo-bert",        "llama",            encoder                                                          },
    StandIn{"nomic-bert-moe",  "nomic_bert",       "{}"                                                             },
    StandIn{"openelm",         "llama",            "{}"                                                             },
    StandIn{"orion",           "llama",            "{}"                                                             },
    StandIn{"paddleocr",       "ernie4_5",         "{}"                                                             },
    StandIn{"pangu-embedded",  "llama",            "{}"                                                             },
    StandIn{"qwen",            "llama",            "{}"                                                             },
    StandIn{"refact",          "llama",            R"({"alibi": true})"                                             },
    StandIn{"rnd1",            "qwen3_moe",        no_cache                                                         },
    StandIn{"smallthinker",    "qwen3_moe",        full_then_sliding                                                },
    StandIn{"xverse",          "llama",            "{}"                                                             },
};

bool stand_in(const json& architectures, std::string_view architecture, GgufRow& row) {
  const auto found = std::ranges::find(stand_ins, architecture, &StandIn::architecture);
  if (found == stand_ins.end() || !architectures.contains(found->model_type)) return false;
  row.model_type = found->model_type;
  row.row = architectures.at(row.model_type);
  row.row.update(json::parse(found->changes));
  if (row.row.contains("layer_pattern")) row.pattern = spelled_out(row.row.at("layer_pattern"));
  row.stands_in = true;
  return true;
}

auto plainness(const std::string& model_type, const json& row, std::string_view architecture) {
  return std::tuple(catalog::lookup_key(model_type) != catalog::lookup_key(architecture), row.size(),
                    model_type);
}

}  // namespace

GgufRow find_gguf_row(const json& architectures, std::string_view architecture, const std::string& file) {
  GgufRow best;
  best.assumed = assumptions_of(architecture);
  for (const auto& [model_type, row] : architectures.items()) {
    if (!is_written_as(row, architecture)) continue;
    if (best.pattern.empty() && row.contains("layer_pattern"))
      best.pattern = spelled_out(row.at("layer_pattern"));
    const bool plainer = best.model_type.empty() || plainness(model_type, row, architecture) <
                                                        plainness(best.model_type, best.row, architecture);
    if (!plainer) continue;
    best.model_type = model_type;
    best.row = row;
  }
  if (best.model_type.empty() && !stand_in(architectures, architecture, best))
    fail_unknown(architectures, architecture, file);
  if (best.assumed.window_in_every_layer) best.pattern = {"sliding_attention"};
  return best;
}

}  // namespace vramcalc::source
