#include <algorithm>
#include <map>
#include <string>

#include "catch.hpp"
#include "support/sampled.hpp"
#include "vramcalc/ask.hpp"

// What pages and charts show must be what an overview and a check say.

using namespace vramcalc;

namespace {

const char* const models[] = {"llama-3.1-8b", "deepseek-r1", "gemma-3-27b", "gpt-oss-20b",
                              "mamba-codestral-7b"};

OverviewReport overview(const std::string& model, bool page) {
  Question question;
  question.model = model;
  question.page = page;
  question.everything = !page;
  return std::get<OverviewReport>(answer(question));
}

std::map<std::string, const HardwareRow*> rows_of(const OverviewReport& report) {
  std::map<std::string, const HardwareRow*> rows;
  for (const HardwareTable* table : {&report.gpus, &report.systems})
    for (const HardwareRow& row : table->rows) rows[row.id] = &row;
  return rows;
}

}  // namespace

TEST_CASE("a page judges each device as an overview does") {
  for (const char* model : test::sampled(std::vector(std::begin(models), std::end(models)))) {
    CAPTURE(model);
    const OverviewReport report = overview(model, true), all = overview(model, false);
    REQUIRE(report.page);
    const auto rows = rows_of(all);
    const auto chosen = std::ranges::find(report.page->choices, report.settings.quantization,
                                          &PageFigures::Choice::quantization);
    REQUIRE(chosen != report.page->choices.end());
    REQUIRE(chosen->on.size() == report.page->devices.size());
    CHECK(chosen->estimate.gpu_total() == report.estimate.gpu_total());
    for (std::size_t i = 0; i < chosen->on.size(); ++i) {
      const HardwareRow& row = *rows.at(report.page->devices[i].id);
      CAPTURE(row.id);
      CHECK(chosen->on[i].verdict == row.verdict);
      CHECK(report.page->devices[i].usable == row.usable);
      if (row.verdict <= Verdict::fits) CHECK(chosen->on[i].max_context == row.max_context);
      CHECK(chosen->on[i].decode == row.decode);
    }
  }
}

TEST_CASE(
    "every choice of a page is a row of its table, and its curve begins and ends with the row's figures") {
  for (const char* model : test::sampled(std::vector(std::begin(models), std::end(models)))) {
    CAPTURE(model);
    const OverviewReport report = overview(model, true);
    REQUIRE(report.page->choices.size() == report.curves->curves.size());
    for (std::size_t i = 0; i < report.page->choices.size(); ++i) {
      const PageFigures::Choice& choice = report.page->choices[i];
      const MemoryCurves::Curve& curve = report.curves->curves[i];
      const auto row = std::ranges::find(report.quantizations, choice.quantization, &QuantizationRow::name);
      REQUIRE(row != report.quantizations.end());
      CHECK(curve.quantization == choice.quantization);
      CHECK(choice.estimate.gpu_total() == row->at_context);
      REQUIRE(curve.needed.size() == report.curves->contexts.size());
      CHECK(curve.needed.back() == row->at_full_context.value_or(row->at_context));
      if (report.curves->contexts.front() == report.settings.demand.tokens)
        CHECK(curve.needed.front() == row->at_context);
      CHECK(std::ranges::is_sorted(curve.needed, {}, &Amount::best));
    }
  }
}

TEST_CASE("a verdict gets no better with more bytes") {
  const OverviewReport report = overview("llama-3.1-8b", true);
  for (std::size_t i = 0; i < report.page->devices.size(); ++i) {
    CAPTURE(report.page->devices[i].id);
    const auto verdict = [&](const PageFigures::Choice& choice) { return choice.on[i].verdict; };
    CHECK(std::ranges::is_sorted(report.page->choices, {}, verdict));
  }
}

TEST_CASE("what only pages show is not computed without need") {
  const OverviewReport report = overview("llama-3.1-8b", false);
  CHECK(!report.page);
  CHECK(!report.curves);
}

TEST_CASE("a page of a checkpoint format") {
  Question question;
  question.model = "qwen3-8b";
  question.quantization = "FP8";
  question.page = true;
  const auto report = std::get<OverviewReport>(answer(question));
  REQUIRE(report.page);
  CHECK(report.settings.runtime == "vllm");
  CHECK(report.page->choices.size() > 1);
}
