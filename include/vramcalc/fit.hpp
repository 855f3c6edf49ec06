#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vramcalc/machine.hpp"
#include "vramcalc/runtime.hpp"

namespace vramcalc {

// On the memory that the device really gives to a program:
//   great    the best estimate takes at most two thirds of it
//   fits     the high bound fits
//   tight    the low bound fits, the high one does not
//   offload  only with part of it in host memory
//   no
enum class Verdict { great, fits, tight, offload, no };
std::string_view to_string(Verdict verdict);

Verdict verdict_for(const Amount& needed, Bytes usable, Bytes host = Bytes(0));

// What a person named as hardware, ready to be filled.
struct Machine {
  std::string id;  // as asked for: "rtx-4090", "24GiB", "dgx-h100"
  std::string name;
  Bytes memory;  // as sold
  Bytes usable;  // all GPUs together
  Bytes host;    // host memory beside it, 0: none or unknown
  TargetDevice device;
  std::vector<std::string> warnings;
};

Machine machine_of(const Gpu& gpu);
Machine machine_of(const System& system);

// The largest context, at most the model's own, whose high bound fits; empty where not even the smallest
// does.
std::optional<std::uint64_t> largest_context(Estimator& estimator, const FileType& file_type, Bytes usable,
                                             const TargetDevice& device = {});

// The largest of `file_types` whose high bound fits at `context`; null where none does. Those that the model
// cannot have are passed over.
const FileType* best_quantization(Estimator& estimator, std::span<const FileType* const> file_types,
                                  std::uint64_t context, Bytes usable, const TargetDevice& device = {});

}  // namespace vramcalc
