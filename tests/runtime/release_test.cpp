#include "runtime/llama_cpp/release.hpp"

#include <string>

#include "catch.hpp"
#include "runtime/llama_cpp/compute_buffer.hpp"
#include "runtime/llama_cpp/context.hpp"
#include "runtime/llama_cpp/kv_cache.hpp"
#include "runtime/llama_cpp/older_builds.hpp"
#include "runtime/llama_cpp/tool.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"

using namespace vramcalc;
using namespace vramcalc::llama_cpp;

namespace {

// One letter for each rule, in the order in which they came: slots, room for embeddings, values of latent
// caches, delta rule, rotated heads, late rows of Qwen3.5 and of others, f32 mask, all logits, copies on
// CUDA, copies on Metal, the sum and the choice of experts, mixed inputs.
std::string letters(const ReleaseRules& r) {
  std::string text;
  for (const Applies rule :
       {r.four_slots, r.room_for_embeddings, r.latent_values, r.fused_delta_rule, r.rotates_heads,
        r.late_rows_of_qwen35, r.late_rows, r.f32_mask, r.all_logits, r.copies_cache_on_cuda,
        r.copies_cache_on_metal, r.fuses_sum_of_experts, r.fuses_choice_of_experts, r.mixed_inputs})
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
      {"",           "yynyyyynnyyyyn"},
      {"0.5.0",      "yynyyyynnyyyyn"},
      {"0.5",        "yynyyyynnyyyyn"},
      {"v0.5.x",     "yynyyyynnyyyyn"},
      {"2026-09-28", "yynyyyynnyyyyn"},
      {"2025-10-15", "nnynnnnyynnnnn"},
      {"b6500",      "nnynnnnyynnnnn"},
      {"2025-11-02", "?nynnnnyynnnnn"},
      {"2025-12-24", "ynynnnnyynnnnn"},
      {"b7405",      "ynynnnnyynnnnn"},
      {"2026-02-14", "yynnnnnyynnnnn"},
      {"b8193",      "yynnnnnyynnnnn"},
      {"2026-03-20", "yynynnnyynnnnn"},
      {"2026-04-12", "yynyynnyynnnnn"},
      {"b9010",      "yynyynnyynnnnn"},
      {"b9222",      "yynyy??yynnnnn"},
      {"b9409",      "yynyyy?yynnnnn"},
      {"b9410",      "yynyyy?nynnnnn"},
      {"2026-05-31", "yynyyy?nynnnnn"},
      {"2026-06",    "yynyyy?n??nnnn"},
      {"2026-06-03", "yynyyy?nn?nnnn"},
      {"2026-07",    "yynyyy?nnynnnn"},
      {"b9867",      "yynyyy?nnynnnn"},
      {"0.4.2",      "yynyyy?nnyyynn"},
      {"0.3.0",      "yynyyy?nnyynnn"},
      {"b10700",     "yynyyy?nnyynnn"},
      {"2026-09-10", "yynyyy?nnyyynn"},
      {"b11100",     "yynyyy?nnyyynn"},
      {"2026-08-25", "yynyyy?nnyynnn"},
      {"2026-10-01", "yynyyyynnyyyy?"},
      {"2026-11",    "yynyyyynnyyyyy"},
      {"b12211",     "yynyyyynnyyyyy"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.release);
    CHECK(letters(release_rules("", row.release)) == row.rules);
  }
}

TEST_CASE("other tools reserve all rows of logits in every release") {
  CHECK(letters(release_rules("llama-bench", "")) == "yynyyyynyyyyyn");
  CHECK(letters(release_rules("llama-fit-params", "b9867")) == "yynyyy?nyynnnn");
  CHECK(letters(release_rules("bindings", "b9010")) == "yynyynnyynnnnn");
  CHECK(letters(release_rules("bindings", "")) == "????????y????n");
}

TEST_CASE("an unknown release may have the rules of every time, the newest last") {
  const auto all = [](const ReleaseRules& rules) {
    std::vector<std::string> each;
    for (const ReleaseRules& possible : possible_rules(rules)) each.push_back(letters(possible));
    return each;
  };
  CHECK(all({}) == std::vector<std::string>{"yynyyyynnyyyyn"});
  CHECK(all(release_rules("", "b8193")) == std::vector<std::string>{"yynnnnnyynnnnn"});
  CHECK(all(release_rules("", "2026-06-03")) ==
        std::vector<std::string>{"yynyyynnnnnnnn", "yynyyyynnnnnnn", "yynyyynnnynnnn", "yynyyyynnynnnn"});
  const auto bindings = all(release_rules("bindings", ""));
  CHECK(bindings.front() == "nnynnnnyynnnnn");
  CHECK(bindings.back() == "yynyyyynyyyyyn");
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

TEST_CASE("until November 2025 llama-server started with one slot") {
  const Architecture architecture = Catalog().model("llama-3.1-8b").architecture;
  ContextParams params;
  CHECK(resolve(architecture, params, 8192).sequences == 4);
  CHECK(resolve(architecture, params, 8192).kv_unified);
  params.rules = release_rules("", "b6800");
  CHECK(resolve(architecture, params, 8192).sequences == 1);
  CHECK(resolve(architecture, params, 8192).streams == 1);
  params.parallel = 2;
  CHECK(resolve(architecture, params, 8192).streams == 2);
}

TEST_CASE("until January 2026 latent attention stored its values, too") {
  const Architecture architecture = Catalog().model("deepseek-v2-lite").architecture;
  const auto cache = [&](const char* release) {
    ContextParams params;
    params.rules = release_rules("", release);
    return kv_cache_bytes(cache_tensors(architecture, params, resolve(architecture, params, 8192)),
                          Place::gpu(0));
  };
  const std::uint64_t keys = 576, values = 512;
  CHECK(cache("b7700") * keys == cache("") * (keys + values));
  CHECK(cache("b7900") == cache(""));
}

// A figure of today's and its older graph: what the note says must not be more than what they differ by.
TEST_CASE("the note on older builds costs no graph, and never says too much") {
  const Catalog catalog;
  std::size_t noted = 0;
  for (const char* name :
       {"gemma-3-1b", "gemma-4-e2b", "qwen3-0.6b", "llama-3.1-8b", "gpt-oss-20b", "qwen3.5-9b"}) {
    const Architecture architecture = catalog.model(name).architecture;
    for (const std::uint64_t context : {2048u, 32768u}) {
      CAPTURE(name, context);
      const GraphSettings settings = graph_settings(architecture, {}, resolve(architecture, {}, context));
      DeviceMap where;
      const Bytes now = compute_buffers(architecture, settings, where)[0];
      where.rules.fuses_sum_of_experts = where.rules.fuses_choice_of_experts = false;
      const GraphSettings then = with_rules(architecture, settings, release_rules("", "b9010"));
      const Bytes older = compute_buffers(architecture, then, where)[0];
      const Bytes more = more_in_older_builds(architecture, settings, now);
      CHECK(now + more <= older);
      if (more > Bytes(0)) ++noted;
    }
  }
  CHECK(noted >= 8);
}
