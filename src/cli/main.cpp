#include "cli/heap.hpp"
#include "cli/run.hpp"
#include "vramcalc/ask.hpp"

int main(int count, char** words) {
  vramcalc::cli::keep_freed_memory();
  const auto answer = [](const vramcalc::Question& question) {
    return vramcalc::answer(question, vramcalc::runtimes(), vramcalc::embedded_figures());
  };
  const auto answer_deployment = [](const vramcalc::DeploymentQuestion& question) {
    return vramcalc::answer(question, vramcalc::runtimes(), vramcalc::embedded_figures());
  };
  return vramcalc::cli::run(vramcalc::cli::Arguments(words + (count > 0 ? 1 : 0), words + count),
                            {answer, answer_deployment});
}
