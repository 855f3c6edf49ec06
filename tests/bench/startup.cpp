// vramcalc_startup EMPTY PROGRAM ARGUMENT...: the wall time of whole processes, EMPTY and PROGRAM in turn, so
// that other load on the machine affects both alike. Prints the median of each and their ratio.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "support/process.hpp"

namespace {

constexpr int rounds = 1000;

double milliseconds(const vramcalc::test::Command& command) {
  const auto start = std::chrono::steady_clock::now();
  vramcalc::test::run(command);
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return std::fputs("usage: vramcalc_startup EMPTY PROGRAM ARGUMENT...\n", stderr), 2;
  vramcalc::test::Command empty, program;
  empty.words = {argv[1]};
  program.words.assign(argv + 2, argv + argc);
  try {
    std::vector<double> of_empty, of_program;
    for (int round = 0; round < rounds; ++round) {
      of_empty.push_back(milliseconds(empty));
      of_program.push_back(milliseconds(program));
    }
    const double base = median(of_empty), whole = median(of_program);
    std::printf("whole process, median of %d: %.3f ms; an empty program: %.3f ms; ratio %.2f\n", rounds,
                whole, base, whole / base);
  } catch (const std::exception& error) {
    return std::fprintf(stderr, "vramcalc_startup: %s\n", error.what()), 1;
  }
}
