#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vramcalc {

// Through what a runtime drives its GPUs. The figures differ by it: what an operation needs beside its
// result, in which order a graph is computed, how tensors are padded.
enum class Backend : std::uint8_t { cuda, rocm, metal, vulkan, sycl, other };
inline constexpr std::size_t backend_count = 6;

std::string_view to_string(Backend backend);  // as --backend takes it
std::string_view title(Backend backend);      // "CUDA", for a sentence

// What people use for a vendor's hardware unless they say otherwise.
Backend default_backend(std::string_view vendor);

// Whether it drives hardware whose default is `usual`.
bool drives(Backend backend, Backend usual);

// Error (bad_value) with what is known.
Backend backend_named(std::string_view name);

}  // namespace vramcalc
