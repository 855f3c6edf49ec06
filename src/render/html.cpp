#include <fmt/format.h>

#include "render/html/model.hpp"

// The format `html`: one file that needs nothing else. A model's overview has a page of its own
// (html/model.cpp); every other report is its Document.
namespace vramcalc::render {
namespace {

// A page needs a title, which the terminal's table does without.
struct Title {
  std::string operator()(const OverviewReport& report) const { return report.summary.model.name; }
  std::string operator()(const CheckReport& report) const {
    return fmt::format("{} on {}", report.summary.model.name, report.machine.name);
  }
  std::string operator()(const PlanReport& report) const {
    return fmt::format("How to load {} on {}", report.summary.model.name, report.machine.name);
  }
  std::string operator()(const RecommendReport& report) const {
    return fmt::format("What runs on {}", report.machine.name);
  }
  std::string operator()(const CompareReport&) const { return "Models compared"; }
  std::string operator()(const ModelListing&) const { return "Models"; }
  std::string operator()(const LocalModelListing&) const { return "Models on this machine"; }
  std::string operator()(const GpuListing&) const { return "GPUs"; }
  std::string operator()(const SystemListing&) const { return "Systems"; }
  std::string operator()(const QuantizationListing&) const { return "Quantizations"; }
  std::string operator()(const DeploymentReport&) const { return "Deployment"; }
  std::string operator()(const ErrorReport&) const { return "No answer"; }
};

}  // namespace

std::string html_page(const Report& report, const Style& style) {
  const auto* overview = std::get_if<OverviewReport>(&report);
  if (overview != nullptr && overview->page && overview->curves)
    return html::model_page(*overview, style, {});
  const std::string title = std::visit(Title(), report);
  const std::string body = fmt::format("<h1>{}</h1>\n", html::escaped(title)) +
                           html::markup_of(document(report, {style.units, style.all, true}), 2);
  return html::page({title, {}, html::navigation({}), body, {}});
}

}  // namespace vramcalc::render
