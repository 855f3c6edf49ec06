#include "catch.hpp"
#include "launch_text.hpp"

using namespace vramcalc;
using namespace vramcalc::deployment;

namespace {

using Lines = std::vector<std::string>;

std::string model(const std::string& spec) {
  return "apiVersion: kubeai.org/v1\nkind: Model\nmetadata: {name: chat}\nspec: " + spec;
}

}  // namespace

TEST_CASE("KubeAI's models have a URL, an engine and a resource profile") {
  struct Row {
    std::string spec, launch;
  };
  const std::string qwen = "{url: \"hf://Qwen/Qwen3-8B\", engine: VLLM";
  const auto [spec, launch] = GENERATE_COPY(
      Row{qwen + ", args: [--dtype=half], resourceProfile: \"nvidia-gpu-h100:2\"}",
          "chat: vllm Qwen/Qwen3-8B --dtype=half | 2 GPU | h100-sxm-80gb"},
      Row{qwen + ", resourceProfile: \"nvidia-gpu-a100-40gb:1\", minReplicas: 0}",
          "chat: vllm Qwen/Qwen3-8B | 1 GPU | a100-sxm-40gb"},
      Row{qwen + ", resourceProfile: \"amd-gpu-mi300x:8\", maxReplicas: 3}",
          "chat: vllm Qwen/Qwen3-8B | 8 GPU | mi300x | 3 replicas"},
      Row{qwen + ", resourceProfile: \"ours:4\"}",
          "chat: vllm Qwen/Qwen3-8B | 4 GPU | \"resourceProfile: ours:4\""},
      Row{qwen + ", resourceProfile: \"cpu:4\"}",
          "chat: vllm Qwen/Qwen3-8B | 0 GPU | \"resourceProfile: cpu:4\""},
      Row{"{url: \"ollama://gemma2:9b?pull=true\", engine: OLlama, resourceProfile: \"nvidia-gpu-l4:1\"}",
          "chat: ollama gemma2:9b | 1 GPU | l4"},
      Row{"{url: \"s3://b/m\", engine: VLLM}",
          "chat: vllm s3://b/m | unresolved: s3://b/m is a place outside the hub"},
      Row{"{url: \"hf://a/b\", engine: FasterWhisper}",
          "chat: ? | unresolved: chat uses the engine FasterWhisper, which is not calculated"});
  CAPTURE(spec);
  CHECK(launches_of(model(spec)) == Lines{launch});
}

TEST_CASE("a VLLMRuntime has vLLM's settings") {
  CHECK(launches_of(R"(apiVersion: production-stack.vllm.ai/v1alpha1
kind: VLLMRuntime
metadata: {name: chat}
spec:
  model: {modelURL: Qwen/Qwen3-8B, maxModelLen: 4096, dtype: bfloat16, enableLoRA: true}
  vllmConfig: {gpuMemoryUtilization: "0.8", enablePrefixCaching: true, extraArgs: ["--seed", "1"]}
  deploymentConfig:
    replicas: 2
    image: {name: "vllm/vllm-openai:v0.10.1"}
    resources: {gpu: "1", gpuType: nvidia.com/gpu}
)") == Lines{"chat: vllm Qwen/Qwen3-8B --enable-lora --max-model-len 4096 --dtype bfloat16 "
             "--gpu-memory-utilization "
             "0.8 --enable-prefix-caching --seed 1 | 1 GPU | \"nvidia.com/gpu: 1\" | 2 replicas"});
}

TEST_CASE("Dynamo's workers are engines with its flags, without Dynamo's own") {
  CHECK(launches_of(R"(apiVersion: nvidia.com/v1alpha1
kind: DynamoGraphDeployment
metadata: {name: graph}
spec:
  services:
    Frontend:
      componentType: frontend
      extraPodSpec: {mainContainer: {image: nvcr.io/nvidia/ai-dynamo/vllm-runtime:0.8.1}}
    Decode:
      replicas: 2
      resources: {limits: {gpu: "4"}}
      extraPodSpec:
        mainContainer:
          image: nvcr.io/nvidia/ai-dynamo/vllm-runtime:0.8.1
          command: [python3, -m, dynamo.vllm]
          args: [--model, Qwen/Qwen3-8B, --is-decode-worker, --connector, nixl, lmcache, -tp, "4"]
    Script:
      multinode: {nodeCount: 2}
      resources: {limits: {gpu: "8"}}
      extraPodSpec:
        mainContainer:
          image: x
          command: [/bin/sh, -c]
          args: ["python3 -m dynamo.sglang --model-path Qwen/Qwen3-8B --page-size 16"]
    Compiled:
      resources: {limits: {gpu: "1"}}
      extraPodSpec: {mainContainer: {image: x, command: [python3, -m, dynamo.trtllm]}}
)") == Lines{"graph/Decode: vllm --model Qwen/Qwen3-8B -tp 4 | 4 GPU | \"nvidia.com/gpu: 4\" | 2 replicas",
             "graph/Script: sglang --model-path Qwen/Qwen3-8B --page-size 16 | 8 GPU | \"nvidia.com/gpu: 8\" "
             "| 2 pods",
             "graph/Compiled: ? | 1 GPU | \"nvidia.com/gpu: 1\" | unresolved: x runs TensorRT-LLM, whose "
             "command line "
             "is not read"});
}

TEST_CASE("operators that choose the command themselves are unresolved") {
  CHECK(launches_of(
            "apiVersion: apps.nvidia.com/v1alpha1\nkind: NIMService\nmetadata: {name: chat}\nspec: {image: "
            "{repository: nvcr.io/nim/meta/llama3}, resources: {limits: {nvidia.com/gpu: 1}}}") ==
        Lines{"chat: ? | 1 GPU | \"nvidia.com/gpu: 1\" | unresolved: nvcr.io/nim/meta/llama3 is a NIM "
              "container, which "
              "chooses its engine and its options itself"});
  CHECK(
      launches_of(
          "apiVersion: kaito.sh/v1beta1\nkind: Workspace\nmetadata: {name: chat}\nresource: {instanceType: "
          "Standard_NC24ads_A100_v4}\ninference: {preset: {name: phi-4}}") ==
      Lines{"chat: ? | 1 GPU | a100-pcie-80gb | unresolved: preset phi-4 is what KAITO makes a command of"});
}
