#pragma once

#include <string_view>

// Model types by other names than data/architectures.json has.
namespace vramcalc::source {

// What a type is written as elsewhere: "chatglm" → "glm". Empty: no other name is known.
std::string_view usual_type(std::string_view model_type);

// The general.architecture that llama.cpp 0.5.0 has for a type without a row. Empty: it has none.
std::string_view gguf_name_elsewhere(std::string_view model_type);

}  // namespace vramcalc::source
