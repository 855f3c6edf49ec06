#pragma once

#include <span>
#include <string_view>

namespace vramcalc::llama_cpp {

// Programs other than llama-server that load a model with llama.cpp's library, as --runtime names them.
std::span<const std::string_view> tools();

// Whether a tool of a release reserves a row of logits for every token of a micro-batch. An empty tool is
// llama-server. `release` is a build (b9010), a version (0.4.2, 0.4.x), a date (2026-05, 2026-05-31) or empty
// for 0.5.0. Error (bad_value) for anything else and for releases with unknown rules.
bool reserves_all_logits(std::string_view tool, std::string_view release);

}  // namespace vramcalc::llama_cpp
