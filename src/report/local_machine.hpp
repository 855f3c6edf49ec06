#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "vramcalc/catalog.hpp"
#include "vramcalc/fit.hpp"

namespace vramcalc::report {

// How this computer is asked. Tests put stand-ins here.
struct LocalProbe {
  std::function<std::optional<std::string>(const std::string& command)> run;  // its output; empty: it failed
  std::function<std::optional<std::string>(const std::string& path)> read;    // a file
  std::function<std::vector<std::string>(const std::string& folder)> list;    // names in it, sorted
};
LocalProbe probe_of_this_computer();

// The GPUs of this computer with what is free on them, as the runtime would see it: NVIDIA's by nvidia-smi,
// AMD's by the amdgpu driver's files, Apple's by sysctl; and its memory. Error (unsupported) where no GPU is
// found.
Machine local_machine(const Catalog& catalog, const LocalProbe& probe);

}  // namespace vramcalc::report
