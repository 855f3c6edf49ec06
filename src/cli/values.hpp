#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "render/render.hpp"
#include "vramcalc/backend.hpp"
#include "vramcalc/bytes.hpp"
#include "vramcalc/file_type.hpp"

// The values of flags. Every function throws Error (bad_value) that quotes the value and says what is
// expected.
namespace vramcalc::cli {

[[noreturn]] void refuse_value(std::string_view flag, std::string_view value, std::string_view expected);

// 32768, 32K (= 32768), 8k, 1M; empty for "max".
std::optional<std::uint64_t> parse_context(std::string_view flag, const std::string& value);

// What --sort takes, and its meaning.
std::vector<std::string_view> orders();
RecommendOrder parse_order(std::string_view flag, const std::string& value);
std::uint32_t parse_count(std::string_view flag, const std::string& value);  // 1 or more
std::uint32_t parse_index(std::string_view flag, const std::string& value);  // 0 or more
Bytes parse_size(std::string_view flag, const std::string& value);           // 128GiB
double parse_headroom(std::string_view flag, const std::string& value);      // "10%" is 0.1
std::vector<std::string_view> quantizer_releases();
QuantizerRelease parse_quantizer(std::string_view flag, const std::string& value);
std::vector<std::string_view> backend_names();
Backend parse_backend(std::string_view flag, const std::string& value);
render::Units parse_units(std::string_view flag, const std::string& value);

bool parse_switch(std::string_view flag, const std::string& value);  // on, off

// The index of `value` in `words`, ignoring case.
std::size_t parse_word(std::string_view flag, const std::string& value,
                       const std::vector<std::string_view>& words);

// For flags that accept any text.
inline const std::string& as_typed(std::string_view, const std::string& value) { return value; }

}  // namespace vramcalc::cli
