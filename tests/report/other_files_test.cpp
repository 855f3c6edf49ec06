// Differences between files of one model and file type: the rules of an older quantizer, and whether the
// converter kept the multi-token-prediction layers.

#include <variant>

#include "catch.hpp"
#include "vramcalc/ask.hpp"

namespace vramcalc::test {
namespace {

OverviewReport overview(const char* model, const char* quantization, bool no_mtp = false) {
  Question question;
  question.model = model;
  question.quantization = quantization;
  question.no_mtp = no_mtp;
  return std::get<OverviewReport>(answer(question));
}

}  // namespace

TEST_CASE("a file without its prediction layers is as large as measured") {
  // tests/measured/quantization/qwen3-next-80b-a3b.txt is of a file that has none
  const OverviewReport whole = overview("qwen3-next-80b-a3b-instruct", "Q4_K_M");
  const OverviewReport bare = overview("qwen3-next-80b-a3b-instruct", "Q4_K_M", true);
  CHECK(bare.estimate.tensor_bytes == Bytes(48483058688));
  CHECK(whole.tensor_bytes_without_mtp == bare.estimate.tensor_bytes);
  CHECK(whole.settings.mtp);
  CHECK_FALSE(bare.settings.mtp);
  CHECK_FALSE(bare.tensor_bytes_without_mtp);
  CHECK(bare.warnings.empty());
}

TEST_CASE("the overview says if the prediction layers may be left out") {
  struct Expected {
    const char* model;
    bool kept;
  };
  const Expected table[] = {
      {"glm-4.5-air",  true },
      {"glm-5",        true },
      {"deepseek-r1",  false}, // its converter drops them
      {"llama-3.1-8b", false}, // it has none
  };
  for (const Expected& row : table) {
    INFO(row.model);
    const OverviewReport report = overview(row.model, "Q4_K_M");
    CHECK(report.settings.mtp == row.kept);
    CHECK(report.tensor_bytes_without_mtp.has_value() == row.kept);
    if (row.kept) CHECK(*report.tensor_bytes_without_mtp < report.estimate.tensor_bytes);
    CHECK(overview(row.model, "Q4_K_M", true).warnings.empty() == row.kept);
  }
}

}  // namespace vramcalc::test
