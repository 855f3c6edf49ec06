#include "render/markdown.hpp"

#include <fmt/format.h>

#include "render/deployment/words.hpp"

// A comment on a change: the answer, a table and the findings. A bot finds its own comment by the first line.
namespace vramcalc::render {
namespace {

using Status = ServiceReport::Status;

constexpr std::size_t most_findings = 50;  // a comment on GitHub has at most 65,536 characters

std::string cell(const std::string& text) { return text.empty() ? "-" : markdown_code(text, true); }

std::string service_row(const ServiceReport& service, const Figures& figures) {
  const Bytes usable = usable_by(service);
  const std::string_view mark = service.status == Status::fits ? "" : "**";
  return fmt::format(
      "| {}{} | {} | {} | {} | {}{}{} |\n", cell(service.name),
      service.at.file.empty() ? "" : " " + cell(place_text(service.at)), cell(hardware_text(service)),
      service.check ? figures.with_unit(needed_by(service).best) : "-",
      usable == Bytes(0) ? "-" : figures.with_unit(usable), mark, words_for(service.status), mark);
}

std::string services_table(const DeploymentReport& report, const Style& style, const Figures& figures) {
  const std::vector<const ServiceReport*> shown = services_to_show(report, style.all);
  if (shown.empty()) return {};
  std::string text = "\n| Service | Hardware | Needs | Usable | Verdict |\n|---|---|--:|--:|---|\n";
  for (const ServiceReport* service : shown) text += service_row(*service, figures);
  if (const std::size_t rest = report.services.size() - shown.size(); rest > 0)
    text += fmt::format("\n<sub>{} more {}</sub>\n", grouped(rest), rest == 1 ? "fits" : "fit");
  return text;
}

std::string finding_item(const Reported& each) {
  const deployment::Finding& finding = each.finding;
  std::string text =
      fmt::format("- **{}** {}: {} ({})", word_for(finding.severity), markdown_code(place_text(finding.at)),
                  markdown_text(each.about()), markdown_code(finding.code));
  if (!finding.fix.empty()) text += "<br>" + markdown_text(finding.fix);
  return text + '\n';
}

std::string findings_list(const DeploymentReport& report, const Style& style, const Figures& figures) {
  const std::vector<Reported> all = findings_of(report, figures);
  const std::size_t shown = style.all ? all.size() : std::min(all.size(), most_findings);
  std::string text = all.empty() ? "" : "\n";
  for (std::size_t i = 0; i < shown; ++i) text += finding_item(all[i]);
  if (shown < all.size()) text += fmt::format("- and {} more findings\n", grouped(all.size() - shown));
  return text;
}

std::string state(const std::string& status, Bytes bytes, const Figures& figures) {
  if (status.empty()) return "-";
  return bytes == Bytes(0) ? words_for(status)
                           : fmt::format("{}, {}", figures.with_unit(bytes), words_for(status));
}

std::string change_row(const DeploymentChange::Gpu& gpu, const Figures& figures) {
  return fmt::format("| {} of {} | {} | {} | {} |\n", cell(gpu.gpu), cell(gpu.machine),
                     figures.with_unit(gpu.before), figures.with_unit(gpu.after),
                     difference_text(gpu.before, gpu.after, figures.units));
}

std::string change_row(const DeploymentChange::Service& service, const Figures& figures) {
  const bool known = service.bytes_before != Bytes(0) && service.bytes_after != Bytes(0);
  return fmt::format("| {} | {} | {} | {} |\n", cell(service.name),
                     state(service.before, service.bytes_before, figures),
                     state(service.after, service.bytes_after, figures),
                     known ? difference_text(service.bytes_before, service.bytes_after, figures.units) : "-");
}

std::string change_part(const DeploymentChange& change, const Figures& figures) {
  std::string text = fmt::format("### {}\n", markdown_text(change_text(change, figures.units)));
  if (!change.gpus.empty() || !change.services.empty()) {
    text += "\n| | Before | After | Change |\n|---|--:|--:|--:|\n";
    for (const DeploymentChange::Gpu& gpu : change.gpus) text += change_row(gpu, figures);
    for (const DeploymentChange::Service& service : change.services) text += change_row(service, figures);
  }
  return text + '\n';
}

}  // namespace

std::string markdown(const DeploymentReport& report, const Style& style) {
  const Figures figures = figures_for(report, style.units);
  std::string text = "<!-- vramcalc -->\n";
  if (report.change) text += change_part(*report.change, figures);
  text += fmt::format("**{}**\n", markdown_text(summary_of(report)));
  text += services_table(report, style, figures);
  text += findings_list(report, style, figures);
  for (const std::string& warning : report.warnings) text += "\n> " + markdown_text(warning) + '\n';
  return text;
}

}  // namespace vramcalc::render
