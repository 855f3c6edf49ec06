#include <algorithm>
#include <sstream>
#include <string>

#include "catch.hpp"
#include "render/render.hpp"
#include "render/sample.hpp"
#include "render/text.hpp"

using namespace vramcalc;

namespace {

Amount gb(std::uint64_t number) { return Amount::exactly(Bytes(number * GB)); }

OverviewReport with_curves() {
  OverviewReport report = sample::deepseek();
  report.curves = MemoryCurves{
      {2048,                           163'840},
      { {"IQ1_S", {gb(200), gb(250)}},
       {"Q4_K_M", {gb(400), gb(450)}},
       {"Q5_K_S", {gb(500), gb(550)}},
       {"Q8_0", {gb(700), gb(800)}}}
  };
  return report;
}

// The lines of a table from the one that begins with `first`, of as many.
std::string lines(const std::string& table, const std::string& first, int count) {
  std::istringstream text(table.substr(std::min(table.find(first), table.size())));
  std::string out;
  for (std::string line; count-- > 0 && std::getline(text, line);) out += line + '\n';
  return out;
}

render::Style narrow(bool unicode) {
  render::Style style;
  style.columns = 60;
  style.unicode = unicode;
  style.chart = true;
  return style;
}

}  // namespace

TEST_CASE("memory against the context on a narrow terminal keeps the quantization that was asked for") {
  CHECK(lines(render::table(with_curves(), narrow(true)), "Memory against", 5) ==
        "Memory against the context, in GB\n"
        "  context  Q4_K_M  Q5_K_S   Q8_0\n"
        "    2,048   400.0   500.0  700.0  ██████▓▓▓▓▓▓▓▒▒▒░░░░░░\n"
        "  163,840   450.0   550.0  800.0  ████████▓▓▓▓▓▓▒▒▒░░░░░░░░\n"
        "  █ IQ1_S · ▓ Q4_K_M · ▒ Q5_K_S · ░ Q8_0\n");
}

TEST_CASE("a chart in ASCII") {
  const std::string text = lines(render::table(with_curves(), narrow(false)), "  163,840   450", 2);
  CHECK(text ==
        "  163,840   450.0   550.0  800.0  ########======+++........\n"
        "  # IQ1_S - = Q4_K_M - + Q5_K_S - . Q8_0\n");
}

TEST_CASE("the terms of a check as bars, with the usable memory across them") {
  const std::string text = render::table(sample::check(), narrow(true));
  CHECK(lines(text, "  device  weights", 3) ==
        "  device  weights  cache  compute\n"
        "  gpu0      403.9   11.5      0.5  ███│███████████████████▓\n"
        "  host        0.5    0.0      0.0  █\n");
  CHECK(text.find("█ weights · ▓ cache · ▒ compute · ░ runtime") != text.npos);
  render::Style plain = narrow(true);
  plain.chart = false;
  CHECK(render::table(sample::check(), plain).find("█") == std::string::npos);
}

TEST_CASE("a chart fits a terminal of 40 columns") {
  render::Style tiny = narrow(true);
  tiny.columns = 40;
  std::istringstream text(lines(render::table(with_curves(), tiny), "Memory against", 5));
  for (std::string line; std::getline(text, line);) CHECK(render::width(line) <= 40);
}
