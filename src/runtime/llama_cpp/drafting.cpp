#include "runtime/llama_cpp/drafting.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "runtime/llama_cpp/context.hpp"
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

// The types whose draft models are files of their own.
constexpr std::array with_files{Drafting::draft_simple, Drafting::draft_eagle3, Drafting::draft_dflash,
                                Drafting::draft_dspark};

void require_draft_model(const DraftingParams& drafting) {
  for (const Drafting type : with_files)
    if (has(drafting, type))
      throw Error(ErrorCode::usage,
                  fmt::format("--spec-type {} needs a draft model (-md)", row_of(type).name));
}

void refuse_heads_of_old_builds(const DraftingParams& drafting) {
  for (const Drafting type : with_files)
    if (type != Drafting::draft_simple && has(drafting, type) && drafting.rules.has_heads == Applies::no)
      throw Error(
          ErrorCode::unsupported,
          fmt::format("--spec-type {}: llama.cpp has drafted with heads since June 2026 (pull requests "
                      "18039 and 22105), and the figures are for an older build",
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
  if (!has_draft_model) require_draft_model(drafting);
  refuse_heads_of_old_builds(drafting);
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
  if (drafting.draft_tokens && !has_draft_model && !reads_draft_tokens(drafting))
    refuse("--spec-draft-n-max needs a draft model (-md) or --spec-type draft-mtp");
  if (typed && !has_draft_model && !predicts)
    refuse("-ctkd and -ctvd need a draft model (-md) or --spec-type draft-mtp");
}

// common/common.h, need_n_rs_seq
bool keeps_states(Drafting type) {
  return row_of(type).given == &DraftingParams::draft_tokens && type != Drafting::draft_simple;
}

void set_lengths(const DraftingParams& drafting, ContextParams& context) {
  context.draft_tokens = most_tokens(drafting);
  context.rollback_states = 0;
  for (const Drafting type : drafting.types)
    if (keeps_states(type)) context.rollback_states = tokens_of(drafting, row_of(type));
}

}  // namespace

void complete_drafting(Options& options, bool has_draft_model) {
  check(options, has_draft_model);
  options.context.load_mtp = has(options.drafting, Drafting::draft_mtp);
  set_lengths(options.drafting, options.context);
}

namespace {

Drafting type_of(const DraftHead& head) {
  switch (head.kind) {
    case DraftHead::Kind::eagle3: return Drafting::draft_eagle3;
    case DraftHead::Kind::dflash: return Drafting::draft_dflash;
    case DraftHead::Kind::dspark: break;
  }
  return Drafting::draft_dspark;
}

// The architectures whose graphs name what their layers read (src/models/, t_layer_inp); llama-server aborts
// for others.
constexpr std::array<std::string_view, 14> extractable = {
    "deepseek4",  "gemma4",         "gpt-oss", "lfm2",   "llama",     "minimax-01", "minimax-m2",
    "nemotron_h", "nemotron_h_moe", "qwen3",   "qwen35", "qwen35moe", "qwen3moe",   "qwen3next"};

void require_layers(const DraftHead& head, const Architecture& main) {
  const auto refuse = [](ErrorCode code, std::string why) { throw Error(code, "-md: " + std::move(why)); };
  if (head.target_width != main.hidden_size)
    refuse(ErrorCode::bad_value,
           fmt::format("the head drafts for models with a hidden size of {}, and this one's is {}",
                       head.target_width, main.hidden_size));
  if (std::ranges::find(extractable, main.gguf_name) == extractable.end())
    refuse(ErrorCode::unsupported,
           fmt::format("llama-server aborts, because its graph of {} does not name what the layers read "
                       "(\"layer input tensor is null\")",
                       main.gguf_name));
  const auto trunk = static_cast<std::uint32_t>(std::ranges::count(main.blocks, false, &Block::mtp));
  for (const std::uint32_t layer : head.target_layers)
    if (layer >= trunk)
      refuse(ErrorCode::unsupported,
             fmt::format("the head reads layer {} of {}; one that reads the last layer's result is not "
                         "calculated",
                         layer, trunk));
}

// src/models/dflash.cpp: blocks of few tokens are drafted one token after another, with the Markov head.
void require_long_blocks(const DraftHead& head, const Architecture& draft, const ContextParams& params) {
  if (head.kind != DraftHead::Kind::dspark) return;
  const std::uint32_t slots = resolve(draft, params, cell_step).sequences;
  if (params.ubatch / slots <= head.block_size)
    throw Error(ErrorCode::unsupported,
                fmt::format("-md: the graph of a DSpark head for at most {} tokens of each slot in a "
                            "micro-batch (-ub) is not known",
                            head.block_size));
}

}  // namespace

// llama-server itself finds out what a DFlash or DSpark head is (common/speculative.cpp,
// common_speculative_types_from_gguf; pull request 26814).
void match_draft_model(Options& options, const Architecture& main, const Architecture& draft) {
  DraftingParams& drafting = options.drafting;
  const Drafting own = draft.draft_head ? type_of(*draft.draft_head) : Drafting::draft_simple;
  for (const Drafting type : with_files)
    if (has(drafting, type) && type != own)
      throw Error(ErrorCode::bad_value, fmt::format("--spec-type {}: this draft model is for {}",
                                                    row_of(type).name, row_of(own).name));
  if (!draft.draft_head) return;
  const bool found_out = own != Drafting::draft_eagle3 && drafting.rules.drafts_without_type == Applies::no;
  if (drafting.types.empty() && found_out) drafting.types = {own};
  require_layers(*draft.draft_head, main);
  require_long_blocks(*draft.draft_head, draft, options.context);
  if (!has(drafting, own)) return;
  options.context.extracted_layers = draft.draft_head->target_layers;
  set_lengths(drafting, options.context);
}

std::string remark_on_drafts(const DraftingParams& drafting, const Architecture* draft) {
  if (draft == nullptr || !drafting.types.empty()) return {};
  const std::string_view type =
      row_of(draft->draft_head ? type_of(*draft->draft_head) : Drafting::draft_simple).name;
  switch (drafting.rules.drafts_without_type) {
    case Applies::yes: return {};
    case Applies::unknown:
      return fmt::format(
          "without --spec-type, llama-server drafted with the draft model until July 2026 and since August "
          "only loads it; with --spec-type {} it drafts",
          type);
    case Applies::no:
      return fmt::format(
          "without --spec-type, llama-server loads the draft model next to the model but does not draft with "
          "it, and frees it when both are loaded; with --spec-type {} it drafts",
          type);
  }
  return {};
}

std::string names_of(const DraftingParams& drafting) {
  std::vector<std::string_view> names;
  for (const Drafting type : drafting.types) names.push_back(row_of(type).name);
  return fmt::format("{}", fmt::join(names, ","));
}

std::string drafting_flags(const Options& options) {
  const DraftingParams& drafting = options.drafting;
  if (drafting.types.empty()) return "";
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
