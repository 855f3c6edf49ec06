#include "cli/toy_runtime.hpp"

#include <array>
#include <nlohmann/json.hpp>

#include "catch.hpp"
#include "cli/run.hpp"
#include "vramcalc/ask.hpp"

// A new runtime is its own file and one row of the table: this is the row.
using namespace vramcalc;

namespace {

Report answer_with_toy(const Question& question) {
  const std::array table{runtimes()[0], runtimes()[1], toy::runtime()};
  return answer(question, table);
}

cli::Outcome outcome_of(std::vector<std::string> words) {
  words.insert(words.end(), {"--runtime", "toy"});
  return cli::outcome_of(words, answer_with_toy, {});
}

nlohmann::json json_of(std::vector<std::string> words) {
  words.emplace_back("--json");
  const cli::Outcome outcome = outcome_of(words);
  INFO(outcome.out);
  REQUIRE(outcome.status == 0);
  return nlohmann::json::parse(outcome.out);
}

constexpr std::uint64_t tokens = 40960;  // the full context of Qwen3 8B
constexpr std::uint64_t cache = 1000 * tokens;

std::uint64_t weights() {
  const auto check = json_of({"check", "qwen3-8b", "--gpu", "rtx-4090"});
  return check["estimate"]["tensor_bytes"].get<std::uint64_t>();
}

}  // namespace

TEST_CASE("a runtime that only estimates one pool is asked by every command") {
  const auto overview = json_of({"qwen3-8b", "-c", "max"});
  CHECK(overview["estimate"]["total_bytes"] == weights() + cache);
  CHECK(overview["settings"]["runtime"] == "toy");
  CHECK(overview["settings"]["context"] == tokens);

  const auto check = json_of({"check", "qwen3-8b", "--gpu", "rtx-4090"});
  CHECK(check["estimate"]["total_bytes"] == weights() + cache);
  CHECK(check["check"]["verdict"] == "great");
  CHECK(check["check"]["max_context"] == tokens);
  CHECK(outcome_of({"check", "qwen3-8b", "--gpu", "4GiB"}).status == 1);

  const auto plan = json_of({"plan", "qwen3-8b", "--gpu", "rtx-4090"});
  CHECK(plan["plan"]["best"]["context"] == tokens);
  CHECK(plan["plan"]["best"]["whole"] == true);

  const auto compare = json_of({"compare", "qwen3-8b", "gemma-3-12b", "--gpu", "rtx-4090"});
  CHECK(compare["rows"].size() == 2);
}

TEST_CASE("a plan and a recommendation for it use its own figures") {
  const auto plan = json_of({"plan", "qwen3-8b", "--gpu", "24GiB", "-q", "Q8_0"});
  CHECK(plan["plan"]["best"]["quantization"] == "Q8_0");
  const auto estimate = plan["plan"]["best"]["estimate"];
  CHECK(estimate["total_bytes"] == estimate["tensor_bytes"].get<std::uint64_t>() + cache);

  const auto recommended = json_of({"recommend", "--gpu", "8GiB", "qwen3"});
  REQUIRE(recommended["models"].size() > 3);
  for (const auto& row : recommended["models"]) CHECK(row["total_bytes"] <= 8 * GiB);
}

TEST_CASE("its own reasons are explained") {
  const cli::Outcome outcome = outcome_of({"check", "qwen3-8b", "--gpu", "rtx-4090", "--explain"});
  CHECK(outcome.status == 0);
  CHECK(outcome.out.find("toy 1") != std::string::npos);
  CHECK(outcome.out.find("as they are stored") != std::string::npos);
  CHECK(outcome.out.find("1,000 bytes per token") != std::string::npos);
}

TEST_CASE("what it cannot do is refused with a reason") {
  struct Row {
    std::vector<std::string> words;
    const char* reason;
  };
  const Row rows[] = {
      {{"check", "qwen3-8b", "--gpu", "rtx-4090", "-ngl", "4"},       "-ngl is a flag of llama.cpp"},
      {{"qwen3-8b", "-md", "qwen3-0.6b"},                             "-md is a flag of llama.cpp" },
      {{"plan", "qwen3-8b", "--gpu", "rtx-4090", "--like-llama-cpp"}, "toy has no automatic fit"   },
  };
  for (const Row& row : rows) {
    const cli::Outcome outcome = outcome_of(row.words);
    INFO(outcome.err);
    CHECK(outcome.status == 2);
    CHECK(outcome.err.find(row.reason) != std::string::npos);
  }
}
