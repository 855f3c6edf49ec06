#include <algorithm>
#include <random>
#include <set>

#include "catch.hpp"
#include "support/sampled.hpp"
#include "vramcalc/ask.hpp"

using namespace vramcalc;

namespace {

RecommendReport recommended(const char* machine, std::uint64_t least) {
  Question question;
  question.command = Command::recommend;
  question.gpu = machine;
  question.least_context = least;
  return std::get<RecommendReport>(answer(question));
}

Verdict verdict_of(const RecommendReport::Row& row, const char* machine, std::uint64_t context) {
  Question question;
  question.command = Command::check;
  question.model = row.id;
  question.quantization = row.quantization;
  question.gpu = machine;
  question.context = context;
  return std::get<CheckReport>(answer(question)).verdict;
}

}  // namespace

TEST_CASE("each recommended model fits with its context and with no longer one") {
  std::mt19937 random(20261129);
  for (const char* machine :
       test::sampled(std::vector{"8x rtx-4090", "rtx-4090", "2x rtx-3090", "16x rtx-4090", "m4-max-128gb"})) {
    const RecommendReport report = recommended(machine, 4096);
    REQUIRE(report.rows.size() > 20);
    for (std::size_t i = 0; i < test::sampled(12); ++i) {
      const RecommendReport::Row& row = report.rows[random() % report.rows.size()];
      INFO(row.id << " " << row.quantization << " on " << machine << " at " << row.context);
      CHECK(verdict_of(row, machine, row.context) <= Verdict::fits);
      if (row.context < row.context_length) CHECK(verdict_of(row, machine, row.context + 1) > Verdict::fits);
    }
  }
}

TEST_CASE("no model is recommended with fewer tokens than the heading says") {
  for (const std::uint64_t least : test::sampled(std::vector{5000u, 2048u, 4096u, 32768u})) {
    const RecommendReport report = recommended("rtx-4090", least);
    CHECK(report.least_context == least);
    for (const RecommendReport::Row& row : report.rows) {
      INFO(row.id << " " << least);
      CHECK(row.context >= least);
    }
  }
}

TEST_CASE("a model whose license is unknown is recommended, unless a license is asked for") {
  Question question;
  question.command = Command::recommend;
  question.gpu = "8x h200";
  const auto unlicensed = [&] {
    const auto report = std::get<RecommendReport>(answer(question));
    return std::ranges::count(report.rows, "", &RecommendReport::Row::license);
  };
  CHECK(unlicensed() > 0);
  question.recommend.license = "apache";
  CHECK(unlicensed() == 0);
}

TEST_CASE("recent generations come first, each model once, the largest of a family first") {
  const RecommendReport report = recommended("rtx-4090", 4096);
  CHECK(report.rows.front().release_date > "2025-07");
  std::set<std::string> ids;
  for (const RecommendReport::Row& row : report.rows) CHECK(ids.insert(row.id).second);
  for (std::size_t i = 1; i < report.rows.size(); ++i) {
    const RecommendReport::Row &before = report.rows[i - 1], &row = report.rows[i];
    INFO(before.id << ", " << row.id);
    if (before.family == row.family && before.release_date.substr(0, 4) == row.release_date.substr(0, 4))
      CHECK((before.parameters >= row.parameters || before.release_date > row.release_date ||
             before.quantization != row.quantization));
  }
}
