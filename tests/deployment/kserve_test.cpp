#include "catch.hpp"
#include "launch_text.hpp"

using namespace vramcalc;
using namespace vramcalc::deployment;

namespace {

using Lines = std::vector<std::string>;

std::string service(const std::string& predictor) {
  return "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: chat}\nspec:\n  "
         "predictor: " +
         predictor + "\n";
}

constexpr std::string_view runtime = R"(---
apiVersion: serving.kserve.io/v1alpha1
kind: ServingRuntime
metadata: {name: fast}
spec:
  supportedModelFormats: [{name: vLLM, autoSelect: true}]
  containers:
    - name: kserve-container
      image: vllm/vllm-openai:v0.10.1
      command: [python, -m, vllm.entrypoints.openai.api_server]
      args: [--model=/mnt/models, "--served-model-name={{.Name}}"]
      env: [{name: VLLM_USE_V1, value: "1"}]
)";

std::string llm(const std::string& spec) {
  return "apiVersion: serving.kserve.io/v1alpha2\nkind: LLMInferenceService\nmetadata: {name: chat}\nspec: " +
         spec;
}

}  // namespace

TEST_CASE("an InferenceService's model is merged into the runtime of the same input") {
  struct Row {
    std::string model, launch;
  };
  const std::string start = "chat: vllm --model=";
  const auto [model, launch] =
      GENERATE_COPY(Row{"{model: {runtime: fast, storageUri: \"hf://Qwen/Qwen3-8B\"}}",
                        start + "Qwen/Qwen3-8B --served-model-name=chat"},
                    Row{"{model: {modelFormat: {name: vLLM}, storageUri: \"hf://Qwen/Qwen3-8B:main\", args: "
                        "[--dtype, half]}}",
                        start + "Qwen/Qwen3-8B --served-model-name=chat --dtype half"},
                    Row{"{minReplicas: 2, model: {runtime: fast, storageUri: \"hf://Qwen/Qwen3-8B\", "
                        "resources: {limits: {nvidia.com/gpu: 2}}}, nodeSelector: {accelerator: nvidia-l4}}",
                        start + "Qwen/Qwen3-8B --served-model-name=chat | 2 GPU | l4 | 2 replicas"},
                    Row{"{model: {runtime: fast, storageUri: \"s3://models/chat/\"}}",
                        start + "s3://models/chat/ --served-model-name=chat | unresolved: s3://models/chat/ "
                                "is a place outside the hub"});
  CAPTURE(model);
  CHECK(launches_of(service(model) + std::string(runtime)) == Lines{launch});
}

TEST_CASE("a runtime alone lacks its InferenceService, and the service its runtime") {
  CHECK(launches_of(std::string(runtime).substr(4)) ==
        Lines{"fast: vllm --model=/mnt/models --served-model-name={{.Name}} | unresolved: InferenceService "
              "that uses "
              "the ServingRuntime is not in the input | unresolved: {{.Name}} is a template that is not "
              "rendered"});
  CHECK(launches_of(service("{model: {runtime: fast, storageUri: \"hf://Qwen/Qwen3-8B\", "
                            "resources: {limits: {nvidia.com/gpu: 1}}}}")) ==
        Lines{"chat: ? | 1 GPU | \"nvidia.com/gpu: 1\" | unresolved: runtime fast is not in the input"});
}

TEST_CASE("KServe's Hugging Face server serves with vLLM") {
  struct Row {
    std::string model, launch;
  };
  const auto [model, launch] =
      GENERATE(Row{"{args: [--model_name=chat, --model_id=Qwen/Qwen3-8B, --max_model_len=4096]}",
                   "chat: vllm Qwen/Qwen3-8B --served-model-name chat --max_model_len=4096"},
               Row{"{args: [--model_id, Qwen/Qwen3-8B, --backend=vllm, --dtype, half]}",
                   "chat: vllm Qwen/Qwen3-8B --dtype half"},
               Row{"{storageUri: \"hf://Qwen/Qwen3-8B\", args: [--model_dir=/mnt/models]}",
                   "chat: vllm Qwen/Qwen3-8B"},
               Row{"{args: [--model_id=Qwen/Qwen3-8B, --backend=huggingface]}",
                   "chat: ? | unresolved: chat runs KServe's own Hugging Face backend, whose memory is not "
                   "calculated"});
  std::string with_format = model;
  with_format.insert(1, "modelFormat: {name: huggingface}, ");
  CAPTURE(with_format);
  CHECK(launches_of(service("{model: " + with_format + "}")) == Lines{launch});
}

