#pragma once

#include "runtime/measured.hpp"
#include "vramcalc/workload.hpp"

namespace vramcalc::measured {

// The settings of a measured case as a person would ask for them.
Workload workload_of(const Case& measured);

}  // namespace vramcalc::measured
