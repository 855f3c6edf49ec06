#pragma once

#include <optional>
#include <string>
#include <vector>

#include "vramcalc/bytes.hpp"
#include "vramcalc/llama_cpp/options.hpp"

// tests/measured/automatic_fit.txt: what --fit of llama.cpp 0.5.0 chose.
namespace vramcalc::measured {

struct Fit {
  std::string line;  // the line in that file
  std::string model;
  std::vector<Bytes> free;
  llama_cpp::ContextParams params;
  std::optional<std::uint64_t> context;  // empty if none was given
  std::string chosen;                    // "4096 30 0 | experts@8-46"
  std::vector<Bytes> used;
};

std::vector<Fit> fits();

// The trained context of the file, and the file type with which it was loaded.
std::uint32_t trained_context(const std::string& model);
std::string file_type_of(const std::string& model);

}  // namespace vramcalc::measured
