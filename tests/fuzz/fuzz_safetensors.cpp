#include "fuzz/target.hpp"
#include "source/safetensors.hpp"

// A safetensors header, or an index, which begins with a brace.

using namespace vramcalc;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::run([&] {
    const source::ByteSource file = source::memory_source("fuzz", fuzz::text(data, size));
    if (size > 0 && data[0] == '{')
      source::read_safetensors_index(file);
    else
      source::read_checkpoint({file});
  });
}
