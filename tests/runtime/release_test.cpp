#include "runtime/llama_cpp/release.hpp"

#include <string>

#include "catch.hpp"
#include "runtime/llama_cpp/compute_buffer.hpp"
#include "runtime/llama_cpp/context.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"

using namespace vramcalc;
using namespace vramcalc::llama_cpp;

namespace {

// One letter for each rule, in the order in which they came: slots, room for embeddings, values of latent
// caches, delta rule, rotated heads, late rows, f32 mask, all logits, copies on CUDA, copies on Metal, the
// sum and the choice of experts, mixed inputs.
std::string letters(const ReleaseRules& r) {
  std::string text;
  for (const Applies rule :
       {r.four_slots, r.room_for_embeddings, r.latent_values, r.fused_delta_rule, r.rotates_heads,
        r.late_rows, r.f32_mask, r.all_logits, r.copies_cache_on_cuda, r.copies_cache_on_metal,
        r.fuses_sum_of_experts, r.fuses_choice_of_experts, r.mixed_inputs})
    text += rule == Applies::yes ? 'y' : rule == Applies::no ? 'n' : '?';
  return text;
}

}  // namespace

TEST_CASE("a release has the rules of its time") {
  struct Row {
    const char* release;
    const char* rules;
  };
  const Row rows[] = {
      {"",           "yynyyynnyyyyn"},
      {"0.5.0",      "yynyyynnyyyyn"},
      {"0.5",        "yynyyynnyyyyn"},
      {"v0.5.x",     "yynyyynnyyyyn"},
      {"2026-09-28", "yynyyynnyyyyn"},
      {"2025-10-15", "nnynnnyynnnnn"},
      {"b6500",      "nnynnnyynnnnn"},
      {"2025-11-02", "?nynnnyynnnnn"},
      {"2025-12-24", "ynynnnyynnnnn"},
      {"b7405",      "ynynnnyynnnnn"},
      {"2026-02-14", "yynnnnyynnnnn"},
      {"b8193",      "yynnnnyynnnnn"},
      {"2026-03-20", "yynynnyynnnnn"},
      {"2026-04-12", "yynyynyynnnnn"},
      {"b9010",      "yynyynyynnnnn"},
      {"b9222",      "yynyy?yynnnnn"},
      {"b9409",      "yynyy?yynnnnn"},
      {"b9410",      "yynyy?nynnnnn"},
      {"2026-05-31", "yynyy?nynnnnn"},
      {"2026-06",    "yynyy?n??nnnn"},
      {"2026-06-03", "yynyyynn?nnnn"},
      {"2026-07",    "yynyyynnynnnn"},
      {"b9867",      "yynyyynnynnnn"},
      {"0.4.2",      "yynyyynnyyy?n"},
      {"0.3.0",      "yynyyynnyynnn"},
      {"b10700",     "yynyyynnyynnn"},
      {"2026-09-10", "yynyyynnyyynn"},
      {"b11100",     "yynyyynnyyynn"},
      {"2026-08-25", "yynyyynnyynnn"},
      {"2026-10-01", "yynyyynnyyyy?"},
      {"2026-11",    "yynyyynnyyyyy"},
      {"b12211",     "yynyyynnyyyyy"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.release);
    CHECK(letters(release_rules("", row.release)) == row.rules);
  }
}

TEST_CASE("other tools reserve all rows of logits in every release") {
  CHECK(letters(release_rules("llama-bench", "")) == "yynyyynyyyyyn");
  CHECK(letters(release_rules("llama-fit-params", "b9867")) == "yynyy?nyynnnn");
  CHECK(letters(release_rules("bindings", "b9010")) == "yynyynyynnnnn");
  CHECK(letters(release_rules("bindings", "")) == "???????y????n");
}

TEST_CASE("an unknown release may have the rules of every time, the newest last") {
  const auto all = [](const ReleaseRules& rules) {
    std::vector<std::string> each;
    for (const ReleaseRules& possible : possible_rules(rules)) each.push_back(letters(possible));
    return each;
  };
  CHECK(all({}) == std::vector<std::string>{"yynyyynnyyyyn"});
  CHECK(all(release_rules("", "b8193")) == std::vector<std::string>{"yynnnnyynnnnn"});
  CHECK(all(release_rules("", "2026-06-03")) == std::vector<std::string>{"yynyyynnnnnnn", "yynyyynnynnnn"});
  const auto bindings = all(release_rules("bindings", ""));
  CHECK(bindings.front() == "nnynnnyynnnnn");
  CHECK(bindings.back() == "yynyyynyyyyyn");
  for (const std::string& rules : bindings) CHECK(rules.find('?') == std::string::npos);
}

TEST_CASE("a release without known rules is refused, with the known ones") {
  for (const char* release : {"b100", "b99999", "0.9.0", "2024-01-01", "2027-01", "2026-13-01", "latest", "b",
                              "0.", "0.4.y", "2026-5", "2026/05/31"}) {
    CAPTURE(release);
    CHECK_THROWS_AS(release_rules("", release), Error);
  }
  CHECK_THROWS_WITH(release_rules("", "latest"),
                    "--runtime: the rules of llama.cpp \"latest\" are not known; known: builds b6400 to "
                    "b12300, versions 0.1.x to 0.5.x, dates from 2025-09 to 2026-11");
}

TEST_CASE("where rows are dropped does not matter to a server that reserves few") {
  const Catalog catalog;
  for (const ModelRow* row : catalog.models()) {
    if (!row->incomplete.empty()) continue;
    const Architecture architecture = catalog.model(row->id).architecture;
    if (architecture.gguf_name.empty() ||
        architecture.graph.row_selection == GraphTraits::RowSelection::in_last_block)
      continue;
    for (const std::uint64_t context : {4096u, 32768u}) {
      CAPTURE(row->id, context);
      GraphSettings late = graph_settings(architecture, {}, resolve(architecture, {}, context)), early = late;
      early.late_rows = false;
      CHECK(compute_buffers(architecture, late) == compute_buffers(architecture, early));
    }
  }
}
