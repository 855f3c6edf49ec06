#include "render/markdown.hpp"

#include <algorithm>

// The format `markdown`: a Document for a comment or a page. A deployment has a layout of its own.
namespace vramcalc::render {
namespace {

using Kind = Paragraph::Kind;

// What begins a span, a link, a cell or HTML somewhere in a text.
constexpr std::string_view signs = "\\`*_[]|~$";

std::string_view written(char c) {
  switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '@': return "@<!-- -->";  // or it would call a user or link an issue
    case '#': return "#<!-- -->";
    default: return {};
  }
}

std::size_t longest_run_of_backticks(std::string_view text) {
  std::size_t longest = 0, run = 0;
  for (const char c : text) longest = std::max(longest, run = c == '`' ? run + 1 : 0);
  return longest;
}

std::string bold(const std::string& text) { return text.empty() ? text : "**" + text + "**"; }

std::string inked(const Text& text) {
  const std::string plain = markdown_text(text.text);
  return text.ink == Ink::bold && !plain.starts_with(' ') && !plain.ends_with(' ') ? bold(plain) : plain;
}

// What stands before and after a paragraph of a kind. A list item follows the one before it without an empty
// line.
struct Frame {
  std::string_view before, after;
  bool item = false;
};

Frame frame_of(Kind kind) {
  switch (kind) {
    case Kind::headline: return {"**", "**"};
    case Kind::warning: return {"> ", ""};
    case Kind::detail:
    case Kind::remark: return {"- ", "", true};
    case Kind::term: return {"- **", "**", true};
    case Kind::reason:
    case Kind::ingredient:
    case Kind::rule: return {"  - ", "", true};
    case Kind::rest:
    case Kind::legend:
    case Kind::footnote: return {"<sub>", "</sub>"};
    case Kind::prose:
    case Kind::statement: return {};
  }
  return {};
}

bool is_figure(const Column& column) {
  return column.kind == Column::Kind::figure || column.kind == Column::Kind::numbered;
}

std::string row_text(const Grid::Row& row, std::size_t columns) {
  std::string out = "|";
  for (std::size_t i = 0; i < columns; ++i) {
    const std::string cell = i < row.cells.size() ? inked(row.cells[i].text) : "";
    out += i == 0 && row.mark != ' ' ? std::string(" ") + row.mark + ' ' + cell + " |" : ' ' + cell + " |";
  }
  return out + '\n';
}

class Page {
 public:
  void add(const Section& section) {
    if (!section.title.empty()) {
      begin_block();
      out_ += "### " + markdown_text(section.title.text);
      if (!section.summary.empty()) out_ += ": " + markdown_text(section.summary.text);
      out_ += '\n';
    }
    for (const Block& block : section.blocks) std::visit(*this, block);
    in_list_ = false;
  }

  void operator()(const Paragraph& paragraph) {
    const Frame frame = frame_of(paragraph.kind);
    const std::string text = joined(paragraph, inked);
    if (text.empty()) return;
    begin_block(frame.item);
    out_.append(frame.before).append(text).append(frame.after) += '\n';
  }
  void operator()(const Labelled& line) {
    begin_block(true);
    out_ += "- " + bold(markdown_text(line.label.text)) + ' ' + markdown_text(line.text.text) + '\n';
  }
  void operator()(const Line& line) {
    begin_block();
    out_ += (line.kind == Line::Kind::command ? markdown_code(line.text.text) : inked(line.text)) + '\n';
  }
  void operator()(const Grid& grid) {
    begin_block();
    std::string rule = "|";
    out_ += '|';
    for (const Column& column : grid.columns) {
      out_ += ' ' + markdown_text(column.title.text) + " |";
      rule += is_figure(column) ? "--:|" : "---|";
    }
    out_ += '\n' + rule + '\n';
    for (const Grid::Row& row : grid.rows)
      out_ += row.cells.empty() ? "| " + inked(row.note.text) + " |\n" : row_text(row, grid.columns.size());
  }

  std::string take() && { return std::move(out_); }

 private:
  void begin_block(bool item = false) {
    if (!out_.empty() && !(item && in_list_)) out_ += '\n';
    in_list_ = item;
  }

  std::string out_;
  bool in_list_ = false;
};

}  // namespace

std::string markdown_text(std::string_view text) {
  if (!is_printable(text)) return markdown_text(printable(text));
  std::string out;
  for (const char c : text) {
    const std::string_view other = written(c);
    if (!other.empty()) {
      out += other;
      continue;
    }
    if (signs.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string markdown_code(std::string_view text, bool in_table) {
  const std::string line = is_printable(text) ? std::string(text) : printable(text);
  if (line.empty()) return {};
  const std::string fence(longest_run_of_backticks(line) + 1, '`');
  const bool padded = line.starts_with('`') || line.ends_with('`');
  std::string out = fence + (padded ? " " : "");
  for (const char c : line) {
    if (c == '|' && in_table) out += '\\';
    out += c;
  }
  return out + (padded ? " " : "") + fence;
}

std::string markdown_text(const Document& document) {
  Page page;
  for (const Section& section : document.sections) page.add(section);
  return std::move(page).take();
}

std::string markdown(const Report& report, const Style& style) {
  if (const auto* deployment = std::get_if<DeploymentReport>(&report)) return markdown(*deployment, style);
  return markdown_text(document(report, {style.units, style.all, style.chart}));
}

}  // namespace vramcalc::render
