#pragma once

#include <string_view>

// Flags of other programs that bear on memory and that no flag of ours stands for.
namespace vramcalc::cli {

enum class Unmodelled {
  elsewhere,  // they move no memory of the GPUs: host memory, disks, which process does what
  small,      // the figures are given without them, and a finding says so
  large,      // without them the figures would be of something else
};

// `flag` is the canonical spelling, `program` the id of its program.
Unmodelled unmodelled(std::string_view program, std::string_view flag);

}  // namespace vramcalc::cli
