#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "render/grid.hpp"
#include "render/sections.hpp"

namespace vramcalc::render {
namespace {

using Row = HardwareRow;
using Rows = std::vector<const Row*>;

constexpr std::array runnable = {Verdict::great, Verdict::fits, Verdict::tight, Verdict::offload};
constexpr std::size_t rows_of_the_answer = 8;
constexpr std::size_t text_column = 9;  // behind the verdict
constexpr int narrow = 72;              // columns below which a brand costs too much

std::string name_in(const Row& row, const Style& style) {
  return style.columns < narrow ? std::string(without_brand(row.name)) : row.name;
}

Rows with_verdict(const HardwareTable& table, Verdict verdict) {
  Rows rows;
  for (const Row& row : table.rows) {
    if (row.verdict == verdict) rows.push_back(&row);
  }
  return rows;
}

// A list in which "and" comes last: "38 great, 29 fits and 4 tight".
std::string listed(const std::vector<std::string>& parts) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += i + 1 == parts.size() ? " and " : ", ";
    out += parts[i];
  }
  return out;
}

std::string count(std::size_t number, std::string_view what) {
  return fmt::format("{} {}{}", grouped(number), what, number == 1 ? "" : "s");
}

// ---- the answer
// ----------------------------------------------------------------------------------------------------

// GPUs and systems by turns, each in its own order.
Rows by_turns(const Rows& gpus, const Rows& systems) {
  Rows rows;
  for (std::size_t i = 0; i < std::max(gpus.size(), systems.size()); ++i) {
    if (i < gpus.size()) rows.push_back(gpus[i]);
    if (i < systems.size()) rows.push_back(systems[i]);
  }
  return rows;
}

const Row* largest_of(const HardwareTable& table) {
  const auto largest = std::max_element(table.rows.begin(), table.rows.end(),
                                        [](const Row& a, const Row& b) { return a.usable < b.usable; });
  return largest == table.rows.end() ? nullptr : &*largest;
}

std::string nothing_holds_it(const HardwareTable& table, std::string_view what, const Figures& figures) {
  const Row* largest = largest_of(table);
  if (largest == nullptr) return {};
  std::string text = fmt::format("every single {} (the largest, {}, gives {}", what,
                                 short_name(largest->name), figures.with_unit(largest->usable));
  if (largest->needed > 1) text += fmt::format("; {} would do", largest->needed);
  return text + ")";
}

std::string too_small(const OverviewReport& report, const Figures& figures) {
  const Rows gpus = with_verdict(report.gpus, Verdict::no),
             systems = with_verdict(report.systems, Verdict::no);
  std::vector<std::string> parts;
  const auto add = [&](const HardwareTable& table, const Rows& rows, std::string_view what) {
    if (rows.empty()) return;
    parts.push_back(rows.size() == table.rows.size()
                        ? nothing_holds_it(table, what, figures)
                        : count(rows.size(), what) + " such as " + short_name(rows[0]->name));
  };
  add(report.gpus, gpus, "GPU");
  add(report.systems, systems, "system");
  return listed(parts);
}

struct Answer {
  Grid grid;
  std::vector<std::string> more;  // what the verdicts have besides: "38 great"
};

Answer answer_rows(const OverviewReport& report, const Figures& figures, const Style& style) {
  using enum Column::Kind;
  Answer answer{Grid({{"", name, 0}, {"", name, 0}, {"usable", figure, 0}, {"max context", figure, 0}}), {}};
  std::vector<Rows> groups;
  for (const Verdict verdict : runnable) {
    Rows rows = by_turns(with_verdict(report.gpus, verdict), with_verdict(report.systems, verdict));
    if (!rows.empty()) groups.push_back(std::move(rows));
  }
  for (const Rows& rows : groups) {
    const std::size_t shown =
        std::min(rows.size(), std::max<std::size_t>(2, rows_of_the_answer / groups.size()));
    for (const Row* row : std::span(rows).first(shown)) {
      answer.grid.add({{row == rows[0] ? std::string(to_string(row->verdict)) : "", ink_of(row->verdict)},
                       name_in(*row, style),
                       figures.with_unit(row->usable),
                       or_dash(row->max_context)});
    }
    if (rows.size() > shown)
      answer.more.push_back(fmt::format("{} {}", rows.size() - shown, to_string(rows[0]->verdict)));
  }
  return answer;
}

