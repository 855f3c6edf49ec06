#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "render/deployment_sample.hpp"
#include "render/render.hpp"
#include "render/text.hpp"

using namespace vramcalc;

namespace {

std::string table(const DeploymentReport& report, int columns) {
  render::Style style;
  style.columns = columns;
  return render::table(report, style);
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace

TEST_CASE("a page about a deployment stays within the terminal") {
  for (const int columns : {60, 80, 100, 160})
    for (const DeploymentReport& report : {sample::deployment(), sample::changed_deployment(),
                                           sample::one_service(), sample::hostile_deployment()})
      for (const std::string& line : lines_of(table(report, columns))) {
        CAPTURE(columns, line);
        CHECK(render::width(line) <= static_cast<std::size_t>(columns));
        CHECK(!line.ends_with(' '));
      }
}
