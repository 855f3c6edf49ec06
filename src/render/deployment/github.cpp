#include <fmt/format.h>

#include "model/printable.hpp"
#include "render/deployment/words.hpp"

// Workflow commands of GitHub Actions, which annotate the lines of a change; then the answer in a line.
namespace vramcalc::render {
namespace {

// As actions/toolkit escapes them (packages/core/src/command.ts): a message, and a property, which a comma or
// colon would end.
std::string escaped(std::string_view text, bool property) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '%': out += "%25"; break;
      case '\r': out += "%0D"; break;
      case '\n': out += "%0A"; break;
      case ':': out += property ? "%3A" : ":"; break;
      case ',': out += property ? "%2C" : ","; break;
      default: out += c;
    }
  }
  return out;
}

std::string property(std::string_view text) { return escaped(printable(text), true); }

std::string_view command_for(deployment::Severity severity) {
  return severity == deployment::Severity::note ? "notice" : word_for(severity);
}

std::string command(const Reported& each) {
  const deployment::Finding& finding = each.finding;
  std::string properties;
  if (!finding.at.file.empty()) properties += fmt::format("file={},", property(finding.at.file));
  if (finding.at.line > 0) properties += fmt::format("line={},", finding.at.line);
  return fmt::format("::{} {}title=vramcalc {}::{}\n", command_for(finding.severity), properties,
                     property(finding.code), escaped(printable(each.sentence()), false));
}

}  // namespace

std::string github(const Report& report, const Style& style) {
  const DeploymentReport& deployment = only_deployment(report, "github");
  std::string text;
  for (const Reported& each : findings_of(deployment, figures_for(deployment, style.units)))
    text += command(each);
  // A line of a workflow that begins with two colons would be a command.
  text += printable(fmt::format("vramcalc: {}", summary_of(deployment))) + '\n';
  if (deployment.change)
    text += printable(fmt::format("vramcalc: {}", change_text(*deployment.change, style.units))) + '\n';
  return text;
}

}  // namespace vramcalc::render
