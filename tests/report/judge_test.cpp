#include <random>

#include "catch.hpp"
#include "support/sampled.hpp"
#include "vramcalc/ask.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"

using namespace vramcalc;

namespace {

// The same every time.
std::mt19937 seeded() { return std::mt19937(20261129); }

std::vector<std::string> runnable_models() {
  std::vector<std::string> ids;
  const Catalog catalog;
  for (const ModelRow* row : catalog.models())
    if (row->incomplete.empty() && row->variant_of.empty()) ids.emplace_back(row->id);
  return ids;
}

Question about(const std::string& model, const std::string& quantization) {
  Question question;
  question.model = model;
  question.quantization = quantization;
  question.context = 2048;
  return question;
}

// Empty if llama.cpp does not run the model or has no such file of it.
template <class Wanted>
std::optional<Wanted> answered(const Question& question) {
  try {
    return std::get<Wanted>(answer(question));
  } catch (const Error& refusal) {
    if (refusal.code() != ErrorCode::unsupported) throw;
    return std::nullopt;
  }
}

CheckReport checked(Question question, const std::string& machine) {
  question.command = Command::check;
  question.gpu = machine;
  return std::get<CheckReport>(answer(question));
}

bool holds(const Question& question, const std::string& gpu, std::uint32_t count) {
  return checked(question, std::to_string(count) + "x " + gpu).verdict <= Verdict::fits;
}

}  // namespace

TEST_CASE("the number of GPUs in an answer holds the model, and one fewer does not") {
  const char* const gpus[] = {"rtx-3060-12gb", "rtx-4090", "rtx-5090", "a100-80gb",
                              "h200",          "mi300x",   "24GiB"};
  const char* const quantizations[] = {"Q4_K_M", "Q8_0", "IQ2_XXS", "Q6_K"};
  const std::vector<std::string> models = runnable_models();
  std::mt19937 random = seeded();
  std::size_t named = 0;
  for (std::size_t i = 0; i < test::sampled(150); ++i) {
    const std::string& model = models[random() % models.size()];
    const std::string gpu = gpus[random() % std::size(gpus)];
    Question question = about(model, quantizations[random() % std::size(quantizations)]);
    question.gpu = gpu;
    INFO(model << " " << question.quantization << " on " << gpu);
    const auto overview = answered<OverviewReport>(question);
    if (!overview || overview->asked_hardware->verdict != Verdict::no) continue;
    const std::uint32_t needed = overview->asked_hardware->needed;
    if (needed == 0) {
      CHECK_FALSE(holds(question, gpu, 16));
      continue;
    }
    ++named;
    CHECK(holds(question, gpu, needed));
    CHECK_FALSE(holds(question, gpu, needed - 1));
    const std::string suggested = std::to_string(needed) + " such GPUs would hold it";
    const auto suggestions = checked(question, gpu).suggestions;
    CHECK(std::find(suggestions.begin(), suggestions.end(), suggested) != suggestions.end());
  }
  CHECK(named > test::sampled(20));
}

namespace {

void compare(const HardwareTable& table, const Question& question, std::mt19937& random, std::size_t sample) {
  std::vector<const HardwareRow*> several;
  for (const HardwareRow& row : table.rows)
    if (row.gpu_count > 1) several.push_back(&row);
  for (std::size_t i = 0; i < sample && !several.empty(); ++i) {
    const HardwareRow& row = *several[random() % several.size()];
    const CheckReport check = checked(question, row.id);
    INFO(question.model << " " << question.quantization << " on " << row.id);
    CHECK(to_string(row.verdict) == to_string(check.verdict));
    CHECK(row.max_context == check.max_context);
    CHECK(row.usable == check.machine.usable);
  }
}

}  // namespace

TEST_CASE("every row of an overview judges systems of several GPUs as check does") {
  std::mt19937 random = seeded();
  const std::vector<std::string> models = runnable_models();
  for (std::size_t i = 0; i < test::sampled(20); ++i) {
    Question question = about(models[random() % models.size()], i % 4 == 0 ? "Q8_0" : "Q4_K_M");
    question.everything = i % 2 == 0;
    if (const auto overview = answered<OverviewReport>(question))
      compare(overview->systems, question, random, 8);
  }
}

TEST_CASE("an overview judges single GPUs and single systems as check does") {
  std::mt19937 random = seeded();
  const std::vector<std::string> models = runnable_models();
  for (std::size_t i = 0; i < test::sampled(12); ++i) {
    const Question question = about(models[random() % models.size()], "Q4_K_M");
    const auto overview = answered<OverviewReport>(question);
    if (!overview) continue;
    for (const HardwareTable* table : {&overview->gpus, &overview->systems}) {
      const HardwareRow& row = table->rows[random() % table->rows.size()];
      const CheckReport check = checked(question, row.id);
      INFO(question.model << " on " << row.id);
      CHECK(to_string(row.verdict) == to_string(check.verdict));
      CHECK(row.max_context == check.max_context);
      CHECK(row.decode.has_value() == (may_fit(row.verdict) && check.speed.decode));
      if (!row.decode || row.gpu_count > 1) continue;
      CHECK(row.decode->basis == check.speed.decode->basis);
      CHECK(row.decode->tokens_per_second.low ==
            Approx(check.speed.decode->tokens_per_second.low).epsilon(0.01));
    }
  }
}

TEST_CASE("GPUs of as much memory have speeds of their own") {
  Question question = about("qwen3-8b", "Q4_K_M");
  question.everything = true;
  const auto overview = *answered<OverviewReport>(question);
  const auto on = [&](std::string_view id) {
    const auto found = std::ranges::find(overview.gpus.rows, id, &HardwareRow::id);
    REQUIRE(found != overview.gpus.rows.end());
    REQUIRE(found->decode);
    return found->decode->tokens_per_second.low;
  };
  CHECK(on("rtx-4090") > on("rtx-3090"));
  CHECK(on("rtx-3090") > on("p40"));
}

// Reported cases: the overview said 3 and 13.
TEST_CASE("the overview counts GPUs as check does in cases that it used to pool") {
  struct Row {
    const char *model, *gpu;
    std::uint32_t needed;
  };
  const Row rows[] = {
      {"mistral-large-2411",        "rtx-4090", 4 },
      {"deepseek-r1-0528-nvfp4-v2", "rtx-5090", 15},
  };
  for (const Row& row : rows) {
    Question question = about(row.model, "Q4_K_M");
    question.gpu = row.gpu;
    INFO(row.model << " on " << row.gpu);
    CHECK(answered<OverviewReport>(question)->asked_hardware->needed == row.needed);
  }
}

TEST_CASE("at most the sixteen GPUs that llama.cpp supports count, with a warning") {
  const Question question = about("qwen3-8b", "Q4_K_M");
  const CheckReport many = checked(question, "20x rtx-4090"), sixteen = checked(question, "16x rtx-4090");
  CHECK(many.machine.usable == sixteen.machine.usable);
  CHECK(many.places.size() == sixteen.places.size());
  CHECK(many.warnings.size() == sixteen.warnings.size() + 1);
}
