#include <algorithm>

#include "render/grid.hpp"
#include "render/text.hpp"

// The format `table`: a Document for a terminal.
namespace vramcalc::render {
namespace {

constexpr int page = 80;
constexpr int endless = 1'000'000;

struct Margins {
  std::size_t indent, hanging;
  Ink ink;
};

Margins margins_of(Paragraph::Kind kind) {
  switch (kind) {
    using enum Paragraph::Kind;
    case prose: return {0, 0, Ink::plain};
    case headline: return {0, 2, Ink::bold};
    case statement: return {0, 2, Ink::plain};
    case warning: return {0, 2, Ink::yellow};
    case remark: return {2, 2, Ink::plain};
    case detail: return {2, 4, Ink::plain};
    case reason: return {2, 4, Ink::dim};
    case rest: return {behind_label, behind_label, Ink::dim};
    case legend: return {2, 2, Ink::dim};
    case footnote: return {0, 0, Ink::dim};
    case term: return {2, 4, Ink::bold};
    case ingredient: return {4, 6, Ink::plain};
    case rule: return {4, 6, Ink::dim};
  }
  return {};
}

struct Blocks {
  const Style& style;

  std::string operator()(const Paragraph& paragraph) const {
    using enum Paragraph::Between;
    const auto [indent, hanging, ink] = margins_of(paragraph.kind);
    return paint(
        paragraph.between == nothing
            ? wrap(paragraph.texts, indent, hanging, style)
            : flow(paragraph.texts, {paragraph.between == dot ? " · " : " ", indent, hanging}, style),
        ink, style);
  }
  std::string operator()(const Labelled& line) const {
    return labelled(line.label, line.text, indentation, behind_label, style);
  }
  std::string operator()(const Line& line) const {
    return std::string(line.kind == Line::Kind::command ? indentation : 0, ' ') + line.text.text + '\n';
  }
  std::string operator()(const Grid& grid) const { return grid_text(grid, style); }
};

std::string title_of(const Section& section, const Style& style) {
  const std::string& title = section.title.text;
  if (section.summary.empty()) return paint(title, Ink::bold, style) + '\n';
  const Text line[] = {
      {title + ':',                Ink::bold },
      {" " + section.summary.text, Ink::plain}
  };
  return wrap(line, 0, 2, style);
}

void write(std::string& out, const Section& section, const Style& style) {
  if (!section.title.empty()) out += title_of(section, style);
  for (const Block& block : section.blocks) out += std::visit(Blocks{style}, block);
}

bool has_scrolled(const std::string& text, const Style& style) {
  return style.rows > 0 && std::ranges::count(text, '\n') >= style.rows;
}

std::string text_of(const Document& document, const Style& style) {
  std::string text;
  text.reserve(12288);  // most answers
  for (const Section& section : document.sections) {
    if (!text.empty()) text += '\n';
    write(text, section, style);
  }
  if (!document.summary.blocks.empty() && has_scrolled(text, style)) {
    text += '\n';
    write(text, document.summary, style);
  }
  return text;
}

}  // namespace

std::string table(const Report& report, const Style& style) {
  const Document text = document(report, {style.units, style.all, style.chart});
  Style terminal = style;
  if (style.columns == 0) terminal.columns = text.width == Document::Width::list ? endless : page;
  return printed_page(text_of(text, terminal), terminal);
}

}  // namespace vramcalc::render
