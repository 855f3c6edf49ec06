#pragma once

#include <cstdint>
#include <string_view>

#include "vramcalc/role.hpp"

// --quantization: vLLM can pack the matrices of a 16-bit checkpoint while it loads them.
namespace vramcalc::vllm {

// The bits that a value of this role takes, in eighths; 128 where the method leaves it alone, as methods do
// that only name the checkpoint's own format.
std::uint32_t loaded_eighths_of_bits(std::string_view method, Role role);

bool is_quantization_method(std::string_view method);

}  // namespace vramcalc::vllm
