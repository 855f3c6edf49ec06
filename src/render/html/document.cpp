#include <fmt/format.h>

#include <algorithm>

#include "render/html/markup.hpp"

// A Document as HTML: headings, paragraphs, lists and tables.
namespace vramcalc::render::html {
namespace {

using Kind = Paragraph::Kind;

// What a bar's signs on a terminal stand for: "▓ cache".
std::string swatch(std::string_view& text) {
  const auto shades = shades_for(Bar::most_parts);
  for (std::size_t i = 0; i < shades.size(); ++i) {
    if (!text.starts_with(shades[i])) continue;
    text.remove_prefix(shades[i].size());
    return fmt::format("<i class=\"swatch part{}\"></i>", i + 1);
  }
  return {};
}

std::string inked(const Text& text) {
  std::string_view rest = text.text;
  const std::string sign = swatch(rest), plain = sign + escaped(rest);
  if (text.ink == Ink::plain) return plain;
  if (text.ink == Ink::bold) return fmt::format("<strong>{}</strong>", plain);
  return fmt::format("<span class=\"{}\">{}</span>", class_of(text.ink), plain);
}

// The element of a paragraph, and its class.
struct Element {
  std::string_view name, style;
};

Element element_of(Kind kind) {
  switch (kind) {
    case Kind::headline: return {"p", "headline"};
    case Kind::warning: return {"p", "warning"};
    case Kind::remark: return {"p", "remark"};
    case Kind::detail: return {"p", "detail"};
    case Kind::reason:
    case Kind::ingredient:
    case Kind::rule: return {"p", "reason"};
    case Kind::term: return {"p", "term"};
    case Kind::rest:
    case Kind::legend:
    case Kind::footnote: return {"p", "legend"};
    case Kind::prose:
    case Kind::statement: return {"p", "prose"};
  }
  return {"p", "prose"};
}

bool is_figure(const Column& column) {
  return column.kind == Column::Kind::figure || column.kind == Column::Kind::numbered;
}

std::string bar_markup(const Bar& bar) {
  std::string out = "<td class=\"bar\" aria-hidden=\"true\"><span class=\"track\">";
  double at = 0;
  for (std::size_t part = 0; part < bar.ends.size(); ++part) {
    const double end = std::max(bar.ends[part], at);
    if (end > at)
      out += fmt::format("<i class=\"part{}\" style=\"width:{:.1f}%\"></i>", part + 1, (end - at) * 100);
    at = end;
  }
  if (bar.limit > 0) out += fmt::format("<b style=\"left:{:.1f}%\"></b>", std::min(bar.limit, 1.0) * 100);
  return out + "</span></td>";
}

class Table {
 public:
  explicit Table(const Grid& grid)
      : grid_(grid),
        bars_(std::ranges::any_of(grid.rows, [](const Grid::Row& row) { return row.bar.whole() > 0; })) {}

  std::string markup() const {
    std::string out = "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Table\"><table>\n";
    if (std::ranges::any_of(grid_.columns, [](const Column& column) { return !column.title.empty(); }))
      out += head();
    out += "<tbody>\n";
    for (const Grid::Row& row : grid_.rows) out += row.cells.empty() ? note(row.note) : cells(row);
    return out + "</tbody></table></div>\n";
  }

 private:
  std::size_t width() const { return grid_.columns.size() + (bars_ ? 1 : 0); }

  std::string head() const {
    std::string out = "<thead><tr>";
    for (const Column& column : grid_.columns) {
      const std::string_view style = is_figure(column) ? " class=\"figure\"" : "";
      out += column.title.empty()
                 ? "<td></td>"
                 : fmt::format("<th scope=\"col\"{}>{}</th>", style, escaped(column.title.text));
    }
    return out + (bars_ ? "<td></td>" : "") + "</tr></thead>\n";
  }

  std::string note(const Grid::Note& note) const {
    return fmt::format("<tr class=\"note\"><td colspan=\"{}\">{}</td></tr>\n", width(), inked(note.text));
  }

  // The first name in a row is what the row is about.
  std::string cells(const Grid::Row& row) const {
    std::string out = "<tr>";
    bool is_headed = false;
    for (std::size_t i = 0; i < grid_.columns.size(); ++i) {
      const Cell cell = i < row.cells.size() ? row.cells[i] : Cell();
      const bool figure = is_figure(grid_.columns[i]);
      const bool heads =
          !is_headed && !figure && grid_.columns[i].kind != Column::Kind::label && !cell.text.empty();
      is_headed = is_headed || heads;
      const std::string mark = i == 0 && row.mark != ' ' ? std::string(1, row.mark) + ' ' : "";
      out += fmt::format("<{}{}>{}{}</{}>", heads ? "th scope=\"row\"" : "td",
                         figure ? " class=\"figure\"" : "", mark, inked(cell.text), heads ? "th" : "td");
    }
    if (bars_) out += row.bar.whole() > 0 ? bar_markup(row.bar) : "<td></td>";
    return out + "</tr>\n";
  }

  const Grid& grid_;
  bool bars_;
};

struct Blocks {
  std::string& out;

  void operator()(const Paragraph& paragraph) const {
    const auto [name, style] = element_of(paragraph.kind);
    const std::string text = joined(paragraph, inked);
    if (!text.empty()) out += fmt::format("<{0} class=\"{1}\">{2}</{0}>\n", name, style, text);
  }
  void operator()(const Labelled& line) const {
    out += fmt::format("<p class=\"detail\">{} {}</p>\n", inked(line.label), inked(line.text));
  }
  void operator()(const Line& line) const {
    out += line.kind == Line::Kind::command
               ? fmt::format("<pre><code>{}</code></pre>\n", escaped(line.text.text))
               : fmt::format("<p class=\"prose\">{}</p>\n", inked(line.text));
  }
  void operator()(const Grid& grid) const { out += Table(grid).markup(); }
};

}  // namespace

std::string markup_of(const Section& section, int heading) {
  std::string out = "<section>\n";
  if (!section.title.empty()) out += fmt::format("<h{0}>{1}</h{0}>\n", heading, escaped(section.title.text));
  if (!section.summary.empty())
    out += fmt::format("<p class=\"prose\">{}</p>\n", escaped(section.summary.text));
  for (const Block& block : section.blocks) std::visit(Blocks{out}, block);
  return out + "</section>\n";
}

std::string markup_of(const Document& document, int heading) {
  std::string out;
  for (const Section& section : document.sections) out += markup_of(section, heading);
  return out;
}

}  // namespace vramcalc::render::html
