#include <array>
#include <fstream>
#include <iterator>
#include <string>

#include "catch.hpp"
#include "deployment/finding_codes.hpp"

using namespace vramcalc;

TEST_CASE("the documentation has every code of a finding") {
  std::ifstream file(VRAMCALC_SOURCE_DIR "/docs/deployments.md");
  const std::string document{std::istreambuf_iterator<char>(file), {}};
  constexpr std::array<const char*, 3> severities = {"error", "warning", "note"};
  for (const deployment::FindingCode& row : deployment::finding_codes()) {
    const std::string line = "| `" + std::string(row.code) + "` | " +
                             severities[static_cast<std::size_t>(row.severity)] + " | " +
                             std::string(row.meaning) + " |\n";
    CAPTURE(line);
    CHECK(document.find(line) != std::string::npos);
  }
}
