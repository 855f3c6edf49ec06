#include "render/outline.hpp"

namespace vramcalc::render {
namespace {

struct Outline {
  std::string& out;

  void operator()(const Paragraph& paragraph) const {
    using enum Paragraph::Between;
    for (std::size_t i = 0; i < paragraph.texts.size(); ++i) {
      if (i > 0) out += paragraph.between == nothing ? "" : paragraph.between == dot ? " · " : " ";
      out += paragraph.texts[i].text;
    }
    out += '\n';
  }

  void operator()(const Labelled& line) const { out += line.label.text + " " + line.text.text + '\n'; }
  void operator()(const Line& line) const { out += "    " + line.text.text + '\n'; }

  void operator()(const Grid& grid) const {
    for (const Column& column : grid.columns) out += "| " + column.title.text + ' ';
    out += "|\n";
    for (const Grid::Row& row : grid.rows) {
      if (row.cells.empty()) out += "| " + row.note.text.text + ' ';
      for (const Cell& cell : row.cells) out += "| " + cell.text.text + ' ';
      out += "|\n";
    }
  }
};

}  // namespace

std::string outline(const Document& document) {
  std::string out;
  for (const Section& section : document.sections) {
    if (!section.title.empty()) out += "## " + section.title.text + '\n';
    if (!section.summary.empty()) out += section.summary.text + '\n';
    for (const Block& block : section.blocks) std::visit(Outline{out}, block);
  }
  return out;
}

}  // namespace vramcalc::render
