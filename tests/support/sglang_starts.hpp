#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <vector>

#include "support/measured_rows.hpp"

namespace vramcalc::test {

// A row of tests/measured/sglang_starts.tsv, which explains the columns. Zero if the log does not show it.
struct SglangStart {
  std::string version, model, shape, gpu;
  std::uint32_t tp = 1;
  std::uint64_t tokens = 0, full_tokens = 0, swa_tokens = 0;
  double kv_gib = 0;
  std::uint64_t bytes_per_token = 0, swa_bytes = 0, full_bytes = 0;
  std::uint64_t max_running = 0, context = 0, state_slots = 0;
  double states_gib = 0;
  std::string kv_cache_dtype, source;
};

inline std::vector<SglangStart> sglang_starts() {
  std::vector<SglangStart> starts;
  read_measured_rows("sglang_starts.tsv", [&](std::istream& words) {
    std::vector<std::string> cells;
    for (std::string cell; words >> cell;) cells.push_back(cell == "-" ? "0" : cell);
    const auto number = [&](std::size_t column) { return std::stod(cells.at(column)); };
    const auto count = [&](std::size_t column) { return static_cast<std::uint64_t>(number(column)); };
    SglangStart start;
    start.version = cells.at(0), start.model = cells.at(1), start.shape = cells.at(2);
    start.gpu = cells.at(4);
    start.tp = static_cast<std::uint32_t>(count(3));
    start.tokens = count(9), start.full_tokens = count(10), start.swa_tokens = count(11);
    start.kv_gib = number(12) + number(13) + number(14);
    start.bytes_per_token = count(15), start.swa_bytes = count(16), start.full_bytes = count(17);
    start.max_running = count(20), start.context = count(21), start.state_slots = count(22);
    start.states_gib = number(23) + number(24);
    start.kv_cache_dtype = cells.at(25), start.source = cells.at(26);
    starts.push_back(std::move(start));
  });
  return starts;
}

}  // namespace vramcalc::test
