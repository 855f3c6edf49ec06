#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace vramcalc::catalog {

// Sees every value of the document's members and of their members as soon as it is read: ("weight_map",
// "lm_head.weight", "a.safetensors"), ("lm_head.weight", "", {…}). True: it stays in the document, false: it
// is dropped, so that a long list needs no memory.
using JsonMember =
    std::function<bool(const std::string& member, const std::string& inner, const nlohmann::json& value)>;

// A whole JSON text, read in a time that is in proportion to its length. Syntax errors, keys that an object has
// twice, more than 64 levels and more than `most_values` values are refused (Error, bad_file) in one line with
// the file and the place.
nlohmann::json parse_json(std::string_view text, const std::string& file, const JsonMember& member = {},
                          std::uint64_t most_values = std::numeric_limits<std::uint64_t>::max());

}  // namespace vramcalc::catalog
