#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "deployment/finding_codes.hpp"
#include "render/deployment_sample.hpp"
#include "render/markdown.hpp"
#include "render/render.hpp"
#include "render/sample.hpp"

using namespace vramcalc;
using sample::contains;
using sample::lines_of;

namespace {

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

DeploymentReport about(const deployment::Finding& finding) {
  DeploymentReport report;
  report.findings = {finding};
  return report;
}

}  // namespace

// ---- GitHub

TEST_CASE("every finding is a workflow command, and the answer is the last line") {
  CHECK(
      lines_of(render::github(sample::deployment(), {})) ==
      std::vector<std::string>{
          "::error file=compose.yaml,title=vramcalc shared-gpu-overfull::chat and embed need 30.5 GB of gpu0 "
          "together, which has 25.2 GB; give one of them gpu1",
          "::warning file=compose.yaml,line=20,title=vramcalc repeated-flag::chat: --max-model-len is given "
          "twice; 32768 counts; remove one of them",
          "::error file=compose.yaml,line=31,title=vramcalc does-not-fit::embed: it needs 31.4 GB of 22.7 "
          "GB; "
          "--max-model-len 4096 fits",
          "::error file=k8s/models.yaml,line=52,title=vramcalc removed-flag::rerank: vLLM 0.10 has no "
          "--device; remove it",
          "::warning file=k8s/models.yaml,line=80,title=vramcalc unresolved::draft: MODEL has no value here; "
          "--set MODEL=VALUE",
          "::warning file=k8s/models.yaml,line=101,title=vramcalc tight::code: it needs 38.2 GB of 38.4 GB: "
          "only the "
          "low end of the interval fits",
          "vramcalc: 1 of 5 services does not fit; 1 would not start; 1 is unresolved; 1 is tight, and gpu0 "
          "of "
          "compose.yaml cannot hold what may run at once"});
}

TEST_CASE("workflow commands escape what would end them or a property") {
  const struct {
    std::string file, message, expected;
  } rows[] = {
      {"a,b:c.yaml", "50% of it",     "::warning file=a%2Cb%3Ac.yaml,line=1,title=vramcalc tight::50%25 of it"},
      {"a%b.yaml",   "a: b, c",       "::warning file=a%25b.yaml,line=1,title=vramcalc tight::a: b, c"        },
      {"a\nb.yaml",  "x\n::error::y",
       "::warning file=a\\x0ab.yaml,line=1,title=vramcalc tight::x\\x0a::error::y"                            },
  };
  for (const auto& row : rows) {
    const std::vector<std::string> lines =
        lines_of(render::github(about(deployment::finding("tight", row.message, {row.file, 1})), {}));
    CHECK(lines.front() == row.expected);
    CHECK(lines.size() == 2);
  }
}

TEST_CASE("hostile texts add no workflow command") {
  for (const std::string& line : lines_of(render::github(sample::hostile_deployment(), {})))
    CHECK((line.starts_with("::error ") || line.starts_with("::warning ") || line.starts_with("vramcalc: ")));
}

TEST_CASE("notes are notices") {
  deployment::Finding finding = deployment::finding("tight", "it is so", {});
  finding.severity = deployment::Severity::note;
  CHECK(lines_of(render::github(about(finding), {})).front() == "::notice title=vramcalc tight::it is so");
}

// ---- JUnit

TEST_CASE("JUnit has a suite per file and a case per service") {
  const std::string xml = render::junit(sample::deployment(), {});
  CHECK(
      xml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                      "<testsuites name=\"vramcalc\" tests=\"6\" failures=\"3\" errors=\"0\" skipped=\"1\" "
                      "time=\"0\">\n"));
  for (const std::string_view part :
       {R"(<testsuite name="compose.yaml" tests="3" failures="2" errors="0" skipped="0" time="0">)",
        R"(<testsuite name="k8s/models.yaml" tests="3" failures="1" errors="0" skipped="1" time="0">)",
        R"(<testcase name="chat" classname="compose.yaml" file="compose.yaml" line="12" time="0">)",
        R"(<testcase name="shared-gpu-overfull" classname="compose.yaml" file="compose.yaml" time="0">)",
        R"(<failure message="it needs 31.4 GB of 22.7 GB" type="does-not-fit">)",
        R"(<failure message="vLLM 0.10 has no --device" type="removed-flag">)",
        R"(<skipped message="MODEL has no value here"/>)", "memory: needs 68.1 GB of 144.2 GB\n",
        "hardware: 3 times 2x h100-sxm-80gb\n"}) {
    CAPTURE(std::string(part));
    CHECK(contains(xml, part));
  }
}

