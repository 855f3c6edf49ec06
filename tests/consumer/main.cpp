#include <iostream>
#include <variant>

#include "vramcalc/ask.hpp"
#include "vramcalc/error.hpp"

int main() {
  vramcalc::Question question;
  question.command = vramcalc::Command::check;
  question.model = "qwen3-8b";
  question.quantization = "Q4_K_M";
  question.gpu = "rtx-4090";
  question.context = 8192;
  try {
    const vramcalc::Report report =
        vramcalc::answer(question, vramcalc::runtimes(), vramcalc::embedded_figures());
    const auto& check = std::get<vramcalc::CheckReport>(report);
    std::cout << to_string(check.verdict) << ' ' << check.estimate.gpu_total().best.count() << '\n';
  } catch (const vramcalc::Error& error) {
    std::cerr << error.what() << '\n';
    return 2;
  }
}
