#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "model/printable.hpp"
#include "render/deployment/words.hpp"

// JUnit's XML, as Jenkins, GitLab and others read it: a suite per file, a case per service, and a case per
// error that is about no single service.
namespace vramcalc::render {
namespace {

using Status = ServiceReport::Status;

// XML 1.0, production 2.
bool is_allowed(std::uint32_t code) {
  return code == '\t' || code == '\n' || code == '\r' || (code >= 0x20 && code <= 0xd7ff) ||
         (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);
}

std::string_view entity_for(char c) {
  switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&apos;";
    case '\r': return "&#13;";
    default: return {};
  }
}

// Readers turn the white space of an attribute into blanks unless it is written so.
std::string_view entity_in_attribute(char c) {
  return c == '\n' ? "&#10;" : c == '\t' ? "&#9;" : entity_for(c);
}

// What XML has no way to write is left out.
std::string escaped(std::string_view text, std::string_view (*entity_of)(char) = entity_for) {
  std::string out;
  while (!text.empty()) {
    const Character character = first_character(text);
    const std::string_view bytes = text.substr(0, character.bytes);
    const std::string_view entity = bytes.size() == 1 ? entity_of(bytes.front()) : std::string_view();
    if (!character.code)
      out += "\xEF\xBF\xBD";  // U+FFFD
    else if (!entity.empty())
      out += entity;
    else if (is_allowed(*character.code))
      out += bytes;
    text.remove_prefix(bytes.size());
  }
  return out;
}

struct Case {
  std::string name, file;
  std::uint32_t line = 0;
  std::string failure, type;  // empty: none
  std::string skipped;        // why; empty: it is not
  std::string details, output;
};

std::string lines_of(const std::vector<Reported>& findings) {
  std::string lines;
  for (const Reported& each : findings)
    lines += fmt::format("{}: {}: {} [{}]\n", place_text(each.finding.at), word_for(each.finding.severity),
                         each.sentence(), each.finding.code);
  return lines;
}

std::string output_of(const ServiceReport& service, const Figures& figures) {
  std::string text = fmt::format("status: {}\n", words_for(service.status));
  const auto add = [&](std::string_view label, const std::string& value) {
    if (!value.empty()) text += fmt::format("{}: {}\n", label, value);
  };
  add("program", service.program);
  add("release", service.release);
  add("model", model_text(service));
  add("hardware", hardware_text(service));
  add("memory", figures_text(service, figures));
  return text;
}

const Reported* first_error(const std::vector<Reported>& findings) {
  const auto error = std::ranges::find(findings, deployment::Severity::error,
                                       [](const Reported& each) { return each.finding.severity; });
  return error == findings.end() ? nullptr : &*error;
}

Case case_of(const ServiceReport& service, const Figures& figures) {
  const std::vector<Reported> findings = findings_of(service, figures);
  Case result{service.name,
              service.at.file,
              service.at.line,
              {},
              {},
              {},
              lines_of(findings),
              output_of(service, figures)};
  if (result.name.empty()) result.name = "service";
  if (service.status == Status::unresolved) {
    result.skipped = findings.front().finding.message;
  } else if (const Reported* error = first_error(findings)) {
    result.failure = error->finding.message;
    result.type = error->finding.code;
  } else {
    result.output += result.details;
  }
  return result;
}

Case case_of(const deployment::Finding& finding) {
  const Reported reported{nullptr, finding};
  return {std::string(finding.code), finding.at.file,
          finding.at.line,           finding.message,
          std::string(finding.code), {},
          lines_of({reported}),      {}};
}

std::string attribute(std::string_view name, std::string_view value) {
  return fmt::format(" {}=\"{}\"", name, escaped(value, entity_in_attribute));
}

std::string xml_of(const Case& each) {
  std::string text = "    <testcase" + attribute("name", each.name) + attribute("classname", each.file) +
                     attribute("file", each.file);
  if (each.line > 0) text += attribute("line", std::to_string(each.line));
  text += " time=\"0\">\n";
  if (!each.skipped.empty()) text += "      <skipped" + attribute("message", each.skipped) + "/>\n";
  if (!each.failure.empty())
    text += "      <failure" + attribute("message", each.failure) + attribute("type", each.type) + ">" +
            escaped(each.details) + "</failure>\n";
  const std::string output = each.output + (each.skipped.empty() ? "" : each.details);
  if (!output.empty()) text += "      <system-out>" + escaped(output) + "</system-out>\n";
  return text + "    </testcase>\n";
}

std::string counts_of(const std::vector<Case>& cases) {
  const auto having = [&](std::string Case::*part) {
    return std::ranges::count_if(cases, [&](const Case& each) { return !(each.*part).empty(); });
  };
  return fmt::format(R"( tests="{}" failures="{}" errors="0" skipped="{}" time="0")", cases.size(),
                     having(&Case::failure), having(&Case::skipped));
}

std::vector<Case> cases_of(const DeploymentReport& report, const Figures& figures) {
  std::vector<Case> cases;
  for (const ServiceReport& service : report.services) cases.push_back(case_of(service, figures));
  for (const deployment::Finding& finding : report.findings)
    if (finding.severity == deployment::Severity::error) cases.push_back(case_of(finding));
  return cases;
}

std::string suite(std::string_view file, const std::vector<Case>& cases) {
  std::string text = "  <testsuite" + attribute("name", file) + counts_of(cases) + ">\n";
  for (const Case& each : cases) text += xml_of(each);
  return text + "  </testsuite>\n";
}

}  // namespace

std::string junit(const Report& report, const Style& style) {
  const DeploymentReport& deployment = only_deployment(report, "junit");
  const std::vector<Case> cases = cases_of(deployment, figures_for(deployment, style.units));
  std::string text =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"vramcalc\"" + counts_of(cases) + ">\n";
  std::unordered_map<std::string, std::vector<Case>> by_file;
  for (const Case& each : cases) by_file[each.file].push_back(each);
  for (const std::string& file : files_of(deployment)) text += suite(file, by_file[file]);
  return text + "</testsuites>\n";
}

}  // namespace vramcalc::render