TEST_CASE("JUnit of a file without services is an empty suite") {
  DeploymentReport report;
  report.files = {"a.yaml"};
  CHECK(contains(render::junit(report, {}),
                 R"(<testsuite name="a.yaml" tests="0" failures="0" errors="0" skipped="0" time="0">)"));
}

TEST_CASE("JUnit names the suite of a command that is in no file") {
  DeploymentReport report;
  report.services = {sample::service("vllm", "", 0, ServiceReport::Status::fits)};
  const std::string xml = render::junit(report, {});
  CHECK(contains(xml, R"(<testsuite name="command" tests="1")"));
  CHECK(contains(xml, R"(<testcase name="vllm" classname="command" time="0">)"));
}

TEST_CASE("hostile texts stay texts in JUnit") {
  const std::string xml = render::junit(sample::hostile_deployment(), {});
  CHECK(!contains(xml, "<img"));
  CHECK(!contains(xml, "]]>"));
  CHECK(std::ranges::none_of(xml, [](char c) { return c > 0 && c < 0x20 && c != '\n'; }));
  CHECK(!contains(xml, "\xff"));
  for (const char* tag : {"testsuite", "testcase", "failure", "system-out"})
    CHECK(count(xml, std::string("<") + tag + ' ') + count(xml, std::string("<") + tag + '>') ==
          count(xml, std::string("</") + tag + '>'));
}

// ---- Markdown

TEST_CASE("the comment has a mark, the answer, a table and the findings") {
  CHECK(
      lines_of(render::markdown(sample::deployment(), {})) ==
      std::vector<std::string>{
          "<!-- vramcalc -->",
          "**1 of 5 services does not fit; 1 would not start; 1 is unresolved; 1 is tight, and gpu0 of "
          "compose.yaml cannot hold what may run at once**",
          "", "| Service | Hardware | Needs | Usable | Verdict |", "|---|---|--:|--:|---|",
          "| `chat` `compose.yaml:12` | `3 times 2x h100-sxm-80gb` | 68.1 GB | 144.2 GB | fits |",
          "| `embed` `compose.yaml:31` | `rtx-4090` | 31.4 GB | 22.7 GB | **does not fit** |",
          "| `rerank` `k8s/models.yaml:40` | `l4` | - | - | **would not start** |",
          "| `draft` `k8s/models.yaml:71` | - | - | - | **unresolved** |",
          "| `code` `k8s/models.yaml:101` | `a100-pcie-40gb` | 38.2 GB | 38.4 GB | **tight** |", "",
          "- **error** `compose.yaml`: chat and embed need 30.5 GB of gpu0 together, which has 25.2 GB "
          "(`shared-gpu-overfull`)<br>give one of them gpu1",
          "- **warning** `compose.yaml:20`: chat: --max-model-len is given twice; 32768 counts "
          "(`repeated-flag`)<br>remove one of them",
          "- **error** `compose.yaml:31`: embed: it needs 31.4 GB of 22.7 GB (`does-not-fit`)<br>"
          "--max-model-len 4096 fits",
          "- **error** `k8s/models.yaml:52`: rerank: vLLM 0.10 has no --device (`removed-flag`)<br>remove it",
          "- **warning** `k8s/models.yaml:80`: draft: MODEL has no value here (`unresolved`)<br>--set "
          "MODEL=VALUE",
          "- **warning** `k8s/models.yaml:101`: code: it needs 38.2 GB of 38.4 GB: only the low end of the "
          "interval fits (`tight`)",
          "", "> k8s/extra.yaml has nothing that starts a model"});
}

TEST_CASE("a change comes first, with what was before and after") {
  const std::vector<std::string> lines = lines_of(render::markdown(sample::changed_deployment(), {}));
  const std::vector<std::string> expected = {
      "<!-- vramcalc -->",
      "### This change adds 6.1 GB on gpu0 of compose.yaml",
      "",
      "| | Before | After | Change |",
      "|---|--:|--:|--:|",
      "| `gpu0` of `compose.yaml` | 24.4 GB | 30.5 GB | +6.1 GB |",
      "| `embed` | 22.1 GB, fits | 31.4 GB, does not fit | +9.3 GB |",
      "| `old` | 5.0 GB, fits | - | - |",
      "| `draft` | - | unresolved | - |",
      "",
  };
  REQUIRE(lines.size() > expected.size());
  CHECK(std::vector(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(expected.size())) == expected);
}