TEST_CASE("a predictor's own containers are a pod") {
  CHECK(launches_of(service("{maxReplicas: 3, containers: [{image: vllm/vllm-openai, args: [Qwen/Qwen3-8B], "
                            "resources: {limits: {nvidia.com/gpu: 1}}}]}")) ==
        Lines{"chat: vllm Qwen/Qwen3-8B | 1 GPU | \"nvidia.com/gpu: 1\" | 3 replicas"});
}

TEST_CASE("an LLMInferenceService runs vLLM with its model") {
  struct Row {
    std::string spec;
    Lines launches;
  };
  const std::string model = "model: {uri: \"hf://Qwen/Qwen3-8B\"}";
  const auto [spec, launches] = GENERATE_COPY(
      Row{
          "{" + model +
              ", replicas: 3, template: {containers: [{name: main, resources: {limits: {nvidia.com/gpu: "
              "1}}}]}}",
          {"chat: vllm Qwen/Qwen3-8B | 1 GPU | \"nvidia.com/gpu: 1\" | 3 replicas"}
  },
      Row{"{" + model + "}", {"chat: vllm Qwen/Qwen3-8B"}},
      Row{"{" + model + ", parallelism: {tensor: 4}}", {"chat: vllm Qwen/Qwen3-8B --tensor-parallel-size 4"}},
      Row{"{" + model + ", parallelism: {data: 16, dataLocal: 8, expert: true}, worker: {containers: []}}",
          {"chat: vllm Qwen/Qwen3-8B --data-parallel-size 16 --data-parallel-size-local 8 "
           "--enable-expert-parallel | 2 pods"}},
      Row{"{" + model +
              ", template: {containers: [{name: main, args: [--max-model-len=4096], "
              "env: [{name: VLLM_ADDITIONAL_ARGS, value: \"--dtype half --kv_transfer_config '{\\\"a\\\": "
              "1}'\"}]}]}}",
          {"chat: vllm Qwen/Qwen3-8B --dtype half --kv_transfer_config {\"a\": 1} --max-model-len=4096"}},
      Row{"{" + model +
              ", template: {containers: [{name: main, image: x, command: [vllm, serve, /mnt/models]}]}}",
          {"chat: vllm Qwen/Qwen3-8B"}},
      Row{"{" + model + ", prefill: {replicas: 2, parallelism: {tensor: 2}}}",
          {"chat: vllm Qwen/Qwen3-8B",
           "chat-prefill: vllm Qwen/Qwen3-8B --tensor-parallel-size 2 | 2 replicas"}},
      Row{"{" + model + ", baseRefs: [{name: mine}]}",
          {"chat: vllm Qwen/Qwen3-8B | unresolved: baseRefs mine is not in the input"}},
      Row{"{model: {uri: \"pvc://models/chat\"}}",
          {"chat: vllm pvc://models/chat | unresolved: pvc://models/chat is a place outside the hub"}},
      Row{"{replicas: 1}", {"chat: vllm model.uri | unresolved: model.uri is missing"}});
  CAPTURE(spec);
  CHECK(launches_of(llm(spec)) == launches);
}

TEST_CASE("devices of an LLMInferenceService may be in its annotations") {
  CHECK(launches_of(R"(apiVersion: serving.kserve.io/v1alpha2
kind: LLMInferenceService
metadata:
  name: chat
  annotations:
    serving.kserve.io/exp-dra-device-class: gpu.nvidia.com
    serving.kserve.io/exp-dra-device-count: "2"
spec: {model: {uri: "hf://Qwen/Qwen3-8B"}}
)") == Lines{
           "chat: vllm Qwen/Qwen3-8B | 2 GPU | \"serving.kserve.io/exp-dra-device-class: gpu.nvidia.com\""});
}
