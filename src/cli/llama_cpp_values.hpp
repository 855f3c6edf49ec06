#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vramcalc/bytes.hpp"
#include "vramcalc/element_type.hpp"
#include "vramcalc/llama_cpp/options.hpp"

// The values of llama.cpp's own flags (0.5.0, common/arg.cpp). Errors as in values.hpp.
namespace vramcalc::cli {

std::optional<std::uint32_t> parse_slots(std::string_view flag,
                                         const std::string& value);  // empty for -1: automatic
ElementType parse_cache_type(std::string_view flag, const std::string& value);
llama_cpp::FlashAttention parse_flash_attention(std::string_view flag, const std::string& value);
std::vector<std::string_view> cache_types();
std::vector<std::string_view> drafting_types();  // and "none"
std::vector<std::string_view> split_modes();
// Types separated by commas; none of them if "none" is among them.
std::vector<llama_cpp::Drafting> parse_drafting(std::string_view flag, const std::string& value);
Bytes parse_mebibytes(std::string_view flag, const std::string& value);  // "1024"

// A number of layers; empty for "all", "auto" and negative numbers.
std::optional<std::uint32_t> parse_layers(std::string_view flag, const std::string& value);
// Numbers separated by commas or slashes, not all of them 0.
std::vector<double> parse_shares(std::string_view flag, const std::string& value);
// True for "none". "row" and "tensor" are an Error (unsupported) that says why.
llama_cpp::SplitMode parse_split_mode(std::string_view flag, const std::string& value);
// PATTERN=CPU or PATTERN=CUDA1, several separated by commas.
std::vector<llama_cpp::TensorOverride> parse_overrides(std::string_view flag, const std::string& value);

}  // namespace vramcalc::cli
