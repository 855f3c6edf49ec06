#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "source/byte_source.hpp"

// JSON from strangers: bounded in length, depth and number of values, without duplicated keys, and read in a time
// that is in proportion to its length; errors (bad_file) are one line
// with the file and the place.
namespace vramcalc::source {

// Sees every value of the document's members and of their members as soon as it is read: ("weight_map",
// "lm_head.weight", "a.safetensors"), ("lm_head.weight", "", {…}). True: it stays in the document, false: it
// is dropped, so that a long list needs no memory.
using JsonMember =
    std::function<bool(const std::string& member, const std::string& inner, const nlohmann::json& value)>;

nlohmann::json read_json(std::string text, const std::string& file, const JsonMember& member = {},
                         std::uint64_t most_values = std::numeric_limits<std::uint64_t>::max());
nlohmann::json read_json(const ByteSource& source, std::uint64_t limit, const JsonMember& member = {});

// Python writes NaN and Infinity, which are no JSON, into some configs: they become null.
std::string without_python_numbers(std::string text);

}  // namespace vramcalc::source
