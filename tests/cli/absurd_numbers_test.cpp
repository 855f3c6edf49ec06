#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "cli/run.hpp"
#include "vramcalc/ask.hpp"

using namespace vramcalc;
using namespace vramcalc::cli;

namespace {

// A line ends in one line break and has no other.
bool is_one_line(const std::string& text) {
  return std::count(text.begin(), text.end(), '\n') == 1 && text.back() == '\n';
}

bool is_an_accident(const std::string& text) {
  return text.find("should not happen") != std::string::npos || text.find("bad_alloc") != std::string::npos ||
         text.find("length_error") != std::string::npos;
}

Arguments with(Arguments line, std::initializer_list<std::string> more) {
  line.insert(line.end(), more);
  return line;
}

}  // namespace

// Every flag that takes a number, with numbers that nobody means: answered, or refused in one line. (That
// each is quick, the time limit of the test sees.)
TEST_CASE("absurd numbers are answered, or refused in one line") {
  const std::string numbers[] = {"0",
                                 "1",
                                 "65536",
                                 "2147483647",
                                 "2147483648",
                                 "4294967295",
                                 "4294967296",
                                 "9223372036854775807",
                                 "18446744073709551615",
                                 "18446744073709551616",
                                 "99999999999999999999999999",
                                 "-1",
                                 "-2147483648",
                                 "1.5",
                                 "1e9",
                                 "0x10",
                                 "nan",
                                 "inf",
                                 "17592186044415G",
                                 "1K",
                                 "4096K",
                                 "4194303K",
                                 "99999999M",
                                 "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18",
                                 "1e300,1e300",
                                 "1e-300,1"};
  struct Row {
    Arguments line;
    std::vector<std::string> flags;
  };
  const Arguments check = {"check", "qwen3-30b-a3b", "--gpu", "2x rtx-4090"};
  const Row rows[] = {
      {check,                                   {"-c", "-np", "-b", "-ub", "-ngl", "-ts", "-mg", "-ncmoe", "--ram", "--reserve"}},
      {with(check,                              {"-md", "qwen3-0.6b"}),                                                           {"--draft-max"}},
      {with(check,                                       {"--spec-type", "ngram-mod"}),                                                                                                              {"--spec-ngram-mod-n-max"}},
      {with(check,             {"-np", "4", "-kvu"}),{"-c"}},
      {with(check,      {"-sm", "none"}),                                                                                                 {"-mg"}},
      {with(check,                              {"-ot", "x=CUDA0"}),                                                                                         {"-ncmoe"}},
      {{"qwen3-30b-a3b"},                                       {"-c", "-np", "-b", "-ub"}                                                                                                             },
      {{"plan", "qwen3-30b-a3b", "--gpu", "rtx-4090"},                             {"-c", "-np", "-ub", "-fitc", "--ram"}                    },
      {{"plan", "qwen3-30b-a3b", "--gpu", "rtx-4090", "--like-llama-cpp"},{"-fitt", "-fitc"}},
      {{"recommend", "--gpu", "8GiB", "--family", "phi"},{"--min-context", "-fitc", "-c", "-ub"}                                },
      {{"compare", "qwen3-0.6b"},                                               {"-c", "-np", "-b", "-ub"}                                                                                                                                                                                     },
  };
  const Terminal terminal{80, 0, false, true};
  for (const Row& row : rows) {
    for (const std::string& flag : row.flags) {
      for (const std::string& number : numbers) {
        const Outcome outcome = outcome_of(with(row.line, {flag, number}), answer, terminal);
        INFO(row.line[0] << " " << flag << " " << number << ": " << outcome.err);
        CHECK((outcome.status >= 0 && outcome.status <= 2));
        CHECK_FALSE(is_an_accident(outcome.err));
        if (outcome.status == 2) {
          CHECK(is_one_line(outcome.err));
          CHECK(outcome.out.empty());
        } else {
          CHECK(outcome.err.empty());
        }
      }
    }
  }
}

TEST_CASE("absurd numbers of GPUs and sizes are answered, or refused in one line") {
  const Terminal terminal{80, 0, false, true};
  for (const char* gpu : {"0x rtx-4090",
                          "1x rtx-4090",
                          "16x rtx-4090",
                          "17x rtx-4090",
                          "1024x rtx-4090",
                          "1025x rtx-4090",
                          "4294967296x rtx-4090",
                          "99999999999999999999x rtx-4090",
                          "-1x rtx-4090",
                          "0GiB",
                          "1B",
                          "1MiB",
                          "17179869183GiB",
                          "17179869184GiB",
                          "1e30GiB",
                          "1e-30GiB",
                          "nanGiB",
                          "infGiB",
                          "rtx-4090@0GiB",
                          "rtx-4090@17179869183GiB",
                          "16x 17179869183GiB",
                          "1024x 17179869183GiB"}) {
    for (const char* command : {"check", "plan"}) {
      const Outcome outcome = outcome_of({command, "qwen3-0.6b", "--gpu", gpu}, answer, terminal);
      INFO(command << " " << gpu << ": " << outcome.err);
      CHECK_FALSE(is_an_accident(outcome.err));
      if (outcome.status == 2) CHECK(is_one_line(outcome.err));
    }
  }
}

TEST_CASE("thousands of overrides are matched, or refused in one line") {
  const Terminal terminal{80, 0, false, true};
  const auto outcome_with = [&](std::size_t count, auto pattern) {
    std::string value;
    for (std::size_t i = 0; i < count; ++i) value += (i == 0 ? "" : ",") + pattern(i) + "=CPU";
    return outcome_of({"check", "deepseek-r1", "--gpu", "8x rtx-4090", "-ot", value}, answer, terminal);
  };
  const auto by_layer = [](std::size_t i) { return "blk\\." + std::to_string(i) + "\\.ffn_.*_exps"; };
  const auto anywhere = [](std::size_t i) { return ".*[a-z]x" + std::to_string(i); };
  const auto exploding = [](std::size_t i) { return "(.*)*!" + std::to_string(i); };
  CHECK(outcome_with(4095, by_layer).status < 2);
  CHECK(outcome_with(4096, by_layer).err ==
        "vramcalc: llama.cpp accepts at most 4,095 tensor overrides, but -ot, -cmoe and -ncmoe make 4,096; "
        "-cmoe moves the experts of all layers with a single override\n");
  CHECK(outcome_with(4095, anywhere).status == 2);
  CHECK(is_one_line(outcome_with(4095, anywhere).err));
  CHECK(outcome_with(1, exploding).status < 2);
  CHECK(is_one_line(outcome_with(4095, exploding).err));
}
