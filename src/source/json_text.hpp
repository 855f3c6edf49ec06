#pragma once

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "catalog/json_document.hpp"
#include "source/byte_source.hpp"

// Untrusted JSON, read by catalog::parse_json with a limit on its length.
namespace vramcalc::source {

using catalog::JsonMember;

nlohmann::json read_json(std::string text, const std::string& file, const JsonMember& member = {},
                         std::uint64_t most_values = std::numeric_limits<std::uint64_t>::max());
nlohmann::json read_json(const ByteSource& source, std::uint64_t limit, const JsonMember& member = {});

// Python writes NaN and Infinity, which are not JSON, into some configs; they become null.
std::string without_python_numbers(std::string text);

}  // namespace vramcalc::source
