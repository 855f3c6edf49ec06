#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "catch.hpp"
#include "deployment/finding_codes.hpp"
#include "render/deployment_sample.hpp"
#include "render/render.hpp"

using namespace vramcalc;
using Json = nlohmann::json;

namespace {

Json parsed(const DeploymentReport& report) { return Json::parse(render::sarif(report, {})); }

Json results_of(const DeploymentReport& report) { return parsed(report)["runs"][0]["results"]; }

const Json& place_of(const Json& result) { return result["locations"][0]["physicalLocation"]; }

std::set<std::string> fingerprints_of(const DeploymentReport& report) {
  std::set<std::string> all;
  for (const Json& result : results_of(report))
    all.insert(result["partialFingerprints"]["vramcalcFinding/v1"]);
  return all;
}

}  // namespace

// What the 2.1.0 schema requires of what is written: a log has version and runs, a run a tool, a tool a
// driver with a name, a rule an id, a result a message, a level of four, a region lines from 1.
TEST_CASE("SARIF has the structure of its schema") {
  for (const DeploymentReport& report :
       {sample::deployment(), sample::hostile_deployment(), sample::one_service(), DeploymentReport{}}) {
    const Json log = parsed(report);
    CHECK(log["version"] == "2.1.0");
    CHECK(log["$schema"] == "https://json.schemastore.org/sarif-2.1.0.json");
    REQUIRE(log["runs"].size() == 1);
    const Json& driver = log["runs"][0]["tool"]["driver"];
    CHECK(driver["name"] == "vramcalc");
    CHECK(driver["version"] == std::string(render::program_version()));
    for (const Json& result : log["runs"][0]["results"]) {
      CHECK(result["message"]["text"].is_string());
      CHECK(std::set<std::string>{"error", "warning", "note"}.contains(result["level"]));
      CHECK(driver["rules"][result["ruleIndex"].get<std::size_t>()]["id"] == result["ruleId"]);
      CHECK(place_of(result)["artifactLocation"]["uri"].is_string());
      if (place_of(result).contains("region")) CHECK(place_of(result)["region"]["startLine"] >= 1);
    }
  }
}

TEST_CASE("the rules of SARIF are all finding codes, with help") {
  const Json rules = parsed({})["runs"][0]["tool"]["driver"]["rules"];
  REQUIRE(rules.size() == deployment::finding_codes().size());
  for (const deployment::FindingCode& code : deployment::finding_codes()) {
    const auto rule =
        std::ranges::find(rules, Json(std::string(code.code)), [](const Json& each) { return each["id"]; });
    REQUIRE(rule != rules.end());
    CHECK((*rule)["help"]["text"] == std::string(code.meaning));
    CHECK((*rule)["shortDescription"]["text"] == std::string(code.meaning));
    CHECK((*rule)["defaultConfiguration"]["level"].is_string());
  }
}

TEST_CASE("a service that fits gives no result") { CHECK(results_of(sample::one_service()).empty()); }

TEST_CASE("every finding is a result with its place, file by file") {
  const Json results = results_of(sample::deployment());
  struct Row {
    std::string rule, level, uri;
    int line;
  };
  const Row expected[] = {
      {"shared-gpu-overfull", "error",   "compose.yaml",    0  },
      {"repeated-flag",       "warning", "compose.yaml",    20 },
      {"does-not-fit",        "error",   "compose.yaml",    31 },
      {"removed-flag",        "error",   "k8s/models.yaml", 52 },
      {"unresolved",          "warning", "k8s/models.yaml", 80 },
      {"tight",               "warning", "k8s/models.yaml", 101},
  };
  REQUIRE(results.size() == std::size(expected));
  for (std::size_t i = 0; i < results.size(); ++i) {
    CAPTURE(i);
    CHECK(results[i]["ruleId"] == expected[i].rule);
    CHECK(results[i]["level"] == expected[i].level);
    CHECK(place_of(results[i])["artifactLocation"]["uri"] == expected[i].uri);
    CHECK(place_of(results[i]).contains("region") == (expected[i].line > 0));
    if (expected[i].line > 0) CHECK(place_of(results[i])["region"]["startLine"] == expected[i].line);
  }
  CHECK(results[3]["message"]["text"] == "rerank: vLLM 0.10 has no --device; remove it");
  CHECK(results[3]["locations"][0]["logicalLocations"][0]["name"] == "rerank");
}

TEST_CASE("a status that no finding explains is a result of its own") {
  const Json results = results_of(sample::deployment());
  CHECK(results[5]["message"]["text"] ==
        "code: it needs 38.2 GB of 38.4 GB: only the low end of the interval fits");
}

TEST_CASE("files are URIs relative to the repository") {
  const std::map<std::string, std::string> uris = {
      {"compose.yaml",         "compose.yaml"            },
      {"./a/../compose.yaml",  "a/../compose.yaml"       },
      {"a b/ü%.yaml",         "a%20b/%C3%BC%25.yaml"    },
      {"c:x.yaml",             "c%3Ax.yaml"              },
      {"deploy\\compose.yaml", "deploy/compose.yaml"     },
      {"/srv/compose.yaml",    "file:///srv/compose.yaml"},
      {"a?b#c.yaml",           "a%3Fb%23c.yaml"          },
      {"stdin",                "stdin"                   },
  };
  for (const auto& [file, uri] : uris) {
    DeploymentReport report;
    report.findings = {deployment::finding("unresolved", "it is not known", {file, 1})};
    CHECK(place_of(results_of(report)[0])["artifactLocation"]["uri"] == uri);
  }
}

TEST_CASE("a finding about the command itself has no file") {
  DeploymentReport report;
  report.findings = {deployment::finding("unknown-flag", "there is no such flag", {})};
  CHECK(!results_of(report)[0]["locations"][0].contains("physicalLocation"));
}

TEST_CASE("fingerprints tell results apart and outlast other lines and figures") {
  DeploymentReport report = sample::deployment();
  const std::set<std::string> before = fingerprints_of(report);
  CHECK(before.size() == 6);
  for (ServiceReport& service : report.services)
    for (deployment::Finding& finding : service.findings) {
      finding.at.line += 7;
      finding.message += ", and 3.1 GB more";
    }
  CHECK(fingerprints_of(report) == before);
  report.services[1].findings.push_back(report.services[1].findings[0]);
  CHECK(fingerprints_of(report).size() == 7);
}

TEST_CASE("formats for CI refuse other reports") {
  for (const std::string format : {"sarif", "junit", "github"})
    CHECK_THROWS_WITH(render::find_format(format)->render(CheckReport{}, {}),
                      "--format " + format + " is for check FILE… and check -- COMMAND");
}
