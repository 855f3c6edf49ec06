#include "catch.hpp"
#include "deployment/yaml.hpp"

using namespace vramcalc::deployment;

TEST_CASE("a value of YAML is found by its path") {
  Yaml inner{.kind = Yaml::Kind::scalar, .text = "1", .line = 2};
  Yaml spec{.kind = Yaml::Kind::map, .line = 1, .members = {{"replicas", inner}}};
  const Yaml document{.kind = Yaml::Kind::map, .line = 1, .members = {{"spec", spec}}};
  REQUIRE(document.at({"spec", "replicas"}) != nullptr);
  CHECK(document.at({"spec", "replicas"})->line == 2);
  CHECK(document.at({"spec", "template"}) == nullptr);
  CHECK(document.find("spec")->text_of("replicas") == "1");
  CHECK(document.find("spec")->text_of("absent").empty());
}
