#include "source/gguf_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <tuple>

#include "catalog/names.hpp"
#include "catalog/suggest.hpp"
#include "source/printable.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::source {
namespace {

using nlohmann::json;

// The architectures that the models of one row are written as.
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
  throw Error(
      ErrorCode::unsupported,
      fmt::format(
          "{}: general.architecture {} is not known{}", file, in_quotes(name),
          suggestions.empty() ? "" : fmt::format("; near to it are {}", fmt::join(suggestions, ", "))),
      std::move(suggestions));
}

// [["sliding_attention", 3], ["full_attention", 1]] → one word a layer.
std::vector<std::string> spelled_out(const json& pattern) {
  std::vector<std::string> words;
  for (const json& run : pattern)
    words.insert(words.end(), run.at(1).get<std::size_t>(), run.at(0).get<std::string>());
  return words;
}

// llama.cpp 0.5.0, src/models/NAME.cpp, load_arch_hparams.
constexpr std::array assumptions{
    GgufAssumptions{.architecture = "gemma2",       .window = 4096         },
    GgufAssumptions{.architecture = "gemma3n",      .layers_with_cache = 20},
    GgufAssumptions{.architecture = "exaone4",      .window = 4096,          .windows_only_with_layers = 64},
    GgufAssumptions{.architecture = "llama4",                              .window = 8192,                              .window_is_fixed = true},
    GgufAssumptions{.architecture = "lfm2",       .window_in_every_layer = true},
    GgufAssumptions{.architecture = "lfm2moe",.window_in_every_layer = true                 },
};

GgufAssumptions assumptions_of(std::string_view architecture) {
  const auto found = std::ranges::find(assumptions, architecture, &GgufAssumptions::architecture);
  return found == assumptions.end() ? GgufAssumptions{.architecture = architecture} : *found;
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
  if (best.model_type.empty()) fail_unknown(architectures, architecture, file);
  if (best.assumed.window_in_every_layer) best.pattern = {"sliding_attention"};
  return best;
}

}  // namespace vramcalc::source
