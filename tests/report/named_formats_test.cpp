// A name that includes a format is answered in that format or refused.
#include <string>

#include "catch.hpp"
#include "report/report.hpp"
#include "vramcalc/ask.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::test {
namespace {

CheckReport check(const std::string& model, const std::string& quantization = "", std::string gpu = "h200") {
  Question question;
  question.command = Command::check;
  question.model = model;
  question.quantization = quantization;
  question.gpu = std::move(gpu);
  question.context = 8192;
  return std::get<CheckReport>(answer(question));
}

// Of the weights on a device, in MiB to two digits as llama.cpp's log has them.
std::string weights_on(const CheckReport& report, Place place) {
  for (const PlaceEstimate& each : report.estimate.places) {
    if (each.place != place) continue;
    for (const Term& term : each.terms)
      if (term.kind == TermKind::weights) {
        char text[40];
        std::snprintf(text, sizeof text, "%.2f",
                      static_cast<double>(term.amount.best.count()) / static_cast<double>(MiB));
        return text;
      }
  }
  return "none";
}

std::string refusal_of(Question question) {
  try {
    answer(question);
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::unsupported);
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("gpt-oss is Ollama's file: experts in MXFP4, the rest in 16 bits") {
  struct Row {
    const char *model, *quantization, *name, *gpu0, *host;
  };
  // 20b: load log of Ollama, 2026-09-29; 120b: ollama/ollama#12752
  const Row rows[] = {
      {"gpt-oss:20b",        "",      "MXFP4", "12036.68", "1104.61"},
      {"gpt-oss-20b",        "",      "MXFP4", "12036.68", "1104.61"},
      {"gpt-oss-20b-mxfp4",  "",      "MXFP4", "12036.68", "1104.61"},
      {"gpt-oss",            "mxfp4", "MXFP4", "12036.68", "1104.61"},
      {"gpt-oss-20b",        "F16",   "F16",   "12036.68", "1104.61"},
      {"gpt-oss-20b-mxfp4",  "BF16",  "BF16",  "12036.68", "1104.61"},
      {"gpt-oss:120b",       "",      "MXFP4", "61223.74", "1104.61"},
      {"gpt-oss-120b-mxfp4", "",      "MXFP4", "61223.74", "1104.61"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.model, row.quantization);
    const CheckReport report = check(row.model, row.quantization);
    CHECK(report.settings.quantization == row.name);
    CHECK(weights_on(report, Place::gpu(0)) == row.gpu0);
    CHECK(weights_on(report, Place::host()) == row.host);
  }
  // ggml-org's and LM Studio's file, 11.27 GiB in llama-bench: the rest in Q8_0.
  const CheckReport other = check("gpt-oss-20b", "MXFP4_MOE");
  CHECK(other.settings.quantization == "MXFP4_MOE");
  CHECK(other.estimate.tensor_bytes == Bytes(12'096'558'336));
}

TEST_CASE("a checkpoint is answered in its own format, for a runtime that loads it") {
  struct Row {
    const char *model, *quantization, *runtime, *format;
  };
  const Row rows[] = {
      {"qwen3-8b-awq",                "",         "vllm",      "AWQ"     },
      {"Qwen/Qwen3-8B-FP8",           "",         "vllm",      "FP8"     },
      {"Qwen/Qwen3-4B-AWQ",           "",         "vllm",      "AWQ"     },
      {"deepseek-r1-nvfp4",           "",         "vllm",      "NVFP4"   },
      {"kimi-k2.5-int4",              "",         "vllm",      "INT4"    },
      {"mlx-community/Qwen3-8B-4bit", "",         "mlx-lm",    "MLX-4bit"},
      {"qwen3-8b",                    "fp8",      "vllm",      "FP8"     },
      {"qwen3-8b",                    "mlx-8bit", "mlx-lm",    "MLX-8bit"},
      {"qwen3-8b",                    "BF16",     "llama.cpp", "BF16"    },
      {"qwen3-8b-awq",                "FP8",      "vllm",      "FP8"     },
  };
  for (const Row& row : rows) {
    CAPTURE(row.model, row.quantization);
    Question question;
    question.model = row.model;
    question.quantization = row.quantization;
    const auto report = std::get<OverviewReport>(answer(question));
    CHECK(report.settings.runtime == row.runtime);
    CHECK(report.settings.quantization == row.format);
  }
}

TEST_CASE("a runtime that loads no checkpoints refuses their formats in every command") {
  for (const Command command : {Command::overview, Command::check, Command::plan, Command::compare})
    for (const char* model :
         {"qwen3-8b-awq", "Qwen/Qwen3-8B-FP8", "Qwen/Qwen3-4B-AWQ", "deepseek-r1-nvfp4",
          "mlx-community/Qwen3-8B-4bit", "kimi-k2.5-int4", "mlx-community/gpt-oss-20b-MXFP4-Q8"}) {
      CAPTURE(static_cast<int>(command), model);
      Question question;
      question.command = command;
      question.model = model;
      question.compare.models = {model};
      question.gpu = "rtx-4090";
      question.runtime = "llama.cpp";
      question.compare.runtimes = {"llama.cpp"};
      CHECK(refusal_of(question).find("a checkpoint format that llama.cpp does not load") !=
            std::string::npos);
    }
}

TEST_CASE("with a file type it is a GGUF of the base model") {
  for (const char* model : {"qwen3-8b-awq", "Qwen/Qwen3-8B-FP8", "unsloth/Qwen3-8B-bnb-4bit"}) {
    CAPTURE(model);
    const CheckReport report = check(model, "Q4_K_M", "rtx-4090");
    CHECK(report.summary.model.id == "qwen3-8b");
    CHECK(report.settings.quantization == "Q4_K_M");
    CHECK(report.estimate.tensor_bytes == check("qwen3-8b", "", "rtx-4090").estimate.tensor_bytes);
    CHECK(!report.warnings.empty());
  }
}

TEST_CASE("the rule of thumb ignores formats and computes a variant as before") {
  Question question;
  question.model = "deepseek-r1-0528-nvfp4-v2";
  question.runtime = "rule-of-thumb";
  CHECK(std::get<OverviewReport>(answer(question)).settings.quantization == "Q4_K_M");
  question.model = "gpt-oss-20b";
  CHECK(std::get<OverviewReport>(answer(question)).settings.quantization == "Q4_K_M");
}

TEST_CASE("a repository's address is answered by the catalog if it has the model") {
  for (const char* address : {"https://huggingface.co/Qwen/Qwen3-8B", "hf.co/Qwen/Qwen3-8B-GGUF",
                              "https://hf.co/unsloth/Qwen3-8B-GGUF"}) {
    CAPTURE(address);
    const CheckReport report = check(address);
    CHECK(report.summary.source == "catalog");
    CHECK(report.summary.model.id == "qwen3-8b");
  }
  CHECK(check("hf.co/unsloth/Qwen3-8B-GGUF:Q8_0").settings.quantization == "Q8_0");
}

TEST_CASE("a quantization in the name is used unless another one is requested") {
  CHECK(check("qwen3:8b-q8_0").settings.quantization == "Q8_0");
  CHECK(check("Qwen3-8B-Q6_K.gguf").settings.quantization == "Q6_K");
  CHECK(check("Qwen3-8B-Q6_K.gguf", "Q4_0").settings.quantization == "Q4_0");
  CHECK(check("unsloth/Qwen3-8B-GGUF").settings.quantization == "Q4_K_M");
  CHECK_THROWS_AS(check("Qwen3-8B-UD-Q4_K_XL.gguf"), Error);
}

}  // namespace vramcalc::test
