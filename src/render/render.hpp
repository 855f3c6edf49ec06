#pragma once

#include <span>
#include <string>
#include <string_view>

#include "vramcalc/report.hpp"

// The views of a report. A format is one function and one row in a table; none of them computes anything.
namespace vramcalc::render {

enum class Units { GB, GiB, MiB };

// What the reader's screen can show. Only the format `table` uses it.
struct Style {
  int columns = 0;  // 0: unknown (a pipe); then pages are 80 wide, and lists have their natural width
  int rows = 0;     // of the terminal; 0: not a terminal, so nothing scrolls
  bool colour = false;
  bool unicode = true;  // false: plain ASCII for lines, bars and dots
  bool all = false;     // show every quantization and device, not only the usual ones
  bool chart = false;   // draw the terms of each device
  Units units = Units::GB;
};

struct Format {
  std::string_view id;
  bool complete = false;  // shows every row of a report, so all must be complete
  std::string (*render)(const Report&, const Style&) = nullptr;
  bool is_page = false;  // shows what PageFigures and MemoryCurves have
};

std::span<const Format> formats();
const Format* find_format(std::string_view id);  // null if unknown

std::string table(const Report& report, const Style& style);  // for people
std::string json(const Report& report, const Style& style);   // schema version 1

std::string markdown(const Report& report, const Style& style);   // for a comment or a page
std::string html_page(const Report& report, const Style& style);  // one page that needs nothing else
std::string csv(const Report& report, const Style& style);        // RFC 4180, for spreadsheets
// For CI; Error (usage) for a report that is about no deployment.
std::string sarif(const Report& report, const Style& style);   // 2.1.0
std::string junit(const Report& report, const Style& style);   // JUnit's XML
std::string github(const Report& report, const Style& style);  // workflow commands

std::string_view program_version();

// What --version prints: the version, and for which releases of the runtimes each term is exact
// (coverage.hpp).
std::string version_table();
std::string version_json();

}  // namespace vramcalc::render
