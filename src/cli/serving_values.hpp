#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vramcalc/serving/drafts.hpp"
#include "vramcalc/sglang/options.hpp"
#include "vramcalc/vllm/options.hpp"

// The values of vLLM's and SGLang's flags, as those programs read them. Every function throws Error
// (bad_value) that quotes the value and says what is expected.
namespace vramcalc::cli {

// vLLM 0.28, engine/arg_utils.py, human_readable_int: 25.6k is 25,600 and 32K is 32,768.
std::uint64_t parse_human_count(std::string_view flag, const std::string& value);
std::uint32_t parse_human_count32(std::string_view flag, const std::string& value);

double parse_share(std::string_view flag, const std::string& value);       // above 0, at most 1
Bytes parse_gibibytes(std::string_view flag, const std::string& value);    // 4 or 0.5, of GiB
Bytes parse_human_bytes(std::string_view flag, const std::string& value);  // 25769803776, 24G, 24GiB

std::vector<std::string_view> serving_cache_types();  // of both
std::optional<vllm::CacheType> vllm_cache_type(std::string_view name);
std::optional<sglang::CacheType> sglang_cache_type(std::string_view name);

// {"method": "mtp", "num_speculative_tokens": 3}
serving::Drafts parse_speculative_config(std::string_view flag, const std::string& value);

// Whether every limit of {"image": 0} or image=0 is zero, so that no tower is loaded.
bool parse_no_multimodal(std::string_view flag, const std::string& value);

}  // namespace vramcalc::cli
