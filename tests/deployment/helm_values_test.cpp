#include "catch.hpp"
#include "deployment/formats/readers_kubernetes.hpp"
#include "launch_text.hpp"

using namespace vramcalc;
using namespace vramcalc::deployment;

namespace {

using Lines = std::vector<std::string>;

std::string stack(const std::string& model) {
  return "servingEngineSpec:\n  modelSpec:\n  - {name: chat, repository: vllm/vllm-openai, tag: v0.10.1, " +
         model + "}\n";
}

}  // namespace

TEST_CASE("values of the vLLM production stack become vLLM's arguments") {
  struct Row {
    std::string model, launch;
  };
  const std::string url = "modelURL: Qwen/Qwen3-8B, ";
  const std::string start = "chat: vllm Qwen/Qwen3-8B";
  const auto [model, launch] = GENERATE_COPY(
      Row{url + "replicaCount: 2, requestGPU: 1", start + " | 1 GPU | \"requestGPU: 1\" | 2 replicas"},
      Row{url + "requestGPU: 1, vllmConfig: {maxModelLen: 4096, dtype: half, enableChunkedPrefill: false}",
          start + " --no-enable-chunked-prefill --max-model-len 4096 --dtype half --no-enable-prefix-caching "
                  "| 1 GPU | "
                  "\"requestGPU: 1\""},
      Row{url + "vllmConfig: {tensorParallelSize: 2, gpuMemoryUtilization: 0.8, enablePrefixCaching: true, "
                "extraArgs: [\"--swap-space\", 0]}",
          start + " --tensor-parallel-size 2 --gpu-memory-utilization 0.8 --enable-prefix-caching "
                  "--swap-space 0"},
      Row{url + "lmcacheConfig: {enabled: true, cpuOffloadingBufferSize: \"20\"}",
          start + " --kv-transfer-config {\"kv_connector\":\"LMCacheConnectorV1\",\"kv_role\":\"kv_both\"}"},
      Row{url + "requestGPU: 1, requestGPUType: nvidia.com/mig-4g.71gb",
          start + " | 1 GPU | \"nvidia.com/mig-4g.71gb: 1\""},
      Row{url + "requestGPU: 4, nodeSelectorTerms: [{matchExpressions: [{key: nvidia.com/gpu.product, "
                "operator: In, "
                "values: [NVIDIA-L4]}]}]",
          start + " | 4 GPU | l4"},
      Row{url + "replicaCount: 1, requestGPU: 1, raySpec: {enabled: true, headNode: {requestGPU: 1}}",
          start + " | 1 GPU | \"requestGPU: 1\" | 2 pods"},
      Row{"modelURL: /data/models/chat", "chat: vllm /data/models/chat"},
      Row{"requestGPU: 1",
          "chat: ? | 1 GPU | \"requestGPU: 1\" | unresolved: vllm/vllm-openai:v0.10.1 has no modelURL"});
  CAPTURE(model);
  CHECK(launches_of(stack(model)) == Lines{launch});
}

TEST_CASE("the release is the tag's") {
  const Reading reading = reading_of(stack("modelURL: Qwen/Qwen3-8B"));
  REQUIRE(reading.launches.size() == 1);
  CHECK(reading.launches[0].image == "vllm/vllm-openai:v0.10.1");
  CHECK(reading.launches[0].release == "0.10.1");
}

TEST_CASE("values of the chart of Ollama name its models") {
  CHECK(launches_of("ollama:\n  gpu: {enabled: true, number: 1}\n  models: {pull: [llama3.1, qwen3:8b], run: "
                    "[qwen3:8b]}") == Lines{"qwen3:8b: ollama qwen3:8b | 1 GPU | \"ollama.gpu.enabled\""});
  CHECK(launches_of("image: {tag: \"${tag}\"}\nollama: {models: [llama3]}") ==
        Lines{"llama3: ollama llama3 | unresolved: tag has no value here"});
}

TEST_CASE("values of other charts are read if they have an engine's image and its arguments") {
  CHECK(launches_of(
            "chat:\n  image: {repository: vllm/vllm-openai, tag: v0.10.1}\n  args: [--model, Qwen/Qwen3-8B]\n"
            "  resources: {limits: {nvidia.com/gpu: 2}}\n  nodeSelector: {accelerator: nvidia-l4}\n") ==
        Lines{"chat: vllm --model Qwen/Qwen3-8B | 2 GPU | l4"});
  CHECK(launches_of(
            "image: {repository: vllm/vllm-openai}\nmodel: {id: Qwen/Qwen3-8B}\nextraArgs: [--dtype=half]") ==
        Lines{"vllm-openai: ? | unresolved: vllm/vllm-openai gets its command from a chart, whose templates "
              "are not in "
              "the input"});
}

TEST_CASE("other maps are no values of an engine's chart") {
  const std::string text =
      GENERATE("image: {tag: \"1\"}\ntolerations: []", "services: {a: {image: vllm/vllm-openai}}",
               "kind: Pod\nimage: vllm", "[1, 2]", "models: {a: {cmd: llama-server}}", "text");
  CAPTURE(text);
  CHECK_FALSE(is_helm_values(parse_yaml({"values.yaml", text}).front()));
}
