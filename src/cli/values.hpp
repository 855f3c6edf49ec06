#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "render/render.hpp"
#include "vramcalc/bytes.hpp"
#include "vramcalc/element_type.hpp"
#include "vramcalc/llama_cpp/placement.hpp"
#include "vramcalc/file_type.hpp"
#include "vramcalc/llama_cpp/options.hpp"

// What people type behind a flag. Every function throws Error (bad_value) that quotes it and says what would
// do.
namespace vramcalc::cli {

// 32768, 32K (= 32768), 8k, 1M; empty for "max".
std::optional<std::uint64_t> parse_context(std::string_view flag, const std::string& value);

std::uint32_t parse_count(std::string_view flag, const std::string& value);  // 1 or more
std::optional<std::uint32_t> parse_slots(std::string_view flag,
                                         const std::string& value);  // empty for -1: automatic
ElementType parse_cache_type(std::string_view flag, const std::string& value);
llama_cpp::FlashAttention parse_flash_attention(std::string_view flag, const std::string& value);
QuantizerRelease parse_quantizer(std::string_view flag, const std::string& value);
render::Units parse_units(std::string_view flag, const std::string& value);

std::uint32_t parse_index(std::string_view flag, const std::string& value);  // 0 or more
Bytes parse_size(std::string_view flag, const std::string& value);           // 128GiB

// A number of layers; empty for "all", "auto" and what is below 0.
std::optional<std::uint32_t> parse_layers(std::string_view flag, const std::string& value);
// Numbers between commas or slashes, not all of them 0.
std::vector<double> parse_shares(std::string_view flag, const std::string& value);
// True for "none". "row" and "tensor" are an Error (unsupported) that says why.
bool parse_split_mode(std::string_view flag, const std::string& value);
// PATTERN=CPU or PATTERN=CUDA1, several between commas.
std::vector<llama_cpp::TensorOverride> parse_overrides(std::string_view flag, const std::string& value);

// The one of `words` (without regard to case) that was typed.
std::size_t parse_word(std::string_view flag, const std::string& value,
                       const std::vector<std::string_view>& words);

}  // namespace vramcalc::cli
