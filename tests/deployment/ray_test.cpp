#include "catch.hpp"
#include "launch_text.hpp"

using namespace vramcalc;
using namespace vramcalc::deployment;

namespace {

using Lines = std::vector<std::string>;

std::string applications(const std::string& config) {
  return "applications:\n- name: llm\n  import_path: ray.serve.llm:build_openai_app\n  args:\n    "
         "llm_configs:\n    - " +
         config + "\n";
}

}  // namespace

TEST_CASE("Ray Serve's configurations of models become vLLM's arguments") {
  struct Row {
    std::string config, launch;
  };
  const std::string loading = "{model_loading_config: {model_id: chat, model_source: Qwen/Qwen3-8B}";
  const auto [config, launch] = GENERATE_COPY(
      Row{loading + "}", "chat: vllm Qwen/Qwen3-8B | 1 GPU"},
      Row{loading +
              ", accelerator_type: A10G, engine_kwargs: {tensor_parallel_size: 2, max_model_len: 8192}}",
          "chat: vllm Qwen/Qwen3-8B --tensor-parallel-size 2 --max-model-len 8192 | 2 GPU | a10g"},
      Row{loading +
              ", engine_kwargs: {enforce_eager: true, enable_prefix_caching: false, load_format: null}}",
          "chat: vllm Qwen/Qwen3-8B --enforce-eager --no-enable-prefix-caching | 1 GPU"},
      Row{loading + ", engine_kwargs: {speculative_config: {method: ngram, num_speculative_tokens: 4}}}",
          "chat: vllm Qwen/Qwen3-8B --speculative-config {\"method\": \"ngram\", \"num_speculative_tokens\": "
          "4} | 1 GPU"},
      Row{loading + ", accelerator_type: A100}",
          "chat: vllm Qwen/Qwen3-8B | 1 GPU | \"accelerator_type: A100\""},
      Row{loading + ", accelerator_type: A100-80G, deployment_config: {autoscaling_config: {min_replicas: 1, "
                    "max_replicas: 4}}}",
          "chat: vllm Qwen/Qwen3-8B | 1 GPU | a100-sxm-80gb | 4 replicas"},
      Row{"{model_loading_config: {model_id: Qwen/Qwen3-4B}}", "Qwen/Qwen3-4B: vllm Qwen/Qwen3-4B | 1 GPU"},
      Row{"{model_loading_config: {model_id: chat, model_source: {bucket_uri: \"s3://b/m\"}}}",
          "chat: vllm s3://b/m | 1 GPU | unresolved: s3://b/m is a place outside the hub"},
      Row{"models/chat.yaml", "llm: ? | unresolved: models/chat.yaml is a file that is not in the input"});
  CAPTURE(config);
  CHECK(launches_of(applications(config)) == Lines{launch});
}

TEST_CASE("an application of one's own code is unresolved if it wants GPUs") {
  const std::string own =
      "applications: [{name: a, import_path: \"chat:app\", deployments: [{name: d, ray_actor_options: "
      "{num_gpus: N}}]}]";
  const auto with = [&](const std::string& count) {
    return std::string(own).replace(own.find('N'), 1, count);
  };
  CHECK(launches_of(with("1")) ==
        Lines{"a: ? | unresolved: chat:app is the application's own code, which starts the model"});
  CHECK(launches_of(with("0")).empty());
}

TEST_CASE("a RayService has its configuration as a text, with lines of the manifest") {
  const Reading reading = reading_of(R"(apiVersion: ray.io/v1
kind: RayService
metadata: {name: chat}
spec:
  serveConfigV2: |
    applications:
      - name: llm
        import_path: ray.serve.llm:build_openai_app
        args:
          llm_configs:
            - model_loading_config: {model_id: chat, model_source: Qwen/Qwen3-8B}
              engine_kwargs: {tensor_parallel_size: 2}
  rayClusterConfig:
    workerGroupSpecs:
      - replicas: 1
        template:
          spec:
            nodeSelector: {cloud.google.com/gke-accelerator: nvidia-l4}
            containers: [{image: rayproject/ray-llm, resources: {limits: {nvidia.com/gpu: 2}}}]
)");
  REQUIRE(reading.launches.size() == 1);
  CHECK(text_of(reading.launches[0]) == "chat: vllm Qwen/Qwen3-8B --tensor-parallel-size 2 | 2 GPU | l4");
  CHECK(reading.launches[0].at == Position{"manifest.yaml", 11});
}

TEST_CASE("an engine that a cluster's head starts has the GPUs of all nodes") {
  const std::string pod =
      "{spec: {containers: [{image: vllm/vllm-openai, COMMAND resources: {limits: {nvidia.com/gpu: 2}}}]}}";
  const auto with = [&](const std::string& command) {
    return std::string(pod).replace(pod.find("COMMAND"), 7, command);
  };
  const std::string head =
      with("command: [bash, -c], args: [\"ray start --head; vllm serve Qwen/Qwen3-8B -tp 2 -pp 3\"],");
  CHECK(launches_of("apiVersion: ray.io/v1\nkind: RayCluster\nmetadata: {name: chat}\nspec:\n  "
                    "headGroupSpec: {template: " +
                    head + "}\n  workerGroupSpecs: [{replicas: 2, groupName: w, template: " +
                    with("command: [bash, -c], args: [\"ray start --block\"],") + "}]") ==
        Lines{"chat: vllm Qwen/Qwen3-8B -tp 2 -pp 3 | 2 GPU | \"nvidia.com/gpu: 2\" | 3 pods"});
}

TEST_CASE("a cluster's nodes do not tell what runs on them") {
  CHECK(launches_of(
            "apiVersion: ray.io/v1\nkind: RayCluster\nmetadata: {name: x}\nspec: {workerGroupSpecs: "
            "[{groupName: "
            "gpu, replicas: 2, template: {spec: {containers: [{image: \"rayproject/ray:2.9\", resources: "
            "{limits: {nvidia.com/gpu: 1}}}]}}}]}") ==
        Lines{"x/gpu: ? | 1 GPU | \"nvidia.com/gpu: 1\" | 2 replicas | unresolved: rayproject/ray:2.9 is a "
              "node of a "
              "Ray cluster, and what runs on it is not in this manifest"});
}
