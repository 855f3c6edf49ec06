#include "source/gguf_known_architectures.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <string>

#include "catch.hpp"
#include "source/gguf_rows.hpp"
#include "source/measured_files.hpp"
#include "vramcalc/element_type.hpp"
#include "vramcalc/error.hpp"

using namespace vramcalc;

namespace {

// What real engines know by name, and the oldest engine that does (tests/conformance/known.txt).
std::map<std::string, std::string> known_as(const std::string& kind) {
  std::ifstream in(VRAMCALC_SOURCE_DIR "/tests/conformance/known.txt");
  std::map<std::string, std::string> result;
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(kind + " ")) continue;
    const std::size_t begin = kind.size() + 1, bar = line.find(" | ");
    const std::string engines = line.substr(bar + 3);
    result[line.substr(begin, bar - begin)] = engines.substr(0, engines.find(' '));
  }
  return result;
}

std::string refusal(const nlohmann::json& rows, std::string_view architecture) try {
  source::find_gguf_row(rows, architecture, "m.gguf");
  return {};
} catch (const Error& e) {
  return e.what();
}

}  // namespace

TEST_CASE("every architecture of the engines is either read or known by name") {
  const auto rows = measured::architectures();
  for (const auto& [name, release] : known_as("architecture")) {
    if (name == "clip") continue;  // projectors
    const auto known = source::known_architectures();
    const auto found = std::ranges::find(known, name, &source::KnownArchitecture::name);
    INFO(name);
    CHECK(refusal(rows, name).empty() == (found == known.end()));
    if (found != known.end()) CHECK(found->release == release);
  }
}

TEST_CASE("every element type of the engines is known, and whether 0.5.0 has it") {
  for (const auto& [name, release] : known_as("type")) {
    INFO(name);
    const auto type = element_type_from_name(name);
    REQUIRE(type);
    CHECK(is_newer(*type) == (release != "0.5.0"));
  }
}

TEST_CASE("no architecture is known by name that no engine has") {
  const auto names = known_as("architecture");
  for (const auto& each : source::known_architectures()) {
    INFO(each.name);
    CHECK(names.contains(std::string(each.name)));
  }
}

TEST_CASE("a refusal says which llama.cpp loads the architecture") {
  const auto rows = measured::architectures();
  CHECK(refusal(rows, "glm5-next")
            .starts_with(
                "m.gguf: general.architecture \"glm5-next\" is not known here yet: llama.cpp loads it since "
                "b12211 (0.5.0 does not), and its shape was not examined"));
  CHECK(refusal(rows, "t5")
            .starts_with(
                "m.gguf: general.architecture \"t5\" is not known here, although llama.cpp 0.5.0 loads it"));
  CHECK(refusal(rows, "llamma")
            .starts_with("m.gguf: general.architecture \"llamma\" is not known; the nearest are llama"));
}
