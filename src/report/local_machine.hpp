#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "vramcalc/catalog.hpp"
#include "vramcalc/fit.hpp"

namespace vramcalc::report {

// Access to this computer; tests replace it with stand-ins.
struct LocalProbe {
  std::function<std::optional<std::string>(const std::string& command)> run;  // the output; empty: it failed
  std::function<std::optional<std::string>(const std::string& path)> read;    // a file
  std::function<std::vector<std::string>(const std::string& folder)> list;    // names in it, sorted
};
LocalProbe probe_of_this_computer();

// The GPUs of this computer with their free memory as the runtime would see it, and the host memory: NVIDIA
// by nvidia-smi, AMD by the amdgpu driver's files, Apple by sysctl. Error (unsupported) if no GPU is found.
Machine local_machine(const Catalog& catalog, const LocalProbe& probe);

}  // namespace vramcalc::report
