#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vramcalc {

// The interface between a runtime and its GPUs. It determines the scratch memory of operations, the order in
// which a graph is computed, and the padding of tensors. With `cpu` there are no GPUs, and all is in host
// memory.
enum class Backend : std::uint8_t { cuda, rocm, metal, vulkan, sycl, cpu, other };
inline constexpr std::size_t backend_count = 7;

std::string_view to_string(Backend backend);  // the value of --backend
std::string_view title(Backend backend);      // "CUDA", for sentences

// The usual backend of a vendor's hardware.
Backend default_backend(std::string_view vendor);

// Whether the backend works on hardware whose default is `usual`.
bool drives(Backend backend, Backend usual);

// Error (bad_value) that lists the known backends.
Backend backend_named(std::string_view name);

}  // namespace vramcalc