// ---- the tables
// ----------------------------------------------------------------------------------------------------

std::string names_of(const Rows& rows) {
  std::vector<std::string> names;
  for (const Row* row : rows) {
    names.push_back(row->needed > 1 ? fmt::format("{} ({} would do)", short_name(row->name), row->needed)
                                    : short_name(row->name));
  }
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// Empty where all are shown.
std::string remainder(std::size_t total, std::size_t shown) {
  return total <= shown ? "" : fmt::format("{:7}and {} more (--all)", "", grouped(total - shown));
}

std::size_t shown_of(const Rows& rows, const Style& style) {
  return style.all ? rows.size() : std::min(rows.size(), rows_a_verdict);
}

std::string counts(const HardwareTable& table) {
  std::vector<std::string> parts;
  for (const Verdict verdict :
       {Verdict::great, Verdict::fits, Verdict::tight, Verdict::offload, Verdict::no}) {
    const std::size_t number = with_verdict(table, verdict).size();
    if (number > 0) parts.push_back(fmt::format("{} {}", grouped(number), to_string(verdict)));
  }
  return listed(parts);
}

std::string runnable_rows(const HardwareTable& table, const Figures& figures, const Style& style) {
  using enum Column::Kind;
  Grid grid({{"", name, 0},
             {"", name, 0},
             {"usable", figure, 0},
             {"max context", figure, 0},
             {"best fit", name, 0}});
  for (const Verdict verdict : runnable) {
    const Rows rows = with_verdict(table, verdict);
    const std::size_t shown = shown_of(rows, style);
    for (const Row* row : std::span(rows).first(shown)) {
      grid.add({{row == rows[0] ? std::string(to_string(verdict)) : "", ink_of(verdict)},
                name_in(*row, style),
                figures.with_unit(row->usable),
                or_dash(row->max_context),
                row->best_quantization});
    }
    const std::string more = remainder(rows.size(), shown);
    if (!more.empty()) grid.add_note({more, Ink::dim});
  }
  return grid.empty() ? "" : grid.text(style);
}

}  // namespace

std::string where_it_runs(const OverviewReport& report, const Figures& figures, const Style& style) {
  std::string out = paint("Where it runs", Ink::bold, style) + '\n';
  const Answer answer = answer_rows(report, figures, style);
  out += answer.grid.text(style);
  if (!answer.more.empty())
    out += paint(wrap("and more below: " + listed(answer.more), text_column, text_column, style), Ink::dim,
                 style);
  const std::string no = too_small(report, figures);
  if (!no.empty()) out += labelled(paint("no", Ink::red, style), no, 2, text_column, style);
  return out;
}

std::string hardware_table(const HardwareTable& table, std::string_view what, const Settings& settings,
                           const Figures& figures, const Style& style) {
  if (table.rows.empty()) return {};
  const std::string title =
      fmt::format("{} at {} and {} tokens:", what, settings.quantization, grouped(asked_context(settings)));
  std::string out = wrap(paint(title, Ink::bold, style) + ' ' + counts(table), 0, 2, style);
  out += runnable_rows(table, figures, style);
  const Rows no = with_verdict(table, Verdict::no);
  if (no.empty()) return out;
  const Rows shown(no.begin(), no.begin() + static_cast<std::ptrdiff_t>(shown_of(no, style)));
  const std::size_t rest = no.size() - shown.size();
  const std::string more = rest == 0 ? "" : fmt::format(" and {} more (--all)", grouped(rest));
  return out + labelled(paint("no", Ink::red, style), names_of(shown) + more, 2, text_column, style);
}

std::string where_in_a_line(const OverviewReport& report) {
  Rows rows;
  for (const Verdict verdict : {Verdict::great, Verdict::fits}) {
    const Rows more = by_turns(with_verdict(report.gpus, verdict), with_verdict(report.systems, verdict));
    rows.insert(rows.end(), more.begin(), more.end());
  }
  std::vector<std::string> names;
  for (const Row* row : std::span(rows).first(std::min<std::size_t>(rows.size(), 3)))
    names.push_back(short_name(row->name));
  if (rows.size() > names.size())
    names.push_back(fmt::format("{} more", grouped(rows.size() - names.size())));
  return listed(names);
}

}  // namespace vramcalc::render
