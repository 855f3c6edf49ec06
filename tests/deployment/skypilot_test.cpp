#include "deployment/formats/readers.hpp"
#include "manifest_reading.hpp"

using namespace vramcalc::deployment;

namespace {

const ManifestReader skypilot{is_skypilot, read_skypilot};
const std::string run = "run: vllm serve a/b\n";

struct Row {
  std::string text, shown;
};

}  // namespace

TEST_CASE("a task of SkyPilot has a script and what it needs") {
  const auto is = [](const std::string& text) { return is_skypilot(parse_yaml({"a.yaml", text}).front()); };
  CHECK(is("resources: {accelerators: L4}\nrun: x\n"));
  CHECK(is("setup: x\nrun: |\n  x\n"));
  CHECK_FALSE(is("run: x\n"));
  CHECK_FALSE(is("resources: {}\n"));
  CHECK_FALSE(is("apiVersion: v1\nresources: {}\nrun: x\n"));
}

TEST_CASE("accelerators tell GPUs and their number") {
  const auto row = GENERATE(values<Row>({
      {"H100:8",           "count 8 h100-sxm-80gb"},
      {"L4",               "count 1 l4"           },
      {"{H100: 4}",        "count 4 h100-sxm-80gb"},
      {"A100-80GB:2",      "count 2 a100-sxm-80gb"},
 // SkyPilot's A100 is the smaller one.
      {"A100:2",           "count 2 a100-sxm-40gb"},
      {"[L4:1, L40S:1]",   "count 1"              },
      {"{L4: 2, L40S: 4}", ""                     },
      {"NoSuchCard:2",     "count 2"              },
      {"L4:some",          " l4"                  },
  }));
  CAPTURE(row.text);
  const Reading reading = skypilot("resources:\n  accelerators: " + row.text + "\n" + run);
  REQUIRE(reading.launches.size() == 1);
  CHECK(shown(reading.launches[0].gpus) == row.shown);
}

TEST_CASE("parts of a GPU, instances and choices") {
  CHECK(skypilot("resources: {accelerators: 'L4:0.5'}\n" + run).launches.at(0).gpus.fraction == 0.5);
  CHECK(shown(skypilot("resources: {instance_type: p5.48xlarge}\n" + run).launches.at(0).gpus) ==
        "count 8 h100-sxm-80gb");
  const Launch any =
      skypilot("resources:\n  any_of:\n  - {accelerators: L4:2}\n  - {accelerators: L40S:2}\n" + run)
          .launches.at(0);
  CHECK(shown(any.gpus) == "count 2");
  CHECK(any.gpus.said_as == "accelerators: L4:2, L40S:2");
}

TEST_CASE("nodes of a task are pods, and a service has replicas") {
  const Launch launch = skypilot(
                            "num_nodes: 2\nresources: {accelerators: H100:8}\nservice: {replica_policy: "
                            "{min_replicas: 1, max_replicas: 3}}\n" +
                            run)
                            .launches.at(0);
  CHECK(launch.pods == 2);
  CHECK(launch.replicas == 3);
  CHECK(skypilot("service: {replicas: 2}\n" + run).launches.at(0).replicas == 2);
}

TEST_CASE("the script has the task's variables, and its lines") {
  const std::string text =
      "name: chat\nenvs:\n  MODEL: a/b\n  SIZE: null\nresources:\n  accelerators: H100:4\nrun: |\n  echo "
      "start\n"
      "  vllm serve $MODEL -tp $SKYPILOT_NUM_GPUS_PER_NODE --max-model-len $SIZE\n";
  const Launch launch = skypilot(text).launches.at(0);
  CHECK(shown(launch) == "vllm: a/b -tp 4 --max-model-len {${SIZE}}");
  CHECK(launch.name == "chat");
  CHECK(launch.arguments.at(0).at.line == 9);
  CHECK(shown(skypilot(text,
                       {
                           {"MODEL", "c/d" },
                           {"SIZE",  "8192"}
  })
                  .launches.at(0)) == "vllm: c/d -tp 4 --max-model-len 8192");
}

TEST_CASE("a task with GPUs for something else is left open, and one without is nobody's") {
  CHECK(shown(skypilot("resources: {accelerators: L4}\nrun: python train.py\n").launches) == " :\n");
  CHECK(skypilot("resources: {cpus: 4}\nrun: python train.py\n").launches.empty());
}
