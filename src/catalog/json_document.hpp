#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace vramcalc::catalog {

// Receives every value of the document's members and their members as soon as it is read: ("weight_map",
// "lm_head.weight", "a.safetensors"), ("lm_head.weight", "", {…}). True keeps it in the document; false drops
// it, so that a long list needs no memory.
using JsonMember =
    std::function<bool(const std::string& member, const std::string& inner, const nlohmann::json& value)>;

// Reads a whole JSON text in time proportional to its length. Syntax errors, duplicate keys, more than 64
// levels and more than `most_values` values are refused (Error, bad_file) in one line with file and place.
nlohmann::json parse_json(std::string_view text, const std::string& file, const JsonMember& member = {},
                          std::uint64_t most_values = std::numeric_limits<std::uint64_t>::max());

}  // namespace vramcalc::catalog
