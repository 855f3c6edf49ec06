#include "fuzz/target.hpp"
#include "vramcalc/deployment.hpp"

// A file of any kind that starts models, and the same as a command line in quotes. A finding or a hole is one
// line.

using namespace vramcalc;
using namespace vramcalc::deployment;

namespace {

void check_line(const std::string& text) {
  for (const char c : text)
    if (c == '\n' || c == '\x1b') __builtin_trap();
}

void check(const Reading& reading) {
  for (const Finding& finding : reading.findings) check_line(finding.message);
  for (const Launch& launch : reading.launches)
    for (const Hole& hole : launch.holes) check_line(hole.why);
  for (const Together& together : reading.together)
    for (const auto& set : together.sets)
      for (const std::size_t i : set)
        if (i >= reading.launches.size()) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::run([&] {
    const std::string text = fuzz::text(data, size);
    check(read_command({text}, {}));
    check(read(
        {
            {"fuzz", text}
    },
        {}));
  });
}
