#include "deployment/formats/readers.hpp"
#include "manifest_reading.hpp"

using namespace vramcalc::deployment;

namespace {

const ManifestReader gpustack{is_gpustack, read_gpustack};

struct Row {
  std::string text, shown;
};

}  // namespace

TEST_CASE("GPUStack's files have models of the hub, or backends of users") {
  const auto is = [](const std::string& text) { return is_gpustack(parse_yaml({"a.yaml", text}).front()); };
  CHECK(is("name: a\nhuggingface_repo_id: a/b\n"));
  CHECK(is("model_sets:\n- name: a\n  specs:\n  - {huggingface_repo_id: a/b}\n"));
  CHECK(is("backend_name: x\nversion_configs: {v1: {image_name: x}}\n"));
  CHECK_FALSE(is("name: a\nbackend: vllm\n"));
  CHECK_FALSE(is("apiVersion: v1\nhuggingface_repo_id: a/b\n"));
}

TEST_CASE("a model of GPUStack is its backend's command line") {
  const auto row = GENERATE(values<Row>({
      {"backend: vLLM\nbackend_parameters: [--max-model-len=8192, --tensor-parallel-size=2]\n",
       "m vllm: a/b --max-model-len=8192 --tensor-parallel-size=2\n"                                   },
      {"backend: vllm\nbackend_parameters: [--seed 1]\ngpu_selector: {gpus_per_replica: 4}\n",
       "m vllm: a/b --seed 1 --tensor-parallel-size 4\n"                                               },
      {"backend: SGLang\ngpu_selector: {gpu_ids: ['w:cuda:0', 'w:cuda:1']}\n",
       "m sglang: --model-path a/b --tp-size 2\n"                                                      },
      {"backend: llama-box\n",                                                                  "m :\n"},
      {"",                                                                                      "m :\n"},
  }));
  CAPTURE(row.text);
  CHECK(shown(gpustack("name: m\nhuggingface_repo_id: a/b\n" + row.text).launches) == row.shown);
}

TEST_CASE("GPUs that GPUStack chooses are left open") {
  const Launch launch =
      gpustack("name: m\nhuggingface_repo_id: a/b\nbackend: vllm\nreplicas: 2\nbackend_version: v0.10.1\n")
          .launches.at(0);
  CHECK(open_names(launch) == std::vector<std::string>{"gpu_selector"});
  CHECK(launch.replicas == 2);
  CHECK(launch.release == "0.10.1");
}

TEST_CASE("a catalog has models in sets, and each of their variants is one") {
  const Reading reading = gpustack(
      "model_sets:\n- name: one\n  specs:\n  - {backend: vLLM, huggingface_repo_id: a/b, backend_parameters: "
      "[--tensor-parallel-size=1]}\n"
      "  - {backend: vLLM, model_scope_model_id: c/d, backend_parameters: [--tensor-parallel-size=2]}\n");
  CHECK(shown(reading.launches) ==
        "one vllm: a/b --tensor-parallel-size=1\none vllm: c/d --tensor-parallel-size=2\n");
}

TEST_CASE("a user's backend leaves the model open") {
  const Launch launch = gpustack(
                            "backend_name: mine\nversion_configs:\n  v1: {image_name: my/vllm, run_command: "
                            "'vllm serve {{model_path}} --port {{port}}'}\n")
                            .launches.at(0);
  CHECK(shown(launch) == "vllm: {{{model_path}}} --port {{{port}}}");
  CHECK(launch.name == "mine v1");
}
