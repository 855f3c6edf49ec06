#include "runtime/llama_cpp/drafting.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "vramcalc/error.hpp"

namespace vramcalc::llama_cpp {
namespace {

using Given = std::optional<std::uint32_t> DraftingParams::*;

// A type of drafting, and how many tokens it drafts at most (0.5.0, common/common.h and
// common/speculative.cpp, common_speculative_n_max).
struct DraftingType {
  Drafting type;
  std::string_view name;
  Given given;  // null for a fixed number
  std::uint32_t tokens;
};

constexpr std::array<DraftingType, drafting_count> all_types = {
    {
     {Drafting::draft_simple, "draft-simple", &DraftingParams::draft_tokens, 3},
     {Drafting::draft_eagle3, "draft-eagle3", &DraftingParams::draft_tokens, 3},
     {Drafting::draft_mtp, "draft-mtp", &DraftingParams::draft_tokens, 3},
     {Drafting::draft_dflash, "draft-dflash", &DraftingParams::draft_tokens, 3},
     {Drafting::draft_dspark, "draft-dspark", &DraftingParams::draft_tokens, 3},
     {Drafting::ngram_simple, "ngram-simple", &DraftingParams::ngram_simple_tokens, 48},
     {Drafting::ngram_map_k, "ngram-map-k", &DraftingParams::ngram_map_k_tokens, 48},
     {Drafting::ngram_map_k4v, "ngram-map-k4v", &DraftingParams::ngram_map_k4v_tokens, 48},
     {Drafting::ngram_mod, "ngram-mod", &DraftingParams::ngram_mod_tokens, 64},
     {Drafting::ngram_cache, "ngram-cache", nullptr, 8},
     }
};

struct LengthFlag {
  std::string_view name;
  Given given;
};

constexpr std::array<LengthFlag, 5> length_flags = {
    {
     {"--spec-draft-n-max", &DraftingParams::draft_tokens},
     {"--spec-ngram-mod-n-max", &DraftingParams::ngram_mod_tokens},
     {"--spec-ngram-simple-size-m", &DraftingParams::ngram_simple_tokens},
     {"--spec-ngram-map-k-size-m", &DraftingParams::ngram_map_k_tokens},
     {"--spec-ngram-map-k4v-size-m", &DraftingParams::ngram_map_k4v_tokens},
     }
};

const DraftingType& row_of(Drafting type) { return all_types.at(static_cast<std::size_t>(type)); }

bool has(const DraftingParams& drafting, Drafting type) {
  return std::ranges::find(drafting.types, type) != drafting.types.end();
}

bool reads_draft_tokens(const DraftingParams& drafting) {
  return std::ranges::any_of(
      drafting.types, [](Drafting type) { return row_of(type).given == &DraftingParams::draft_tokens; });
}

std::uint32_t tokens_of(const DraftingParams& drafting, const DraftingType& row) {
  return row.given == nullptr ? row.tokens : (drafting.*row.given).value_or(row.tokens);
}

std::uint32_t most_tokens(const DraftingParams& drafting) {
  std::uint32_t most = 0;
  for (const Drafting type : drafting.types) most = std::max(most, tokens_of(drafting, row_of(type)));
  return most;
}

// Their draft models read the hidden states of the main model's layers.
void refuse_unknown_graphs(const DraftingParams& drafting) {
  for (const Drafting type : {Drafting::draft_eagle3, Drafting::draft_dflash, Drafting::draft_dspark})
    if (has(drafting, type))
      throw Error(ErrorCode::unsupported,
                  fmt::format("--spec-type {}: the shape and the graph of such a draft model are not known; "
                              "draft-simple, draft-mtp and the ngram types are estimated",
                              row_of(type).name));
}

// llama-server takes any number; its own limit for n-grams is far beyond what is useful for the others too.
void refuse_long_drafts(const DraftingParams& drafting) {
  constexpr std::uint32_t most = 1024;
  for (const LengthFlag& flag : length_flags)
    if (const auto& given = drafting.*flag.given; given && *given > most)
      throw Error(ErrorCode::bad_value,
                  fmt::format("{} {}: at most {} drafted tokens are estimated", flag.name, *given, most));
}

void check(const Options& options, bool has_draft_model) {
  const DraftingParams& drafting = options.drafting;
  const auto refuse = [](const char* what) { throw Error(ErrorCode::usage, what); };
  const bool predicts = has(drafting, Drafting::draft_mtp);
  const bool typed =
      options.draft_cache_type_k != ElementType::f16 || options.draft_cache_type_v != ElementType::f16;
  refuse_unknown_graphs(drafting);
  refuse_long_drafts(drafting);
  if (has_draft_model && predicts)
    throw Error(ErrorCode::unsupported,
                "--spec-type draft-mtp with -md: prediction layers in a file of their own are not estimated; "
                "leave out -md if the model's own file has them");
  // They came with late_rows.
  if (predicts && options.context.rules.late_rows == Applies::no)
    throw Error(ErrorCode::unsupported,
                "--spec-type draft-mtp: llama.cpp has drafted with prediction layers since May 2026 (pull "
                "request 22673), and the figures are for an older build");
  if (has(drafting, Drafting::draft_simple) && !has_draft_model)
    refuse("--spec-type draft-simple needs a draft model (-md)");
  if (drafting.draft_tokens && !reads_draft_tokens(drafting))
    refuse("--spec-draft-n-max needs a draft model (-md) or --spec-type draft-mtp");
  if (typed && !has_draft_model && !predicts)
    refuse("-ctkd and -ctvd need a draft model (-md) or --spec-type draft-mtp");
}

}  // namespace

void complete_drafting(Options& options, bool has_draft_model) {
  DraftingParams& drafting = options.drafting;
  if (has_draft_model && drafting.types.empty()) drafting.types = {Drafting::draft_simple};
  check(options, has_draft_model);
  ContextParams& context = options.context;
  context.draft_tokens = most_tokens(drafting);
  context.load_mtp = has(drafting, Drafting::draft_mtp);
  // common/common.h, need_n_rs_seq
  context.rollback_states = context.load_mtp ? tokens_of(drafting, row_of(Drafting::draft_mtp)) : 0;
}

bool drafts_unusually(const DraftingParams& drafting) {
  return std::ranges::any_of(drafting.types, [](Drafting type) { return type != Drafting::draft_simple; });
}

std::string names_of(const DraftingParams& drafting) {
  std::vector<std::string_view> names;
  for (const Drafting type : drafting.types) names.push_back(row_of(type).name);
  return fmt::format("{}", fmt::join(names, ","));
}

std::string drafting_flags(const Options& options) {
  const DraftingParams& drafting = options.drafting;
  if (!drafts_unusually(drafting)) return "";
  std::string text = " --spec-type " + names_of(drafting);
  for (const LengthFlag& each : length_flags)
    if (const auto& given = drafting.*each.given) text += fmt::format(" {} {}", each.name, *given);
  const auto add_type = [&](const char* flag, ElementType type) {
    if (type != ElementType::f16) text += fmt::format(" {} {}", flag, to_string(type));
  };
  add_type("-ctkd", options.draft_cache_type_k);
  add_type("-ctvd", options.draft_cache_type_v);
  if (!options.context.samples_on_device) text += " --no-spec-draft-backend-sampling";
  return text;
}

}  // namespace vramcalc::llama_cpp
