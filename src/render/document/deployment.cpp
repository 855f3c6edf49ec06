#include <fmt/format.h>

#include <algorithm>

#include "render/deployment/words.hpp"
#include "render/document/answer.hpp"
#include "render/document/documents.hpp"
#include "render/document/words.hpp"

namespace vramcalc::render {
namespace {

using Kind = Paragraph::Kind;
using Status = ServiceReport::Status;
using Services = std::vector<const ServiceReport*>;

Ink ink_of(deployment::Severity severity) {
  constexpr std::array<Ink, 3> inks = {Ink::red, Ink::yellow, Ink::cyan};
  return inks[static_cast<std::size_t>(severity)];
}

bool any(const Services& services, bool (*has)(const ServiceReport&)) {
  return std::ranges::any_of(services, [&](const ServiceReport* each) { return has(*each); });
}

// ---- services

std::vector<Column> service_columns(bool files, bool copies, Units units) {
  using enum Column::Kind;
  std::vector<Column> columns;
  if (files) columns.push_back({"file", group, 0});
  columns.push_back({"status", name, 0});
  columns.push_back({"service", name, 0});
  columns.push_back({"model", name, 0});
  columns.push_back({"quant", name, 3});
  if (copies) columns.push_back({"copies", figure, 0, "x"});
  columns.push_back({"hardware", name, 0});
  columns.push_back({"needs " + std::string(unit_name(units)), figure, 0, "needs"});
  columns.push_back({"interval", figure, 1});
  columns.push_back({"usable", figure, 0});
  return columns;
}

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

// Without the owner or folder on a narrow page.
Cell model_cell(const std::string& model) {
  return {Text(or_dash(model)), Text(model.substr(model.find_last_of('/') + 1))};
}

Cell status_cell(Status status) {
  return {Text(std::string(words_for(status)), render::ink_of(status)), Text(brief_words_for(status))};
}

std::vector<Cell> service_cells(const ServiceReport& service, bool files, bool copies,
                                const Figures& figures) {
  const Amount needed = needed_by(service);
  const Bytes usable = usable_by(service);
  std::vector<Cell> cells;
  if (files) cells.emplace_back(or_dash(service.at.file));
  for (Cell& cell : cells_of(status_cell(service.status), service.name, model_cell(service.model),
                             or_dash(service.quantization)))
    cells.push_back(std::move(cell));
  if (copies) cells.emplace_back(grouped(service.replicas));
  for (Cell& cell :
       cells_of(or_dash(service.hardware), service.check ? figures(needed.best) : "-",
                service.check ? figures.interval(needed) : "", usable == Bytes(0) ? "-" : figures(usable)))
    cells.push_back(std::move(cell));
  return cells;
}

void add_services(Section& to, const DeploymentReport& report, const Content& content,
                  const Figures& figures) {
  const Services shown = services_to_show(report, content.all);
  if (shown.empty()) return;
  const bool files = std::ranges::any_of(
      shown, [&](const ServiceReport* each) { return each->at.file != shown.front()->at.file; });
  const bool copies = any(shown, [](const ServiceReport& each) { return each.replicas != 1; });
  Grid grid;
  grid.columns = service_columns(files, copies, content.units);
  for (const ServiceReport* service : shown) grid.add(service_cells(*service, files, copies, figures));
  to.add(std::move(grid));
  if (const std::size_t rest = report.services.size() - shown.size(); rest > 0)
    to.add(Kind::rest,
           fmt::format("{} more {}; --all lists them", grouped(rest), rest == 1 ? "fits" : "fit"));
  std::vector<Text> legend;
  if (copies)
    legend.emplace_back("needs, usable: of one copy, on all of its GPUs");
  else if (any(shown, [](const ServiceReport& each) { return each.gpus > 1; }))
    legend.emplace_back("needs, usable: on all GPUs of a service");
  if (report.count(Status::tight) > 0) legend.emplace_back("tight: only the low end fits");
  to.add(Kind::legend, std::move(legend), Paragraph::Between::dot);
}

// ---- findings

void add_finding(Section& to, const Reported& each, bool names_service) {
  const deployment::Finding& finding = each.finding;
  to.add(Paragraph{
      Kind::statement,
      {place_text(finding.at) + ": ",
                   {std::string(word_for(finding.severity)), ink_of(finding.severity)},
                   ": " + (names_service ? each.about() : finding.message) + " ",
                   {fmt::format("[{}]", finding.code), Ink::dim}}
  });
  if (!finding.fix.empty()) to.add(Kind::detail, finding.fix);
}

// A section per file.
void add_findings(Document& to, const DeploymentReport& report, const Figures& figures) {
  const std::vector<Reported> all = findings_of(report, figures);
  for (std::size_t i = 0; i < all.size();) {
    Section section;
    const std::string& file = all[i].finding.at.file;
    for (; i < all.size() && all[i].finding.at.file == file; ++i)
      add_finding(section, all[i], report.services.size() > 1);
    to.add(std::move(section));
  }
}

// ---- machines

bool is_shared(const SharedMachine& machine) {
  return std::ranges::any_of(machine.gpus, [](const SharedGpu& gpu) { return gpu.services.size() > 1; });
}

std::vector<Cell> machine_cells(const SharedMachine& machine, const SharedGpu& gpu, const Figures& figures) {
  return cells_of(machine.name, gpu.name, figures(gpu.used.best), figures.interval(gpu.used),
                  gpu.usable == Bytes(0) ? "-" : figures(gpu.usable),
                  gpu.verdict ? Cell(verdict_text(*gpu.verdict)) : Cell("-"), listed(gpu.services));
}

Section machines_of(const DeploymentReport& report, const Figures& figures) {
  using enum Column::Kind;
  Section section;
  Grid grid;
  grid.columns = {
      {"machine",      group,  0},
      {"gpu",          name,   0},
      {"needs",        figure, 0},
      {"interval",     figure, 1},
      {"usable",       figure, 0},
      {"",             name,   0},
      {"runs at once", name,   0}
  };
  for (const SharedMachine& machine : report.machines)
    if (is_shared(machine))
      for (const SharedGpu& gpu : machine.gpus) grid.add(machine_cells(machine, gpu, figures));
  if (grid.rows.empty()) return section;
  section.title = fmt::format("GPUs that services share, in {}", unit_name(figures.units));
  section.add(std::move(grid));
  return section;
}

// ---- change

std::string state_text(const std::string& status, Bytes bytes, const Figures& figures) {
  if (status.empty()) return "-";
  return bytes == Bytes(0) ? words_for(status)
                           : fmt::format("{}, {}", words_for(status), figures.with_unit(bytes));
}

Section change_of(const DeploymentChange& change, const Figures& figures) {
  using enum Column::Kind;
  Section section;
  section.add(Kind::statement,
              fmt::format("{} (since {})", change_text(change, figures.units), change.baseline));
  Grid grid;
  grid.columns = {
      {"service", name, 0},
      {"before",  name, 0},
      {"after",   name, 0}
  };
  for (const DeploymentChange::Service& each : change.services)
    grid.add(cells_of(each.name, state_text(each.before, each.bytes_before, figures),
                      state_text(each.after, each.bytes_after, figures)));
  if (!grid.rows.empty()) section.add(std::move(grid));
  return section;
}

Paragraph headline_of(const DeploymentReport& report) {
  const bool bad = report.count(Status::does_not_fit) + report.count(Status::would_not_start) > 0;
  const bool good = report.count(Status::fits) == report.services.size();
  return {Kind::headline, {{summary_of(report), bad ? Ink::red : good ? Ink::green : Ink::yellow}}};
}

// One service is shown in the detail of a check.
void add_check(Document& to, const CheckReport& check, const Content& content) {
  for (Section& section : document_of(check, content).sections) to.add(std::move(section));
}

}  // namespace

Document document_of(const DeploymentReport& report, const Content& content) {
  const Figures figures = figures_for(report, content.units);
  Document page;
  Section answer;
  answer.add(headline_of(report));
  add_services(answer, report, content, figures);
  page.add(std::move(answer));
  if (report.services.size() == 1 && report.services.front().check)
    add_check(page, *report.services.front().check, content);
  add_findings(page, report, figures);
  page.add(machines_of(report, figures));
  if (report.change) page.add(change_of(*report.change, figures));
  Section warnings;
  add_warnings(warnings, report.warnings);
  page.add(std::move(warnings));
  return page;
}

}  // namespace vramcalc::render
