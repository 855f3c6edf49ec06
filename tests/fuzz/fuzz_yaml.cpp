#include "deployment/yaml.hpp"
#include "fuzz/target.hpp"

// A manifest: documents within the bounds, whose values have lines.

using namespace vramcalc;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::run([&] { deployment::parse_yaml({"fuzz.yaml", fuzz::text(data, size)}); });
}
