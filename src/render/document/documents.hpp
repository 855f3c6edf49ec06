#pragma once

#include "render/document.hpp"

// One function for each kind of report.
namespace vramcalc::render {

Document document_of(const OverviewReport& report, const Content& content);
Document document_of(const CheckReport& report, const Content& content);
Document document_of(const PlanReport& report, const Content& content);
Document document_of(const RecommendReport& report, const Content& content);
Document document_of(const CompareReport& report, const Content& content);
Document document_of(const ModelListing& listing, const Content& content);
Document document_of(const LocalModelListing& listing, const Content& content);
Document document_of(const GpuListing& listing, const Content& content);
Document document_of(const SystemListing& listing, const Content& content);
Document document_of(const QuantizationListing& listing, const Content& content);
Document document_of(const DeploymentReport& report, const Content& content);
Document document_of(const ErrorReport& error, const Content& content);

}  // namespace vramcalc::render
