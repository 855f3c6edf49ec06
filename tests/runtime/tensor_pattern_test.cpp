#include "runtime/llama_cpp/tensor_pattern.hpp"

#include "catch.hpp"
#include "vramcalc/error.hpp"

using namespace vramcalc;
using llama_cpp::TensorPattern;

TEST_CASE("a pattern of -ot matches anywhere in a tensor's name, as std::regex_search does") {
  const char* const names[] = {"blk.3.ffn_up_exps.weight",
                               "blk.13.ffn_gate_exps.weight",
                               "token_embd.weight",
                               "per_layer_token_embd.weight",
                               "blk.0.attn_q.weight",
                               "output.weight",
                               ""};
  const char* const patterns[] = {"ffn_.*_exps",
                                  R"(blk\.3\.ffn_(up|down)_exps)",
                                  R"(\.ffn_(up|down|gate)_(ch|)exps)",
                                  "token_embd",
                                  R"(blk\.(1|2|3)\.)",
                                  R"(^token)",
                                  R"(weight$)",
                                  ".",
                                  "a|b",
                                  "exps?",
                                  R"(blk\.1?3\.)",
                                  R"(blk\.13*\.)",
                                  R"(blk\.[0-9]{2}\.)",
                                  R"(blk\.(?!3\.).*exps)",
                                  "",
                                  "x*",
                                  R"(attn_q\.weight)",
                                  R"([.]ffn_)",
                                  "(up|q)[.]w",
                                  "blk{1,2}",
                                  R"(\d+)",
                                  R"(3\.ffn_up|output)"};
  for (const char* pattern : patterns) {
    TensorPattern matcher{std::string(pattern)};
    for (const char* name : names) {
      INFO("\"" << pattern << "\" in \"" << name << "\"");
      CHECK(matcher.matches(name) == std::regex_search(std::string(name), std::regex(pattern)));
    }
  }
}

TEST_CASE("an invalid or too slow pattern is refused") {
  const std::string patterns[] = {"ffn_(",
                                  "a)|(b",
                                  "[",
                                  R"(\)",
                                  "*",
                                  R"((a)\1)",
                                  std::string(1025, 'a'),
                                  "a{20000}",
                                  "((a{90}){90}){90}",
                                  "(?=a)(?=b).*c.*d.*e",
                                  std::string(400, '(') + "a" + std::string(400, ')') + "{99}"};
  for (const std::string& pattern : patterns) {
    INFO(pattern.substr(0, 40));
    CHECK_THROWS_AS(TensorPattern(pattern), Error);
  }
}

// Each of these never ends, or nearly so, if one path after another is tried.
TEST_CASE("matching ends for patterns with exponentially many paths") {
  const std::string name = "blk.60.ffn_gate_up_exps.weight_that_goes_on_and_on_until_it_ends";
  for (const char* pattern : {"(.*)*!", "(.+)+!", "([a-z._0-9]*)*!", ".*.*.*.*.*.*.*.*!", "(a|b|.)*x{60}"}) {
    INFO(pattern);
    CHECK_FALSE(TensorPattern(std::string(pattern)).matches(name));
  }
}
