// The cost of answers inside the program, in one thread. Compare times only within one run on one machine.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "vramcalc/ask.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"
#include "vramcalc/session.hpp"

namespace {

using namespace vramcalc;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Runs `work` for about per second and prints the rate.
template <class Work>
void rate(const char* what, const Work& work) {
  const auto start = Clock::now();
  std::size_t times = 0;
  while (seconds_since(start) < 1) {
    work();
    ++times;
  }
  std::printf("%-58s %10.0f per second\n", what, static_cast<double>(times) / seconds_since(start));
}

void one_estimate(const Catalog& catalog, const char* id) {
  const Model model = catalog.model(id);
  const Quantization quantization = GgufMix{catalog.file_type("Q4_K_M"), {}};
  const Runtime& runtime = runtimes().front();
  rate((std::string("estimate of ") + id + ", model to total").c_str(), [&] {
    const auto session = runtime.open(runtime, {model});
    if (session->gpu_total(quantization, Demand{8192}).best == Bytes(0)) std::abort();
  });
}

void one_overview(const char* id, const char* runtime = "") {
  Question question;
  question.model = id;
  question.runtime = runtime;
  rate((std::string("overview of ") + id + (*runtime == 0 ? "" : " under ") + runtime + ", name to report")
           .c_str(),
       [&] { (void)answer(question, runtimes(), embedded_figures()); });
}

// The largest model on eight GPUs, and the part of the whole catalog that runs on one.
void one_plan(const char* id, const char* machine) {
  Question question;
  question.command = Command::plan;
  question.model = id;
  question.gpu = machine;
  rate((std::string("plan of ") + id + " on " + machine).c_str(),
       [&] { (void)answer(question, runtimes(), embedded_figures()); });
}

void one_recommendation(const char* machine) {
  Question question;
  question.command = Command::recommend;
  question.gpu = machine;
  rate((std::string("recommend for ") + machine).c_str(),
       [&] { (void)answer(question, runtimes(), embedded_figures()); });
}

std::size_t sweep(const Catalog& catalog, const Model& model) {
  const Runtime& runtime = runtimes().front();
  const auto session = runtime.open(runtime, {model});
  std::size_t estimates = 0;
  for (const FileType& file_type : catalog.file_types()) {
    const Quantization quantization = GgufMix{file_type, {}};
    if (session->find_weights(quantization) == nullptr) continue;
    for (const std::uint64_t context :
         {std::uint64_t{8192}, std::uint64_t{model.architecture.context_length}})
      estimates += session->gpu_total(quantization, Demand{context}).best > Bytes(0) ? 1 : 0;
  }
  return estimates;
}

// Every model of the catalog × every file type, at 8,192 tokens and at the full context.
void whole_catalog(const Catalog& catalog) {
  const auto start = Clock::now();
  std::size_t models = 0, estimates = 0;
  for (const ModelRow* row : catalog.models()) {
    try {
      estimates += sweep(catalog, catalog.model(row->id));
      ++models;
    } catch (const Error&) {
      // incomplete, or not supported by llama.cpp
    }
  }
  std::printf("%zu models, %zu estimates: %.2f s\n", models, estimates, seconds_since(start));
}

}  // namespace

int main() {
  const Catalog catalog;
  one_estimate(catalog, "llama-3.1-8b");
  one_estimate(catalog, "deepseek-r1");
  one_overview("llama-3.1-8b");
  one_overview("llama-3.1-8b", "vllm");
  one_overview("deepseek-r1");
  one_overview("deepseek-r1-0528-nvfp4-v2");
  one_plan("kimi-k3", "8x h200");
  one_recommendation("rtx-4090");
  one_recommendation("4x rtx-3090");
  whole_catalog(catalog);
}
