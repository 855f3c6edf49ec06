#include <algorithm>

#include "catch.hpp"
#include "vramcalc/ask.hpp"

using namespace vramcalc;

namespace {

OverviewReport explained(const std::string& model) {
  Question question;
  question.model = model;
  question.quantization = "Q5_K_M";
  question.explain = true;
  return std::get<OverviewReport>(answer(question));
}

}  // namespace

TEST_CASE("every term has its formula, its ingredients and the origin of its rule") {
  for (const char* model :
       {"llama-3.1-8b", "deepseek-r1", "gemma-3-27b", "granite-4.0-h-tiny", "gpt-oss-20b"}) {
    const OverviewReport report = explained(model);
    REQUIRE(report.explanation);
    CHECK(report.explanation->shape.find(model) != std::string::npos);
    std::size_t terms = 0;
    for (const PlaceEstimate& device : report.estimate.places) terms += device.terms.size();
    CHECK(report.explanation->terms.size() == terms);
    for (const ExplainedTerm& term : report.explanation->terms) {
      INFO(model << " " << to_string(term.kind) << " on " << to_string(term.place));
      CHECK_FALSE(term.explanation.formula.empty());
      CHECK_FALSE(term.explanation.ingredients.empty());
      CHECK_FALSE(term.explanation.rule.empty());
      for (const Ingredient& each : term.explanation.ingredients) {
        CHECK_FALSE(each.value.empty());
        CHECK_FALSE(each.key.empty());
      }
    }
  }
}

TEST_CASE("given options are distinguished from defaults") {
  Question question;
  question.model = "llama-3.1-8b";
  question.explain = true;
  question.context = 8192;
  const auto report = std::get<OverviewReport>(answer(question));
  const auto& terms = report.explanation->terms;
  const auto cache = std::find_if(terms.begin(), terms.end(),
                                  [](const ExplainedTerm& t) { return t.kind == TermKind::kv_cache; });
  REQUIRE(cache != terms.end());
  for (const Ingredient& each : cache->explanation.ingredients) {
    if (each.name == "cells") {
      CHECK(each.value == "8,192");
      CHECK(each.origin == Origin::flag);
    }
    if (each.name == "type of K") CHECK(each.origin == Origin::runtime_default);
  }
}

// A published phi-4 Q5_K_M holds attn_qkv of 20 layers as q6_K, which today's rules give q5_K.
TEST_CASE("files by the older quantizer are distinguished from today's if they differ") {
  const OverviewReport phi = explained("phi-4");
  REQUIRE(phi.other_quantizer);
  CHECK(phi.other_quantizer->release == QuantizerRelease::before_fused_qkv_rules);
  CHECK(phi.other_quantizer->tensor_bytes - phi.estimate.tensor_bytes == Bytes(104'448'000));
  CHECK_FALSE(explained("llama-3.1-8b").other_quantizer);

  Question older;
  older.model = "phi-4";
  older.quantization = "Q5_K_M";
  older.quantizer = QuantizerRelease::before_fused_qkv_rules;
  const auto report = std::get<OverviewReport>(answer(older));
  CHECK(report.estimate.tensor_bytes == phi.other_quantizer->tensor_bytes);
  REQUIRE(report.other_quantizer);
  CHECK(report.other_quantizer->tensor_bytes == phi.estimate.tensor_bytes);
}

// Like most published files of that type: with an importance matrix if the quantizer requires one.
TEST_CASE("the settings show whether an importance matrix is used") {
  const struct {
    const char* quantization;
    bool imatrix;
  } table[] = {
      {"Q4_K_M",  false},
      {"IQ4_XS",  false},
      {"IQ2_XXS", true },
      {"IQ2_S",   true },
      {"IQ1_S",   true },
  };
  for (const auto& row : table) {
    Question question;
    question.model = "llama-3.1-8b";
    question.quantization = row.quantization;
    INFO(row.quantization);
    CHECK(std::get<OverviewReport>(answer(question)).settings.imatrix == row.imatrix);
  }
}

TEST_CASE("estimates of speed state the bytes read, the rates of the devices and what they are based on") {
  Question question;
  question.model = "deepseek-r1";
  question.gpu = "8x h100";
  question.explain = true;
  const auto report = std::get<OverviewReport>(answer(question));
  REQUIRE(report.explanation->speeds.size() == 2);
  for (const ExplainedSpeed& speed : report.explanation->speeds) {
    INFO(speed.name);
    REQUIRE(speed.estimate);
    CHECK(speed.estimate->tokens_per_second.low > 0);
    CHECK(speed.estimate->tokens_per_second.high > speed.estimate->tokens_per_second.low);
    CHECK_FALSE(speed.explanation.formula.empty());
    CHECK_FALSE(speed.explanation.rule.empty());
    const auto& all = speed.explanation.ingredients;
    const auto names = [&](const char* name) {
      return std::any_of(all.begin(), all.end(), [&](const Ingredient& each) { return each.name == name; });
    };
    CHECK(names(speed.name == "decode" ? "a token reads" : "arithmetic of a token"));
    for (const char* name : {"gpu0", "gpu7", "basis", "width"}) CHECK(names(name));
    for (const Ingredient& each : all) {
      CHECK_FALSE(each.value.empty());
      CHECK_FALSE(each.key.empty());
    }
  }
  question.gpu = "rtx-4090";  // too small
  CHECK(std::get<OverviewReport>(answer(question)).explanation->speeds.empty());
}
