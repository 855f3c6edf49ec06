#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "render/render.hpp"
#include "vramcalc/element_type.hpp"
#include "vramcalc/workload.hpp"

// What people type behind a flag. Every function throws Error (bad_value) that quotes it and says what would
// do.
namespace vramcalc::cli {

// 32768, 32K (= 32768), 8k, 1M; empty for "max".
std::optional<std::uint64_t> parse_context(std::string_view flag, const std::string& value);

std::uint32_t parse_count(std::string_view flag, const std::string& value);  // 1 or more
std::optional<std::uint32_t> parse_slots(std::string_view flag,
                                         const std::string& value);  // empty for -1: automatic
ElementType parse_cache_type(std::string_view flag, const std::string& value);
FlashAttention parse_flash_attention(std::string_view flag, const std::string& value);
render::Units parse_units(std::string_view flag, const std::string& value);

// The one of `words` (without regard to case) that was typed.
std::size_t parse_word(std::string_view flag, const std::string& value,
                       const std::vector<std::string_view>& words);

}  // namespace vramcalc::cli
