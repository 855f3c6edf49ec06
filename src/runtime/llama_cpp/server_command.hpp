#pragma once

#include <cstdint>
#include <string>

#include "vramcalc/llama_cpp/options.hpp"
#include "vramcalc/session.hpp"

namespace vramcalc::llama_cpp {

// The llama-server command for a load, to be pasted into a shell. `draft` is the file of the draft model, if
// any.
std::string server_command(const std::string& file, const std::string& draft, const Options& options,
                           std::uint64_t context, const LayerCounts& layers, const Placement& placement);

}  // namespace vramcalc::llama_cpp
