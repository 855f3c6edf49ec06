#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <exception>

#include "speed/calibration.hpp"
#include "speed/measured_speeds.hpp"

// Prints what tests/calibration/calibrate.py fits: for every measured speed the parts of the time that the
// program derives for it, one JSON object per line.
using namespace vramcalc;

namespace {

template <std::size_t count>
speed::Parts<count> sum_of(const std::vector<speed::Parts<count>>& all) {
  speed::Parts<count> sum{};
  for (const auto& each : all)
    for (std::size_t i = 0; i < count; ++i) sum[i] += each[i];
  return sum;
}

void print(const measured::SpeedRow& row, const measured::AskedWork& asked) {
  const Device& device = asked.machine.devices.front();
  const Speed speed = speed::speed_of(asked.work);
  const std::string parts =
      row.decode ? fmt::format("{}", fmt::join(sum_of(speed::decode_parts_of(asked.work)), ", "))
                 : fmt::format("{}", fmt::join(sum_of(speed::prefill_parts_of(asked.work)), ", "));
  fmt::print(
      "{{\"model\": \"{}\", \"quantization\": \"{}\", \"hardware\": \"{}\", \"gpus\": {}, \"decode\": {}, "
      "\"depth\": {}, \"measured\": {}, \"family\": \"{}\", \"generation\": \"{}\", \"chip\": \"{}\", "
      "\"host\": {}, \"ceiling\": {}, \"parts\": [{}]}}\n",
      row.model, row.quantization, row.hardware, row.gpus, row.decode, row.depth, row.tokens_per_second,
      speed::family_of(device), device.generation, device.chip, speed::host_seconds(asked.work),
      speed.decode_ceiling.value_or(0), parts);
}

}  // namespace

int main() {
  try {
    const Catalog catalog;
    for (const measured::SpeedRow& row : measured::speed_rows()) {
      measured::AskedWork asked;
      measured::ask(catalog, row, asked);
      print(row, asked);
    }
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "%s\n", failure.what());
    return 1;
  }
}
