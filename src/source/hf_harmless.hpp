#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

// What a config says that changes no tensor, no cache and no graph.
namespace vramcalc::source {

// Of a key that no reader understood.
bool is_harmless(std::string_view key, const nlohmann::json& value);

// The part of a config that describes a tower or another part next to the language model, in words: "vision" of
// vision_config. Empty: it is none.
std::string other_part(std::string_view key);

}  // namespace vramcalc::source
