#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vramcalc/deployment.hpp"

// Manifests and what is read of them, as lines that a table can show.
namespace vramcalc::deployment {

// The documents of a text, each read by the first reader of manifests that recognises it.
Reading reading_of(std::string_view manifest, const Supplied& supplied = {});

// "NAME: PROGRAM ARGUMENTS | GPUS | REPLICAS | unresolved: HOLES", without the parts that say nothing.
std::string text_of(const Launch& launch);
std::vector<std::string> launches_of(std::string_view manifest, const Supplied& supplied = {});

}  // namespace vramcalc::deployment
