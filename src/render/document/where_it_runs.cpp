#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "render/document/answer.hpp"
#include "render/document/hardware.hpp"
#include "render/document/overview.hpp"
#include "render/document/words.hpp"

namespace vramcalc::render {
namespace {

constexpr std::size_t rows_of_the_answer = 8;

std::string counted(std::size_t number, std::string_view what) {
  return fmt::format("{} {}{}", grouped(number), what, number == 1 ? "" : "s");
}

// ---- hardware that holds it

struct Group {
  HardwareRows rows;
  std::size_t all = 0;  // including those without a row
  std::size_t shown = 0;
};

std::vector<Group> groups_of(const OverviewReport& report) {
  std::vector<Group> groups;
  for (const Verdict verdict : runnable) {
    HardwareRows rows = by_turns(with_verdict(report.gpus, verdict), with_verdict(report.systems, verdict));
    if (!rows.empty())
      groups.push_back({std::move(rows), count(report.gpus, verdict) + count(report.systems, verdict), 0});
  }
  return groups;
}

// One row for every verdict, then the two best verdicts in turn until the answer is full, then the others.
void share_out(std::vector<Group>& groups, std::size_t rows) {
  const auto give = [&](Group& group) {
    if (rows == 0 || group.shown == group.rows.size()) return false;
    ++group.shown;
    --rows;
    return true;
  };
  for (Group& group : groups) give(group);
  for (const auto& some :
       {std::span(groups).first(std::min<std::size_t>(groups.size(), 2)), std::span(groups)}) {
    for (bool given = true; given;) {
      given = false;
      for (Group& group : some) given = give(group) || given;
    }
  }
}

MoreColumns columns_of(const std::vector<Group>& groups) {
  MoreColumns more;
  for (const Group& group : groups) more.add_those_of(group.rows);
  return more;
}

Grid rows_of(const std::vector<Group>& groups, const MoreColumns& more, const Figures& figures) {
  Grid grid;
  grid.columns = hardware_columns(figures.units, more);
  for (const Group& group : groups)
    for (const HardwareRow* row : std::span(group.rows).first(group.shown))
      grid.add(hardware_cells(*row, row == group.rows[0], more, figures));
  return grid;
}

std::string more_of(const std::vector<Group>& groups) {
  std::vector<std::string> parts;
  for (const Group& group : groups) {
    const std::size_t rest = group.all - group.shown;
    if (rest > 0) parts.push_back(fmt::format("{} {}", grouped(rest), to_string(group.rows[0]->verdict)));
  }
  return parts.empty() ? "" : "more: " + listed(parts);
}

// ---- hardware that does not

const HardwareRow& largest_of(const HardwareTable& table) {
  if (table.largest) return *table.largest;
  return *std::max_element(table.rows.begin(), table.rows.end(),
                           [](const HardwareRow& a, const HardwareRow& b) { return a.usable < b.usable; });
}

std::string every_single(const HardwareTable& table, std::string_view what, const Figures& figures) {
  const HardwareRow& largest = largest_of(table);
  std::string text = fmt::format("every single {} (the largest, {}, has {}", what, short_name(largest.name),
                                 figures.with_unit(largest.usable));
  if (largest.needed > 1) text += fmt::format("; {} of them would hold it", largest.needed);
  return text + ")";
}

std::string too_small(const OverviewReport& report, const Figures& figures) {
  std::vector<std::string> parts;
  const auto add = [&](const HardwareTable& table, std::string_view what) {
    const HardwareRows rows = with_verdict(table, Verdict::no);
    if (rows.empty()) return;
    parts.push_back(rows.size() == table.rows.size()
                        ? every_single(table, what, figures)
                        : counted(count(table, Verdict::no), what) + " such as " + short_name(rows[0]->name));
  };
  add(report.gpus, "GPU");
  add(report.systems, "system");
  return listed(parts);
}

}  // namespace

Section where_it_runs(const OverviewReport& report, const Figures& figures) {
  std::vector<Group> groups = groups_of(report);
  share_out(groups, rows_of_the_answer);
  Section section;
  section.title = "Where it runs";
  const MoreColumns columns = columns_of(groups);
  if (!groups.empty()) section.add(rows_of(groups, columns, figures));
  if (std::string more = more_of(groups); !more.empty()) section.add(Paragraph::Kind::rest, std::move(more));
  if (std::string no = too_small(report, figures); !no.empty())
    section.add(Labelled{verdict_text(Verdict::no), std::move(no)});
  std::vector<Verdict> verdicts;
  for (const Group& group : groups) verdicts.push_back(group.rows[0]->verdict);
  if (!groups.empty()) add_verdicts_legend(section, report.settings, verdicts, columns.speeds);
  return section;
}

std::string where_in_a_line(const OverviewReport& report) {
  HardwareRows rows;
  std::size_t all = 0;
  for (const Verdict verdict : {Verdict::great, Verdict::fits}) {
    const HardwareRows more =
        by_turns(with_verdict(report.gpus, verdict), with_verdict(report.systems, verdict));
    rows.insert(rows.end(), more.begin(), more.end());
    all += count(report.gpus, verdict) + count(report.systems, verdict);
  }
  std::vector<std::string> names;
  for (const HardwareRow* row : std::span(rows).first(std::min<std::size_t>(rows.size(), 3)))
    names.push_back(short_name(row->name));
  if (all > names.size()) names.push_back(fmt::format("{} more", grouped(all - names.size())));
  return listed(names);
}

}  // namespace vramcalc::render
