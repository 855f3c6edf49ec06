#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

// Config fields that change no tensor, cache or graph.
namespace vramcalc::source {

// For a key that no reader understood.
bool is_harmless(std::string_view key, const nlohmann::json& value);

// The name of a tower or another part next to the language model: "vision" for vision_config. Empty if it is
// not one.
std::string other_part(std::string_view key);

}  // namespace vramcalc::source
