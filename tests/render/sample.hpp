#pragma once

#include "vramcalc/report.hpp"

// Reports made by hand, so that the output does not depend on computations.
namespace vramcalc::sample {

OverviewReport deepseek();  // large: no single GPU holds it
ExplanationReport explanation();
OverviewReport small();  // small: no separate full context, no cache, warnings
CheckReport check();     // does not fit
PlanReport plan();       // with one runner-up
RecommendReport recommend();
CompareReport compare();  // two models on two machines, and an impossible file
LocalModelListing local_models();
GpuListing gpus();
SystemListing systems();
ModelListing models();
QuantizationListing quantizations();
ErrorReport error();

std::vector<Report> one_of_each_kind();

}  // namespace vramcalc::sample
