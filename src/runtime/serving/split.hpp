#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>

#include "vramcalc/error.hpp"
#include "vramcalc/machine.hpp"

namespace vramcalc::serving {

// Defaults depend on the GPU. Where none is named, they are those of an H100.
TargetDevice known_device(TargetDevice device);

// All of these sizes together. Error (bad_value) for more GPUs than any engine runs on.
std::uint32_t gpus_of_split(std::initializer_list<std::uint32_t> sizes);

// The most GPUs per layer, up to `most`, that an engine accepts: `accepts` is false or throws Error
// (bad_value) for a number that it refuses.
template <class Accepts>
std::uint32_t widest_split(std::uint32_t most, const Accepts& accepts) {
  for (std::uint32_t size = std::max<std::uint32_t>(1, most); size > 1; --size) {
    try {
      if (accepts(size)) return size;
    } catch (const Error& refusal) {
      if (refusal.code() != ErrorCode::bad_value) throw;
    }
  }
  return 1;
}

}  // namespace vramcalc::serving
