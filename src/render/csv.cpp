#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "render/document.hpp"

// The format `csv`: a Document as comma-separated values (RFC 4180), with every figure in full. A list is its
// grid: a record of titles, then the rows. Other documents have several grids and sentences between them, so
// each record begins with the title of its section and with what it is: "text", "columns" or "row".
namespace vramcalc::render {
namespace {

using Record = std::vector<std::string>;

bool is_figure(const Column& column) {
  return column.kind == Column::Kind::figure || column.kind == Column::Kind::numbered;
}

// Spreadsheets read "1,170.3" as text.
std::string figure_text(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c == ',') continue;
    if (c != '.' && c != '-' && (c < '0' || c > '9')) return std::string(text);
    digits += c;
  }
  return digits;
}

// Spreadsheets compute what begins like a formula, and names come from anywhere.
std::string harmless(const std::string& text) {
  const bool is_formula = text.size() > 1 && std::string_view("=+-@").find(text[0]) != std::string_view::npos;
  return is_formula ? "'" + text : text;
}

std::string cell_text(const Grid& grid, const Grid::Row& row, std::size_t column) {
  if (column >= row.cells.size()) return {};
  const std::string& text = row.cells[column].text.text;
  return is_figure(grid.columns[column]) ? figure_text(text) : harmless(text);
}

Record titles_of(const Grid& grid) {
  Record record;
  for (const Column& column : grid.columns) record.push_back(column.title.text);
  return record;
}

Record cells_of(const Grid& grid, const Grid::Row& row) {
  Record record;
  for (std::size_t i = 0; i < grid.columns.size(); ++i) record.push_back(cell_text(grid, row, i));
  return record;
}

// A label stands for the rows from it on, and each record must say all of its own.
class Labels {
 public:
  void repeat(const Grid& grid, Record& record) {
    for (std::size_t i = 0; i < grid.columns.size(); ++i) {
      if (grid.columns[i].kind != Column::Kind::label) continue;
      if (record[i].empty()) record[i] = last_;
      last_ = record[i];
    }
  }

 private:
  std::string last_;
};

std::string plain(const Text& text) { return text.text; }

// ---- a document with several grids

class Records {
 public:
  void add(const Section& section) {
    title_ = section.title.text;
    if (!section.summary.empty()) add("text", {section.summary.text});
    for (const Block& block : section.blocks) std::visit(*this, block);
  }

  void operator()(const Paragraph& paragraph) { add("text", {joined(paragraph, plain)}); }
  void operator()(const Labelled& line) { add("text", {line.label.text + " " + line.text.text}); }
  void operator()(const Line& line) { add("text", {line.text.text}); }
  void operator()(const Grid& grid) {
    add("columns", titles_of(grid));
    Labels labels;
    for (const Grid::Row& row : grid.rows) {
      if (row.cells.empty()) {
        add("text", {row.note.text.text});
        continue;
      }
      Record record = cells_of(grid, row);
      labels.repeat(grid, record);
      add("row", std::move(record));
    }
  }

  std::vector<Record> take() && { return std::move(records_); }

 private:
  void add(std::string_view kind, Record fields) {
    fields.insert(fields.begin(), {title_, std::string(kind)});
    records_.push_back(std::move(fields));
  }

  std::string title_;
  std::vector<Record> records_;
};

// ---- a list

// Null if there are none or several.
const Grid* only_grid(const Document& document) {
  const Grid* only = nullptr;
  for (const Section& section : document.sections)
    for (const Block& block : section.blocks) {
      const Grid* grid = std::get_if<Grid>(&block);
      if (grid == nullptr) continue;
      if (only != nullptr) return nullptr;
      only = grid;
    }
  return only;
}

// A note on a row becomes a column of its own.
std::vector<Record> records_of_list(const Grid& grid) {
  std::vector<Record> records = {titles_of(grid)};
  for (const Grid::Row& row : grid.rows) {
    if (!row.cells.empty()) {
      records.push_back(cells_of(grid, row));
    } else if (row.note.on == Grid::Note::On::row) {
      records.front().resize(grid.columns.size() + 1, "note");
      records.back().push_back(row.note.text.text);
    }
  }
  return records;
}

std::vector<Record> records_of(const Document& document) {
  const Grid* grid = document.width == Document::Width::list ? only_grid(document) : nullptr;
  if (grid != nullptr) return records_of_list(*grid);
  Records records;
  for (const Section& section : document.sections) records.add(section);
  return std::move(records).take();
}

// ---- as text

void write_field(std::string& out, std::string_view field) {
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += field;
    return;
  }
  out += '"';
  for (const char c : field) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

// Every record has as many fields as the longest one.
std::string text_of(const std::vector<Record>& records) {
  std::size_t fields = 0;
  for (const Record& record : records) fields = std::max(fields, record.size());
  std::string out;
  for (const Record& record : records) {
    for (std::size_t i = 0; i < fields; ++i) {
      if (i > 0) out += ',';
      if (i < record.size()) write_field(out, record[i]);
    }
    out += "\r\n";
  }
  return out;
}

}  // namespace

std::string csv(const Report& report, const Style& style) {
  return text_of(records_of(document(report, {style.units, style.all, style.chart})));
}

}  // namespace vramcalc::render
