#include <algorithm>
#include <string>
#include <vector>

#include "catch.hpp"
#include "render/render.hpp"
#include "render/sample.hpp"

using namespace vramcalc;

namespace {

using Record = std::vector<std::string>;

// RFC 4180, as it is written: fields may be in quotes, quotes in them are doubled, records end in CRLF.
std::vector<Record> read(const std::string& text) {
  std::vector<Record> records;
  Record record(1);
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"')
      record.back() += text[++i];
    else if (c == '"')
      quoted = !quoted;
    else if (c == ',' && !quoted)
      record.emplace_back();
    else if (c == '\r' && !quoted) {
      CHECK(text.at(++i) == '\n');
      records.push_back(record);
      record = Record(1);
    } else
      record.back() += c;
  }
  CHECK(!quoted);
  return records;
}

std::vector<Record> records_of(const Report& report) {
  render::Style style;
  style.all = true;
  return read(render::csv(report, style));
}

}  // namespace

TEST_CASE("csv: every record has as many fields") {
  for (const Report& report : sample::one_of_each_kind()) {
    CAPTURE(report.index());
    const auto records = records_of(report);
    REQUIRE(!records.empty());
    for (const Record& record : records) CHECK(record.size() == records.front().size());
  }
}

TEST_CASE("csv: a list is its titles and its rows") {
  const auto records = records_of(sample::gpus());
  REQUIRE(records.size() > 1);
  CHECK(records[0] == Record{"id", "name", "sold GB", "usable GB", "GB/s", "released"});
  CHECK(records[1][0] == "rtx-4090");
}

TEST_CASE("csv: a document with several grids says of each record where it is from and what it is") {
  std::vector<std::string> titles;
  for (const Record& record : records_of(sample::deepseek())) {
    CHECK((record[1] == "text" || record[1] == "columns" || record[1] == "row"));
    if (record[1] == "columns") titles.push_back(record[0]);
  }
  CHECK(titles == std::vector<std::string>{"Where it runs", "", "Q4_K_M term by term, in GB",
                                           "Systems and Macs at Q4_K_M and 2,048 tokens"});
}

TEST_CASE("csv: a verdict is in each of its rows, and figures have no separators") {
  std::size_t great = 0;
  for (const Record& record : records_of(sample::deepseek()))
    if (record[0].starts_with("Systems") && record[1] == "row") {
      great += record[2] == "great";
      CHECK(record[4].find(',') == std::string::npos);
    }
  CHECK(great == 2);
}

TEST_CASE("csv: names are neither commands for a spreadsheet nor new fields") {
  CheckReport report = sample::check();
  report.places[0].name = "=1+2, \"quoted\"";
  const auto records = records_of(report);
  const auto has = [](const Record& record) { return std::ranges::count(record, "'=1+2, \"quoted\"") == 1; };
  CHECK(std::ranges::count_if(records, has) == 1);
}
