#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "speed/work.hpp"
#include "vramcalc/catalog.hpp"

namespace vramcalc::measured {

// A row of tests/measured/speeds.tsv.
struct SpeedRow {
  std::string model, quantization, hardware;
  std::uint32_t gpus = 1;
  std::string backend;
  bool decode = true;
  std::uint64_t tokens = 0;  // that were generated or read
  std::uint64_t depth = 0;   // tokens before them
  std::string flags;         // "-ngl 16"; empty if none
  double tokens_per_second = 0;

  // The context at which the program is asked for it: decoding at half of what was generated, reading a
  // prompt at its end.
  std::uint64_t context() const {
    return decode ? std::max<std::uint64_t>(1, depth + tokens / 2) : depth + tokens;
  }
};
std::vector<SpeedRow> speed_rows();

// What the program takes for it, with the machine to which the work points.
struct AskedWork {
  Machine machine;
  speed::Work work;
};
void ask(const Catalog& catalog, const SpeedRow& row, AskedWork& into);

}  // namespace vramcalc::measured
