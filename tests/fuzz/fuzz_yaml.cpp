#include "fuzz/target.hpp"
#include "vramcalc/deployment.hpp"

// A manifest, as far as its launches.

using namespace vramcalc;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::run([&] {
    deployment::read(
        {
            {"fuzz.yaml", fuzz::text(data, size)}
    },
        {});
  });
}
