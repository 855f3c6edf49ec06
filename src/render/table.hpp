#pragma once

#include <string>

#include "render/render.hpp"

// The format `table`, one function a kind of report.
namespace vramcalc::render {

std::string overview(const OverviewReport& report, const Style& style);
std::string check(const CheckReport& report, const Style& style);
std::string plan(const PlanReport& report, const Style& style);
std::string recommend(const RecommendReport& report, const Style& style);
std::string compare(const CompareReport& report, const Style& style);
std::string listing(const ModelListing& listing, const Style& style);
std::string listing(const LocalModelListing& listing, const Style& style);
std::string listing(const GpuListing& listing, const Style& style);
std::string listing(const SystemListing& listing, const Style& style);
std::string listing(const QuantizationListing& listing, const Style& style);

// "vramcalc: unknown model "deepsek-r1"; did you mean deepseek-r1?"
std::string error_line(const ErrorReport& error);

}  // namespace vramcalc::render