TEST_CASE("a comment on many services stays short") {
  DeploymentReport report = sample::one_service();
  report.services.resize(500, report.services[0]);
  for (std::size_t i = 0; i < 200; ++i) report.services[i].status = ServiceReport::Status::tight;
  const std::string text = render::markdown(report, {});
  CHECK(text.size() < 65'536);
  CHECK(contains(text, "<sub>288 more fit</sub>"));
  CHECK(contains(text, "- and 150 more findings"));
}

TEST_CASE("Markdown shows texts as they are") {
  const std::pair<std::string, std::string> texts[] = {
      {"a|b",                 "a\\|b"                        },
      {"`code`",              "\\`code\\`"                   },
      {"<img src=x>",         "&lt;img src=x&gt;"            },
      {"a & b",               "a &amp; b"                    },
      {"@all #12",            "@<!-- -->all #<!-- -->12"     },
      {"*a* _b_ [c](d)",      "\\*a\\* \\_b\\_ \\[c\\](d)"   },
      {"two\nlines",          "two\\\\x0alines"              },
      {"back\\slash ~x~ $y$", "back\\\\slash \\~x\\~ \\$y\\$"},
  };
  for (const auto& [text, expected] : texts) CHECK(render::markdown_text(text) == expected);
}

TEST_CASE("code in Markdown holds backticks, and a bar does not end its cell") {
  CHECK(render::markdown_code("a|b") == "`a|b`");
  CHECK(render::markdown_code("a|b", true) == "`a\\|b`");
  CHECK(render::markdown_code("a`b``c") == "```a`b``c```");
  CHECK(render::markdown_code("`a") == "`` `a ``");
  CHECK(render::markdown_code("a\nb") == "`a\\x0ab`");
  CHECK(render::markdown_code("").empty());
}

TEST_CASE("hostile texts break no table and bring no HTML") {
  const std::string text = render::markdown(sample::hostile_deployment(), {});
  CHECK(count(text, "\n| ") == 1 + 4 + 1 + 5);  // the head and rows of both tables
  for (const std::string& line : lines_of(text)) {
    if (!line.starts_with('|')) continue;
    CAPTURE(line);
    const std::size_t bars = count(line, "|") - count(line, "\\|");
    CHECK((bars == 5 || bars == 6));
  }
}

TEST_CASE("every kind of report has Markdown") {
  for (const Report& report : sample::one_of_each_kind()) {
    const std::string text = render::markdown(report, {});
    CHECK(!text.empty());
    CHECK(text.back() == '\n');
    CHECK(!contains(text, "\n\n\n"));
  }
  CHECK(contains(render::markdown(sample::check(), {}), "| device |"));
}

// ---- the line that all begin or end with

TEST_CASE("the answer counts what needs attention") {
  using enum ServiceReport::Status;
  const struct {
    std::vector<ServiceReport::Status> statuses;
    std::string answer;
  } rows[] = {
      {{},                                             "nothing here starts a model"                },
      {{fits},                                         "the service fits"                           },
      {{would_not_start},                              "the service would not start"                },
      {{fits, fits},                                   "all 2 services fit"                         },
      {{unresolved, unresolved},                       "all 2 services are unresolved"              },
      {{fits, does_not_fit, does_not_fit, unresolved}, "2 of 4 services do not fit; 1 is unresolved"},
      {{fits, tight, tight},                           "2 of 3 services are tight"                  },
      {{fits, would_not_start},                        "1 of 2 services would not start"            },
  };
  for (const auto& row : rows) {
    DeploymentReport report;
    for (const ServiceReport::Status status : row.statuses)
      report.services.push_back(sample::service("a", "f", 1, status));
    CHECK(lines_of(render::github(report, {})).back() == "vramcalc: " + row.answer);
  }
}

TEST_CASE("the answer tells of GPUs that do not hold their services together") {
  DeploymentReport report = sample::deployment();
  for (ServiceReport& service : report.services) service.status = ServiceReport::Status::fits;
  CHECK(lines_of(render::github(report, {})).back() ==
        "vramcalc: all 5 services fit by themselves, and gpu0 of compose.yaml cannot hold what may run at "
        "once");
}
