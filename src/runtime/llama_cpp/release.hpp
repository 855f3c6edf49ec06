#pragma once

#include <string_view>

namespace vramcalc::llama_cpp {

// Whether llama-server of a release reserves a row of logits for every token of a micro-batch. `release` is a
// build (b9010), a version (0.4.2, 0.4.x), a date (2026-05, 2026-05-31) or empty for 0.5.0. Error (bad_value)
// for anything else and for releases with unknown rules.
bool reserves_all_logits(std::string_view release);

}  // namespace vramcalc::llama_cpp
