#include "catch.hpp"
#include "vramcalc/ask.hpp"

using namespace vramcalc;

namespace {

CheckReport checked(const char* model, const char* machine, std::uint64_t context,
                    std::optional<std::uint32_t> parallel = {}) {
  Question question;
  question.command = Command::check;
  question.model = model;
  question.gpu = machine;
  question.context = context;
  question.options.llama_cpp.context.parallel = parallel;
  return std::get<CheckReport>(answer(question));
}

struct Row {
  const char* model;
  const char* machine;
  std::uint64_t context;
};

// Full attention, windows, recurrent states, latent attention, experts; one GPU and several.
const Row rows[] = {
    {"llama-3.1-8b",       "rtx-4090",    4096 },
    {"llama-3.1-8b",       "2x rtx-3090", 32768},
    {"gemma-3-27b",        "a100-80gb",   8192 },
    {"qwen3-30b-a3b",      "rtx-5090",    4096 },
    {"granite-4.0-h-tiny", "rtx-3060",    65536},
    {"deepseek-v3",        "8x h100",     16384},
    {"gpt-oss-20b",        "rtx-4090",    16384},
};

}  // namespace

TEST_CASE("the maximum number of sequences fits, and one more does not") {
  for (const Row& row : rows) {
    const CheckReport report = checked(row.model, row.machine, row.context);
    INFO(row.model << " on " << row.machine);
    REQUIRE(report.fits);
    REQUIRE(report.room);
    const Room& room = *report.room;
    CHECK(room.context == *report.max_context);
    CHECK(room.tokens == row.context);
    REQUIRE(room.sequences >= 1);
    CHECK(checked(row.model, row.machine, row.context * room.sequences, room.sequences).verdict <=
          Verdict::fits);
    if (room.sequences < 256)
      CHECK(checked(row.model, row.machine, row.context * (room.sequences + 1), room.sequences + 1).verdict >
            Verdict::fits);
  }
}

// The search by doubling and halving relies on this.
TEST_CASE("more sequences of the same context need more") {
  for (const Row& row : rows) {
    Amount before;
    for (std::uint32_t sequences = 1; sequences <= 12; ++sequences) {
      const Amount needed =
          checked(row.model, row.machine, row.context * sequences, sequences).estimate.gpu_total();
      INFO(row.model << " with " << sequences);
      CHECK(needed.high > before.high);
      before = needed;
    }
  }
}

TEST_CASE("a plan that fits shows the room left") {
  Question question;
  question.command = Command::plan;
  question.model = "qwen3-8b";
  question.gpu = "rtx-4090";
  question.context = 8192;
  const auto report = std::get<PlanReport>(answer(question));
  REQUIRE(report.best);
  REQUIRE(report.best->room);
  CHECK(report.best->room->tokens == 8192);
  CHECK(report.best->room->context >= 8192);
  CHECK(report.best->room->sequences > 1);
}
