#pragma once

#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vramcalc/file_type.hpp"

namespace vramcalc::catalog {

// A table of file types that owns its texts and lists; it can be moved but not copied.
struct Quantizations {
  Quantizations() = default;
  Quantizations(Quantizations&&) = default;
  Quantizations& operator=(Quantizations&&) = default;

  std::vector<FileType> file_types;

  std::deque<std::string> texts;
  std::deque<std::vector<Rule>> rule_lists;
  std::deque<std::vector<std::string_view>> alias_lists;
};

// Reads data/quantizations/gguf.json, strictly (Error, bad_file). Rule sets and derived file types are
// expanded, so that every file type has its complete list of rules. A variant's base is looked for above it,
// then in `known`.
Quantizations load_quantizations(std::string_view text, const std::string& file,
                                 std::span<const FileType> known = {});

// The table as C++: constexpr arrays, the last of them `constexpr FileType NAME[]`. It needs
// vramcalc/quantization.hpp, and stands best in namespace vramcalc.
std::string write_cpp_literal(std::span<const FileType> file_types, std::string_view name);

}  // namespace vramcalc::catalog
