#pragma once

#include "vramcalc/report.hpp"

// Reports made by hand, so that what is printed does not depend on what is computed.
namespace vramcalc::sample {

OverviewReport deepseek();  // large: nothing single holds it
ExplanationReport explanation();
OverviewReport small();  // small: no full context beside the asked one, no cache, warnings
CheckReport check();     // does not fit
PlanReport plan();       // with one runner-up
RecommendReport recommend();
CompareReport compare();  // two models on two machines, and a file that cannot be
LocalModelListing local_models();
GpuListing gpus();
SystemListing systems();
ModelListing models();
QuantizationListing quantizations();
ErrorReport error();

std::vector<Report> one_of_each_kind();

}  // namespace vramcalc::sample
