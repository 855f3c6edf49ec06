#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "render/deployment_sample.hpp"
#include "render/render.hpp"
#include "render/text.hpp"

using namespace vramcalc;
using sample::contains;
using sample::lines_of;

namespace {

std::string table(const DeploymentReport& report, int columns) {
  render::Style style;
  style.columns = columns;
  return render::table(report, style);
}

using Lines = std::vector<std::string>;

Lines first_lines(const DeploymentReport& report, int columns, std::size_t count) {
  Lines lines = lines_of(table(report, columns));
  lines.resize(std::min(lines.size(), count));
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

TEST_CASE("the answer comes first, then a row per service under its file") {
  CHECK(first_lines(sample::deployment(), 100, 10) ==
        Lines{"1 of 5 services does not fit; 1 would not start; 1 is unresolved; 1 is tight, and gpu0 of",
              "  compose.yaml cannot hold what may run at once",
              "  status           service  model                         copies  hardware          needs GB  "
              "usable",
              "  compose.yaml",
              "  fits             chat     Qwen/Qwen3-32B                     3  2x h100-sxm-80gb      68.1  "
              " 144.2",
              "  does not fit     embed    Qwen/Qwen3-Embedding-8B            1  rtx-4090              31.4  "
              "  22.7",
              "  k8s/models.yaml",
              "  would not start  rerank   BAAI/bge-reranker-v2-m3            1  l4                       -  "
              "     -",
              "  unresolved       draft    -                                  1  -                        -  "
              "     -",
              "  tight            code     Qwen/Qwen3-Coder-30B-A3B-In…       1  a100-pcie-40gb        38.2  "
              "  38.4"});
}

TEST_CASE("a narrow page has brief words and never cuts a figure") {
  CHECK(first_lines(sample::deployment(), 60, 11) ==
        Lines{"1 of 5 services does not fit; 1 would not start; 1 is",
              "  unresolved; 1 is tight, and gpu0 of compose.yaml cannot", "  hold what may run at once",
              "  status    service  model      x  hardware    needs  usable", "  compose.yaml",
              "  fits      chat     Qwen3-32B  3  2x h100-s…   68.1   144.2",
              "  no fit    embed    Qwen3-Em…  1  rtx-4090     31.4    22.7", "  k8s/models.yaml",
              "  no start  rerank   bge-rera…  1  l4              -       -",
              "  unknown   draft    -          1  -               -       -",
              "  tight     code     Qwen3-Co…  1  a100-pcie…   38.2    38.4"});
}

TEST_CASE("findings stand below, each with its place, its code and what to do") {
  const std::string text = table(sample::deployment(), 100);
  CHECK(contains(
      text,
      "\n\ncompose.yaml: error: chat and embed need 30.5 GB of gpu0 together, which has 25.2 GB\n"
      "  [shared-gpu-overfull]\n"
      "  give one of them gpu1\n"
      "compose.yaml:20: warning: chat: --max-model-len is given twice; 32768 counts [repeated-flag]\n"
      "  remove one of them\n"));
  CHECK(contains(
      text,
      "\n\nk8s/models.yaml:52: error: rerank: vLLM 0.10 has no --device [removed-flag]\n  remove it\n"));
}

TEST_CASE("GPUs that services share have their sums") {
  CHECK(contains(table(sample::deployment(), 60),
                 "\nGPUs that services share, in GB\n"
                 "  machine       gpu   needs  usable         runs at once\n"
                 "  compose.yaml  gpu0   30.5    25.2  no     chat and embed\n"
                 "  compose.yaml  gpu1   12.1    25.2  great  chat\n"));
  DeploymentReport alone = sample::deployment();
  alone.machines[0].gpus[0].services = {"chat"};
  CHECK(!contains(table(alone, 60), "services share"));
}

TEST_CASE("a change stands below with the services that differ") {
  CHECK(contains(table(sample::changed_deployment(), 80),
                 "\nThis change adds 6.1 GB on gpu0 of compose.yaml (since main.json)\n"
                 "  service  before         after\n"
                 "  embed    fits, 22.1 GB  does not fit, 31.4 GB\n"
                 "  old      fits, 5.0 GB   -\n"
                 "  draft    -              unresolved\n"));
}

TEST_CASE("one service is shown in the detail of a check") {
  const std::string text = table(sample::one_service(), 80);
  CHECK(text.starts_with("the service fits\n"));
  CHECK(contains(text, "\ngreat: Qwen3 32B FP8 at 32,768 tokens on 2x NVIDIA H100\n"));
  CHECK(contains(text, "largest context that fits: 40,960"));
}

TEST_CASE("of many services that fit, the first are listed, and --all lists the rest") {
  DeploymentReport report = sample::one_service();
  report.services.resize(500, report.services[0]);
  report.services[400].status = ServiceReport::Status::unresolved;
  report.services[400].name = "the-odd-one";
  CHECK(contains(table(report, 80), "487 more fit; --all lists them\n"));
  CHECK(contains(table(report, 80), "the-odd-one"));
  render::Style all;
  all.all = true;
  CHECK(lines_of(render::table(report, all)).size() > 500);
}

TEST_CASE("statuses have the colours of verdicts") {
  render::Style style;
  style.columns = 100;
  style.colour = true;
  const std::string text = render::table(sample::deployment(), style);
  for (const std::string_view status :
       {"\033[32mfits\033[0m", "\033[31mdoes not fit\033[0m", "\033[31mwould not start\033[0m",
        "\033[33munresolved\033[0m", "\033[33mtight\033[0m"})
    CHECK(contains(text, status));
}
