#pragma once

#include "vramcalc/report.hpp"

// Reports made by hand, so that what is printed does not depend on what is computed.
namespace vramcalc::sample {

OverviewReport deepseek();  // large: nothing single holds it
OverviewReport small();     // small: no full context beside the asked one, no cache, warnings
CheckReport check();        // does not fit
GpuListing gpus();
SystemListing systems();
ModelListing models();
QuantizationListing quantizations();
ErrorReport error();

}  // namespace vramcalc::sample
