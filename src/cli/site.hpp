#pragma once

#include "cli/run.hpp"

namespace vramcalc::cli {

// Writes a page for every model of the catalog, for every usual device and for every family into a folder,
// and an index. What is there already is overwritten, and nothing is deleted. Error (output) if that fails.
Outcome write_site(const Invocation& invocation, Answer answer);

}  // namespace vramcalc::cli
