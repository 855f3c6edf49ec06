#include "runtime/llama_cpp/drafting.hpp"

#include <functional>
#include <optional>

#include "catch.hpp"
#include "runtime/llama_cpp/context.hpp"
#include "runtime/llama_cpp/prediction_context.hpp"
#include "runtime/llama_cpp/tool.hpp"
#include "runtime/shapes.hpp"
#include "vramcalc/error.hpp"

using namespace vramcalc;
using namespace vramcalc::llama_cpp;

namespace {

using Types = std::vector<Drafting>;

DraftingParams drafting(Types types, std::optional<std::uint32_t> tokens = {}) {
  DraftingParams result;
  result.types = std::move(types);
  result.draft_tokens = tokens;
  return result;
}

llama_cpp::Options completed(const DraftingParams& drafting, bool has_draft_model = false) {
  llama_cpp::Options options;
  options.drafting = drafting;
  complete_drafting(options, has_draft_model);
  return options;
}

std::string refusal(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

// common/common.h, common/speculative.cpp: common_speculative_n_max, need_n_rs_seq
TEST_CASE("each type of drafting has its own length") {
  struct Row {
    DraftingParams drafting;
    bool has_draft_model;
    std::uint32_t draft_tokens, rollback_states;
    bool load_mtp;
  };
  DraftingParams short_mod = drafting({Drafting::ngram_mod});
  short_mod.ngram_mod_tokens = 12;
  // clang-format off
  const Row rows[] = {
      {drafting({}), false, 0, 0, false},
      {drafting({}), true, 0, 0, false},
      {drafting({}, 8), true, 0, 0, false},
      {drafting({Drafting::draft_simple}), true, 3, 0, false},
      {drafting({Drafting::draft_simple}, 8), true, 8, 0, false},
      {drafting({Drafting::draft_simple}, 0), true, 0, 0, false},
      {drafting({Drafting::draft_mtp}), false, 3, 3, true},
      {drafting({Drafting::draft_mtp}, 6), false, 6, 6, true},
      {drafting({Drafting::ngram_simple}), false, 48, 0, false},
      {drafting({Drafting::ngram_map_k}), false, 48, 0, false},
      {drafting({Drafting::ngram_map_k4v}), false, 48, 0, false},
      {drafting({Drafting::ngram_mod}), false, 64, 0, false},
      {drafting({Drafting::ngram_cache}), false, 8, 0, false},
      {short_mod, false, 12, 0, false},
      {drafting({Drafting::ngram_mod, Drafting::draft_mtp}, 2), false, 64, 2, true},
      {drafting({Drafting::ngram_cache, Drafting::draft_simple}, 16), true, 16, 0, false},
  };
  // clang-format on
  for (const Row& row : rows) {
    INFO(names_of(row.drafting));
    const ContextParams context = completed(row.drafting, row.has_draft_model).context;
    CHECK(context.draft_tokens == row.draft_tokens);
    CHECK(context.rollback_states == row.rollback_states);
    CHECK(context.load_mtp == row.load_mtp);
  }
}

TEST_CASE("flags of drafts need what drafts") {
  llama_cpp::Options typed;
  typed.draft_cache_type_k = ElementType::q8_0;
  CHECK(refusal([&] { complete_drafting(typed, false); }) ==
        "-ctkd and -ctvd need a draft model (-md) or --spec-type draft-mtp");
  CHECK(refusal([] { completed(drafting({}, 4)); }) ==
        "--spec-draft-n-max needs a draft model (-md) or --spec-type draft-mtp");
  CHECK(refusal([] { completed(drafting({Drafting::ngram_mod}, 4)); }) ==
        "--spec-draft-n-max needs a draft model (-md) or --spec-type draft-mtp");
  CHECK(refusal([] { completed(drafting({Drafting::draft_simple})); }) ==
        "--spec-type draft-simple needs a draft model (-md)");
  for (const Drafting type : {Drafting::draft_eagle3, Drafting::draft_dflash, Drafting::draft_dspark})
    CHECK(refusal([&] { completed(drafting({type})); }).ends_with(" needs a draft model (-md)"));
  CHECK(refusal([] { completed(drafting({Drafting::draft_mtp}), true); }).find("a file of their own") !=
        std::string::npos);
}

// common/speculative.cpp, common_speculative_init
TEST_CASE("a draft model without a type is loaded, and drafts only in older builds") {
  struct Row {
    const char* release;
    bool has_draft_model;
    Types types;
    const char* remark;
  };
  const Row rows[] = {
      {"",           true,  {},                       "loads the draft model next to the model but does not draft"},
      {"",           true,  {Drafting::draft_simple}, ""                                                          },
      {"",           true,  {Drafting::ngram_mod},    ""                                                          },
      {"",           false, {},                       ""                                                          },
      {"b9862",      true,  {},                       ""                                                          },
      {"2026-04-12", true,  {},                       ""                                                          },
      {"2026-07-20", true,  {},                       "since August only loads it"                                },
      {"2026-08-20", true,  {},                       "frees it when both are loaded"                             },
      {"0.4.2",      true,  {},                       "with --spec-type draft-simple it drafts"                   },
  };
  for (const Row& row : rows) {
    INFO(row.release);
    DraftingParams params = drafting(row.types);
    params.rules = drafting_rules("", row.release);
    const Architecture draft;
    const std::string remark = remark_on_drafts(params, row.has_draft_model ? &draft : nullptr);
    CHECK(remark.find(row.remark) != std::string::npos);
    CHECK(remark.empty() == std::string(row.remark).empty());
  }
}

TEST_CASE("builds before May 2026 do not draft with prediction layers") {
  llama_cpp::Options options;
  options.drafting = drafting({Drafting::draft_mtp});
  options.context.rules.late_rows = Applies::no;
  CHECK(refusal([&] { complete_drafting(options, false); }).find("pull request 22673") != std::string::npos);
}

TEST_CASE("builds before June 2026 do not draft with heads") {
  for (const Drafting type : {Drafting::draft_eagle3, Drafting::draft_dflash, Drafting::draft_dspark})
    for (const char* release : {"b9100", "2026-05-10", "b9862", ""}) {
      INFO(release);
      DraftingParams params = drafting({type});
      params.rules = drafting_rules("", release);
      const bool refuses = refusal([&] { completed(params, true); }).find("older build") != std::string::npos;
      CHECK(refuses == (params.rules.has_heads == Applies::no));
      CHECK(refuses == (release == std::string("b9100") || release == std::string("2026-05-10")));
    }
}

TEST_CASE("prediction layers must be in the file and have a graph") {
  struct Row {
    const char* model;
    const char* refusal;
  };
  const Row rows[] = {
      {"qwen3.5-27b",     ""                                        },
      {"qwen3.5-35b-a3b", ""                                        },
      {"glm-4.5-air",     ""                                        },
      {"glm-5.2",         ""                                        },
      {"deepseek-v3.2",   ""                                        },
      {"deepseek-v3",     "the model's GGUF has no prediction layer"},
      {"llama-3.1-8b",    "the model's GGUF has no prediction layer"},
      {"mimo-v2-flash",   "have Q, K and V apart"                   },
  };
  for (const Row& row : rows) {
    INFO(row.model);
    const std::string said = refusal([&] { require_prediction(measured::shape_of(row.model)); });
    CHECK(said.find(row.refusal) != std::string::npos);
    CHECK(said.empty() == std::string(row.refusal).empty());
  }
}

// src/llama-arch.cpp, llm_arch_supports_rs_rollback
TEST_CASE("only some architectures keep states to roll back to") {
  ContextParams params;
  params.rollback_states = 3;
  const auto states = [&](const char* model) {
    return resolve(measured::shape_of(model), params, 4096).states_per_sequence;
  };
  CHECK(states("qwen3.5-27b") == 4);
  CHECK(states("nemotron-h-8b") == 4);
  CHECK(states("lfm2-1.2b") == 4);
  CHECK(states("qwen3-next-80b-a3b") == 1);
  CHECK(states("falcon-h1-7b") == 1);
  CHECK(states("llama-3.1-8b") == 1);
}

TEST_CASE("llama-server's command names what drafts") {
  DraftingParams both = drafting({Drafting::draft_mtp, Drafting::ngram_mod}, 2);
  both.ngram_mod_tokens = 32;
  llama_cpp::Options options = completed(both);
  options.draft_cache_type_k = options.draft_cache_type_v = ElementType::q8_0;
  CHECK(drafting_flags(options) ==
        " --spec-type draft-mtp,ngram-mod --spec-draft-n-max 2 --spec-ngram-mod-n-max 32 -ctkd q8_0 -ctvd "
        "q8_0");
  CHECK(drafting_flags(completed(drafting({}), true)).empty());
  CHECK(drafting_flags(completed(drafting({Drafting::draft_simple}), true)) == " --spec-type draft-simple");
  CHECK(drafting_flags(completed(drafting({}))).empty());
}
