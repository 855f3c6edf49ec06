#pragma once

#include <variant>

#include "vramcalc/llama_cpp/options.hpp"
#include "vramcalc/llama_cpp/placement.hpp"
#include "vramcalc/sglang/options.hpp"
#include "vramcalc/vllm/options.hpp"

// What differs between runtimes: a runtime with its own options, or its own way to place a model, has an
// alternative here. Code outside its folder passes these values on without reading them.
namespace vramcalc {

using Options = std::variant<std::monostate, llama_cpp::Options, vllm::Options, sglang::Options>;

// What the flags of a question set, for every runtime that has options.
struct AskedOptions {
  llama_cpp::Options llama_cpp;
  vllm::Options vllm;
  sglang::Options sglang;
  friend bool operator==(const AskedOptions&, const AskedOptions&) = default;
};

// Where the parts of a model are; std::monostate is the runtime's default.
using Placement = std::variant<std::monostate, llama_cpp::Placement>;

}  // namespace vramcalc
