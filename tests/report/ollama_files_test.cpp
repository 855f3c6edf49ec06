// Without -q, Ollama is answered with the file of its library.
#include <algorithm>
#include <ranges>
#include <string>

#include "catch.hpp"
#include "report/report.hpp"
#include "vramcalc/ask.hpp"
#include "vramcalc/catalog.hpp"

using namespace vramcalc;

namespace {

CheckReport check(std::string model, std::string runtime, std::string quantization = "") {
  Question question;
  question.command = Command::check;
  question.model = std::move(model);
  question.runtime = std::move(runtime);
  question.quantization = std::move(quantization);
  question.gpu = "h200";
  question.context = 2048;
  return std::get<CheckReport>(answer(question));
}

bool warns(const CheckReport& report, const std::string& words) {
  return std::ranges::any_of(report.summary.warnings,
                             [&](const std::string& each) { return each.find(words) != std::string::npos; });
}

}  // namespace

TEST_CASE("Ollama is answered with the file of its library, others with the usual one") {
  struct Row {
    const char *model, *runtime, *asked, *answered;
  };
  const Row rows[] = {
      {"llama-3.2-1b",     "ollama",    "",     "Q8_0"  },
      {"llama-3.2-1b",     "llama.cpp", "",     "Q4_K_M"},
      {"llama-3.2-1b",     "lm-studio", "",     "Q4_K_M"},
      {"llama-3.2-1b",     "ollama",    "Q6_K", "Q6_K"  },
      {"llama-3.1-8b",     "ollama",    "",     "Q4_K_M"},
      {"gemma-2-9b",       "ollama",    "",     "Q4_0"  },
      {"tinyllama-1.1b",   "ollama",    "",     "Q4_0"  },
      {"smollm2-135m",     "ollama",    "",     "F16"   },
      {"nomic-embed-text", "ollama",    "",     "F16"   },
      {"gpt-oss-20b",      "ollama",    "",     "MXFP4" },
  };
  for (const Row& row : rows) {
    INFO(row.model << " with " << row.runtime << " -q " << row.asked);
    CHECK(check(row.model, row.runtime, row.asked).settings.quantization == row.answered);
  }
}

TEST_CASE("a file of Ollama's library that is not known is said to be assumed") {
  CHECK(warns(check("olmo-2-7b", "ollama"), "which file Ollama's library has of"));
  CHECK_FALSE(warns(check("olmo-2-7b", "ollama", "Q4_K_M"), "Ollama's library"));
  CHECK_FALSE(warns(check("olmo-2-7b", "llama.cpp"), "Ollama's library"));
  CHECK_FALSE(warns(check("llama-3.2-1b", "ollama"), "Ollama's library"));
}

// The library's size includes template and license, and a projector for models that see. What else the files
// of Gemma have in other types is not known.
TEST_CASE("the files of Ollama's library have the size that is derived for their types") {
  const Catalog catalog;
  std::size_t known = 0, alike = 0;
  for (const ModelRow* row : catalog.models()) {
    if (!row->incomplete.empty()) continue;
    const Model model = catalog.model(row->id);
    if (!model.ollama_file) continue;
    ++known;
    INFO(model.id);
    const CheckReport report = check(model.id, "ollama");
    CHECK(report.settings.quantization == model.ollama_file->file_type);
    const double ratio = static_cast<double>(report.estimate.file_bytes.count()) /
                         static_cast<double>(model.ollama_file->bytes);
    CAPTURE(ratio);
    CHECK(ratio < 1.001);
    const bool same = ratio > 0.998;
    if (same) ++alike;
    const bool has_more = std::ranges::distance(row->modalities) > 1 || model.id.starts_with("gemma");
    CHECK((same || has_more));
    const bool warned = std::ranges::any_of(
        report.warnings, [](const std::string& each) { return each.starts_with("Ollama's library has "); });
    CHECK(warned == (ratio < 0.99));
  }
  CHECK(known == 34);
  CHECK(alike == 26);
}
