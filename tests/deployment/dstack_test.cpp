#include "deployment/formats/readers.hpp"
#include "manifest_reading.hpp"

using namespace vramcalc::deployment;

namespace {

const ManifestReader dstack{is_dstack, read_dstack};

struct Row {
  std::string text, shown;
};

}  // namespace

TEST_CASE("a run of dstack says its type") {
  const auto is = [](const std::string& text) { return is_dstack(parse_yaml({"a.yaml", text}).front()); };
  CHECK(is("type: service\nimage: x\n"));
  CHECK(is("type: task\ncommands: [x]\n"));
  CHECK_FALSE(is("type: fleet\nresources: {}\n"));
  CHECK_FALSE(is("type: service\n"));
  CHECK_FALSE(is("apiVersion: v1\ntype: service\nimage: x\n"));
}

TEST_CASE("a run's GPU has a name, a size, a number, or some of them") {
  const auto row = GENERATE(values<Row>({
      {"H100:2",                                     "count 2 h100-sxm-80gb"},
      {"24GB",                                       "count 1"              },
      {"80GB:2",                                     "count 2"              },
      {"A100:80GB:4",                                "count 4 a100-sxm-80gb"},
      {"nvidia:L4",                                  "count 1 l4"           },
      {"L4,L40S",                                    "count 1"              },
      {"H100:1..4",                                  " h100-sxm-80gb"       },
      {"24GB..80GB",                                 "count 1"              },
      {"{name: H100, count: 8}",                     "count 8 h100-sxm-80gb"},
      {"{name: [L4, L40S], memory: 24GB, count: 2}", "count 2"              },
      {"2",                                          "count 2"              },
  }));
  CAPTURE(row.text);
  const Reading reading =
      dstack("type: service\ncommands: [vllm serve a/b]\nresources:\n  gpu: " + row.text + "\n");
  REQUIRE(reading.launches.size() == 1);
  CHECK(shown(reading.launches[0].gpus) == row.shown);
}

TEST_CASE("the commands of a run are one script, each at its line") {
  const Launch launch = dstack(
                            "type: service\nname: chat\nimage: vllm/vllm-openai:v0.10.1\nenv:\n- "
                            "MODEL=a/b\n- HF_TOKEN\ncommands:\n"
                            "- export SIZE=8192\n\n- |\n  vllm serve $MODEL\n    --max-model-len $SIZE\n- "
                            "vllm serve $MODEL -tp $DSTACK_GPUS_NUM --max-model-len $SIZE\n"
                            "resources: {gpu: H100:2}\nreplicas: 1..4\n")
                            .launches.back();
  CHECK(shown(launch) == "vllm: a/b -tp 2 --max-model-len 8192");
  CHECK(launch.arguments.at(0).at.line == 13);
  CHECK(launch.replicas == 4);
  CHECK(launch.release == "0.10.1");
}

TEST_CASE("nodes are pods, and replicas may come in groups") {
  CHECK(dstack("type: task\nnodes: 2\ncommands: [vllm serve a/b]\n").launches.at(0).pods == 2);
  const Reading reading = dstack(
      "type: service\nimage: vllm/vllm-openai\nreplicas:\n- {count: 2, commands: [vllm serve a/b], "
      "resources: {gpu: L4}}\n"
      "- {count: 1, commands: [vllm serve c/d], resources: {gpu: L40S}}\n");
  CHECK(shown(reading.launches) == "a/b vllm: a/b\nc/d vllm: c/d\n");
  CHECK(reading.launches.at(0).replicas == 2);
  CHECK(reading.launches.at(0).gpus.hardware == "l4");
}

TEST_CASE("a run for something else is left open if it gets GPUs") {
  CHECK(dstack("type: task\ncommands: [python train.py]\nresources: {gpu: L4}\n")
            .launches.at(0)
            .program.empty());
  CHECK(dstack("type: task\ncommands: [python train.py]\n").launches.empty());
  CHECK(dstack("type: dev-environment\nide: vscode\nresources: {gpu: L4}\n").launches.empty());
}
