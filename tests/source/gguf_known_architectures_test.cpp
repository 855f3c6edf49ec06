#include "source/gguf_known_architectures.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <string>

#include "catch.hpp"
#include "source/gguf_rows.hpp"
#include "source/measured_files.hpp"
#include "vramcalc/error.hpp"

using namespace vramcalc;

namespace {

// The architectures that real engines accept, and the oldest engine that does (tests/conformance/known.txt).
std::map<std::string, std::string> accepted() {
  std::ifstream in(VRAMCALC_SOURCE_DIR "/tests/conformance/known.txt");
  std::map<std::string, std::string> result;
  const std::string mark = "architecture ";
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(mark)) continue;
    const std::size_t bar = line.find(" | ");
    const std::string engines = line.substr(bar + 3);
    result[line.substr(mark.size(), bar - mark.size())] = engines.substr(0, engines.find(' '));
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
  for (const auto& [name, release] : accepted()) {
    if (name == "clip") continue;  // projectors
    const auto known = source::known_architectures();
    const auto found = std::ranges::find(known, name, &source::KnownArchitecture::name);
    INFO(name);
    CHECK(refusal(rows, name).empty() == (found == known.end()));
    if (found != known.end()) CHECK(found->release == release);
  }
}

TEST_CASE("no architecture is known by name that no engine has") {
  const auto names = accepted();
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
