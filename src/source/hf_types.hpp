#pragma once

#include <string_view>

// Model types under names that data/architectures.json does not have.
namespace vramcalc::source {

// A type's other name: "chatglm" → "glm". Empty if none is known.
std::string_view usual_type(std::string_view model_type);

// The general.architecture in llama.cpp 0.5.0 of a type without a row. Empty if there is none.
std::string_view gguf_name_elsewhere(std::string_view model_type);

}  // namespace vramcalc::source
