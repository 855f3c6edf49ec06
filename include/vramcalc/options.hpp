#pragma once

#include <variant>

#include "vramcalc/llama_cpp/options.hpp"
#include "vramcalc/llama_cpp/placement.hpp"

// What differs from runtime to runtime, as one value each: a runtime that has options of its own, or a way of
// its own to place a model, has an alternative here. Code outside its folder passes them on unread.
namespace vramcalc {

using Options = std::variant<std::monostate, llama_cpp::Options>;

// Which parts of a model lie where; std::monostate: as the runtime does by default.
using Placement = std::variant<std::monostate, llama_cpp::Placement>;

}  // namespace vramcalc
