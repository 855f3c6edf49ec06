#include <algorithm>

#include "catch.hpp"
#include "launch_text.hpp"

using namespace vramcalc;
using namespace vramcalc::deployment;

namespace {

using Lines = std::vector<std::string>;

// A Deployment with one container.
std::string manifest_of(std::string_view container, std::string_view spec = "", std::string_view pod = "") {
  return R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: chat}
spec:
  )" + std::string(spec) +
         R"(
  template:
    spec:
      )" +
         std::string(pod) +
         R"(
      containers:
        - name: main
          )" +
         std::string(container) + "\n";
}

std::string one(const std::string& manifest, const Supplied& supplied = {}) {
  const Lines lines = launches_of(manifest, supplied);
  REQUIRE(lines.size() == 1);
  return lines.front();
}

constexpr std::string_view served =
    "image: vllm/vllm-openai:v0.10.1\n          args: [--model, Qwen/Qwen3-8B]";
constexpr std::string_view pod =
    "containers: [{name: main, image: vllm/vllm-openai:v0.10.1, args: [Qwen/Qwen3-8B]}]";

std::string workload(std::string_view kind, std::string_view spec) {
  return "apiVersion: apps/v1\nkind: " + std::string(kind) +
         "\nmetadata: {name: chat}\nspec: " + std::string(spec);
}

}  // namespace

TEST_CASE("an image's arguments, a command and a script start an engine") {
  struct Row {
    std::string container, launch;
  };
  const auto [container, launch] = GENERATE(
      Row{"image: vllm/vllm-openai:v0.10.1\n          args: [--model, Qwen/Qwen3-8B]",
          "chat: vllm --model Qwen/Qwen3-8B"},
      Row{"image: my/vllm\n          command: [vllm, serve]\n          args: [Qwen/Qwen3-8B, -tp, 2]",
          "chat: vllm Qwen/Qwen3-8B -tp 2"},
      Row{"image: my/sgl\n          command: [python3, -m, sglang.launch_server, --model-path, "
          "Qwen/Qwen3-8B]",
          "chat: sglang --model-path Qwen/Qwen3-8B"},
      Row{"image: my/vllm\n          command: [sh, -c, \"vllm serve Qwen/Qwen3-8B --dtype half\"]",
          "chat: vllm Qwen/Qwen3-8B --dtype half"},
      Row{"image: my/vllm\n          command: [/bin/bash, -lc, --]\n          args: [\"ulimit -n 9; vllm "
          "serve Qwen/Qwen3-8B\"]",
          "chat: vllm Qwen/Qwen3-8B"});
  CAPTURE(container);
  CHECK(one(manifest_of(container)) == launch);
}

TEST_CASE("GPUs are what the limits say") {
  struct Row {
    std::string resources, gpus;
  };
  const auto [resources, gpus] =
      GENERATE(Row{"{limits: {nvidia.com/gpu: 1}}", " | 1 GPU | \"nvidia.com/gpu: 1\""},
               Row{"{limits: {nvidia.com/gpu: \"8\", cpu: 4}}", " | 8 GPU | \"nvidia.com/gpu: 8\""},
               Row{"{requests: {amd.com/gpu: 4}}", " | 4 GPU | \"amd.com/gpu: 4\""},
               Row{"{limits: {nvidia.com/mig-1g.10gb: 1}}", " | 1 GPU | \"nvidia.com/mig-1g.10gb: 1\""},
               Row{"{limits: {nvidia.com/gpu.shared: 1}}", " | 1 GPU | \"nvidia.com/gpu.shared: 1\""},
               Row{"{limits: {nvidia.com/gpu: 1, nvidia.com/gpumem-percentage: 25}}",
                   " | 1 GPU | 0.25 of a GPU | \"nvidia.com/gpu: 1\""},
               Row{"{limits: {cpu: 4}}", ""});
  CAPTURE(resources);
  CHECK(one(manifest_of(std::string(served) + "\n          resources: " + resources)) ==
        "chat: vllm --model Qwen/Qwen3-8B" + gpus);
}

TEST_CASE("the choice of nodes tells the card") {
  struct Row {
    std::string choice, gpus;
  };
  const std::string affinity =
      "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "
      "{nodeSelectorTerms: [{matchExpressions: [{key: nvidia.com/gpu.product, operator: ";
  const auto [choice, gpus] = GENERATE_COPY(
      Row{"nodeSelector: {cloud.google.com/gke-accelerator: nvidia-l4}", "2 GPU | l4"},
      Row{"nodeSelector: {node.kubernetes.io/instance-type: p5.48xlarge}", "2 GPU | h100-sxm-80gb"},
      Row{affinity + "In, values: [NVIDIA-A100-SXM4-40GB]}]}]}}}", "2 GPU | a100-sxm-40gb"},
      Row{affinity + "In, values: [NVIDIA-A10, NVIDIA-A10-SHARED]}]}]}}}", "2 GPU | a10"},
      Row{affinity + "In, values: [NVIDIA-A10, NVIDIA-L4]}]}]}}}",
          "2 GPU | \"nvidia.com/gpu.product: NVIDIA-A10, NVIDIA-L4\""},
      Row{affinity + "NotIn, values: [NVIDIA-A10]}]}]}}}", "2 GPU | \"nvidia.com/gpu: 2\""},
      Row{"nodeSelector: {accelerator: gpu}", "2 GPU | \"accelerator: gpu\""},
      Row{"nodeSelector: {cloud.google.com/gke-accelerator: nvidia-l4, "
          "cloud.google.com/gke-max-shared-clients-per-gpu: \"4\"}",
          "2 GPU | 0.25 of a GPU | l4"});
  CAPTURE(choice);
  const std::string container = std::string(served) + "\n          resources: {limits: {nvidia.com/gpu: 2}}";
  CHECK(one(manifest_of(container, "", choice)) == "chat: vllm --model Qwen/Qwen3-8B | " + gpus);
}

TEST_CASE("an instance type gives as many GPUs as it has where a container does not say") {
  CHECK(one(manifest_of(served, "", "nodeSelector: {node.kubernetes.io/instance-type: g5.12xlarge}")) ==
        "chat: vllm --model Qwen/Qwen3-8B | 4 GPU | a10g");
}

TEST_CASE("replicas come from the workload, and from the autoscaler that it has") {
  struct Row {
    std::string manifest, launch;
  };
  const std::string scaler =
      "\n---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: x}\n"
      "spec: {scaleTargetRef: {kind: Deployment, name: chat}, minReplicas: 2, maxReplicas: 6}";
  const std::string start = "chat: vllm Qwen/Qwen3-8B";
  const std::string in_template = "template: {spec: {" + std::string(pod) + "}}}";
  const auto [manifest, launch] = GENERATE_COPY(
      Row{workload("Deployment", "{replicas: 3, " + in_template), start + " | 3 replicas"},
      Row{workload("Deployment", "{replicas: 0, " + in_template), start},
      Row{workload("Deployment", "{replicas: 3, " + in_template) + scaler, start + " | 6 replicas"},
      Row{workload("StatefulSet", "{replicas: 2, " + in_template), start + " | 2 replicas"},
      Row{workload("DaemonSet", "{" + in_template), start},
      Row{workload("ReplicaSet", "{replicas: 2, " + in_template), start + " | 2 replicas"},
      Row{workload("Job", "{parallelism: 4, " + in_template), start + " | 4 replicas"},
      Row{workload("CronJob", "{jobTemplate: {spec: {" + in_template + "}}"), start},
      Row{workload("Pod", "{" + std::string(pod) + "}"), start},
      Row{workload("Rollout", "{replicas: 2, " + in_template), start + " | 2 replicas"},
      Row{workload(
              "Service",
              "{template: {metadata: {annotations: {autoscaling.knative.dev/max-scale: \"5\"}}, spec: {" +
                  std::string(pod) + "}}}"),
          start + " | 5 replicas"});
  CAPTURE(manifest);
  CHECK(one(manifest) == launch);
}

TEST_CASE("zero replicas and autoscalers are noted") {
  const Reading none = reading_of(manifest_of(served, "replicas: 0"));
  REQUIRE(none.launches.size() == 1);
  REQUIRE(none.launches[0].findings.size() == 1);
  CHECK(none.launches[0].findings[0].code == "replicas-vary");
  CHECK(none.launches[0].findings[0].severity == Severity::note);
  CHECK(none.launches[0].findings[0].at == Position{"manifest.yaml", 5});
  CHECK(reading_of(manifest_of(served, "replicas: 2")).launches[0].findings.empty());
}

TEST_CASE("a List has several objects") {
  const std::string item =
      "{apiVersion: v1, kind: Pod, metadata: {name: NAME}, spec: {" + std::string(pod) + "}}";
  const auto named = [&](const std::string& name) {
    return std::string(item).replace(item.find("NAME"), 4, name);
  };
  CHECK(launches_of("apiVersion: v1\nkind: List\nitems: [" + named("a") + ", " + named("b") + "]") ==
        Lines{"a: vllm Qwen/Qwen3-8B", "b: vllm Qwen/Qwen3-8B"});
}

TEST_CASE("variables are expanded, from literals and from ConfigMaps of the same input") {
  const std::string container = R"yaml(image: vllm/vllm-openai
          args: ["--model=$(MODEL)", "--max-model-len=$(LENGTH)", "--dtype=$(DTYPE)"]
          envFrom: [{configMapRef: {name: all}}]
          env:
            - {name: ORGANIZATION, value: Qwen}
            - {name: MODEL, value: $(ORGANIZATION)/Qwen3-8B}
            - {name: LENGTH, valueFrom: {configMapKeyRef: {name: sizes, key: length}}})yaml";
  const std::string maps = R"(---
apiVersion: v1
kind: ConfigMap
metadata: {name: sizes}
data: {length: "8192"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: all}
data: {DTYPE: half}
)";
  CHECK(one(manifest_of(container) + maps) ==
        "chat: vllm --model=Qwen/Qwen3-8B --max-model-len=8192 --dtype=half");
}

TEST_CASE("variables without a value are holes, and those of Secrets are never read") {
  const std::string container = R"yaml(image: vllm/vllm-openai
          args: ["--model=$(MODEL)"]
          env: [{name: MODEL, valueFrom: {secretKeyRef: {name: models, key: chat}}}])yaml";
  const std::string secret = R"(---
apiVersion: v1
kind: Secret
metadata: {name: models}
stringData: {chat: Qwen/Qwen3-8B}
)";
  CHECK(one(manifest_of(container) + secret) ==
        "chat: vllm --model=$(MODEL) | unresolved: MODEL comes from a Secret, whose values are not read");
  CHECK(one(manifest_of(container) + secret, {.variables = {{"MODEL", "Qwen/Qwen3-4B"}}, .paths = {}}) ==
        "chat: vllm --model=Qwen/Qwen3-4B");
  CHECK(one(manifest_of("image: vllm/vllm-openai\n          args: [$(MODEL)]")) ==
        "chat: vllm $(MODEL) | unresolved: MODEL has no value here");
}

TEST_CASE("ConfigMaps are files, and a script of one is read") {
  const std::string container = R"(image: my/engine
          command: [bash, /scripts/start.sh]
          volumeMounts: [{name: scripts, mountPath: /scripts}])";
  const std::string map = R"(---
apiVersion: v1
kind: ConfigMap
metadata: {name: start}
data:
  start.sh: |
    #!/bin/bash
    vllm serve Qwen/Qwen3-8B --max-model-len 4096
)";
  const std::string volumes = "volumes: [{name: scripts, configMap: {name: start}}]";
  const Reading reading = reading_of(manifest_of(container, "", volumes) + map);
  REQUIRE(reading.launches.size() == 1);
  CHECK(text_of(reading.launches[0]) == "chat: vllm Qwen/Qwen3-8B --max-model-len 4096");
  REQUIRE(reading.launches[0].files.size() == 1);
  CHECK(reading.launches[0].files[0].first == "/scripts/start.sh");
}

TEST_CASE("init containers that start an engine are no services, unless they stay") {
  const std::string init =
      "initContainers: [{name: warm, image: vllm/vllm-openai, args: [Qwen/Qwen3-0.6B]REST}]";
  const auto with = [&](const std::string& rest) {
    return std::string(init).replace(init.find("REST"), 4, rest);
  };
  CHECK(launches_of(manifest_of(served, "", with(""))).size() == 1);
  CHECK(launches_of(manifest_of(served, "", with(", restartPolicy: Always"))) ==
        Lines{"chat/main: vllm --model Qwen/Qwen3-8B", "chat/warm: vllm Qwen/Qwen3-0.6B"});
}

TEST_CASE("a group of pods is one engine, of a leader and its workers") {
  const std::string set = R"(apiVersion: leaderworkerset.x-k8s.io/v1
kind: LeaderWorkerSet
metadata: {name: big}
spec:
  replicas: 2
  leaderWorkerTemplate:
    size: 4
    LEADER
    workerTemplate:
      spec:
        containers:
          - name: worker
            image: lmsysorg/sglang:v0.5.0
            command: [python3, -m, sglang.launch_server, --model-path, Qwen/Qwen3-32B, --nnodes, $(LWS_GROUP_SIZE),
                      --node-rank, $(LWS_WORKER_INDEX)]
            resources: {limits: {nvidia.com/gpu: 8}}
)";
  const auto with = [&](const std::string& leader) {
    return std::string(set).replace(set.find("LEADER"), 6, leader);
  };
  const std::string launch =
      "big: sglang --model-path Qwen/Qwen3-32B --nnodes 4 --node-rank 0 | 8 GPU | "
      "\"nvidia.com/gpu: 8\" | 2 replicas | ";
  CHECK(one(with("")) == launch + "4 pods");
  CHECK(one(with(R"(leaderTemplate: {spec: {containers: [{name: leader, image: lmsysorg/sglang:v0.5.0,
      command: [python3, -m, sglang.launch_server, --model-path, Qwen/Qwen3-32B, --nnodes, $(LWS_GROUP_SIZE),
                --node-rank, $(LWS_WORKER_INDEX)]}]}})")) == launch + "3 pods");
}

TEST_CASE("what cannot be read is unresolved and says why") {
  const std::string gpu = "\n          resources: {limits: {nvidia.com/gpu: 1}}";
  struct Row {
    std::string container, launch;
  };
  const std::string gpus = " | 1 GPU | \"nvidia.com/gpu: 1\" | unresolved: ";
  const auto [container, launch] = GENERATE_COPY(
      Row{"image: my/thing" + gpu, "chat: ?" + gpus + "my/thing gets GPUs for a program that is not known"},
      Row{"image: vllm/vllm-openai\n          command: [python3, serve.py]" + gpu,
          "chat: ?" + gpus + "vllm/vllm-openai gets GPUs for a program that is not known"},
      Row{"image: nvcr.io/nim/meta/llama3:1.0" + gpu, "chat: ?" + gpus +
                                                          "nvcr.io/nim/meta/llama3:1.0 is a NIM container, "
                                                          "which chooses its engine and its options itself"},
      Row{"image: my/trt\n          command: [trtllm-serve, Qwen/Qwen3-8B]" + gpu,
          "chat: ? Qwen/Qwen3-8B" + gpus + "trtllm-serve is an engine whose command line is not read"},
      Row{"args: [--model=x]" + gpu,
          "chat: ?" + gpus + "chat has no image, as in a patch of another manifest"});
  CAPTURE(container);
  CHECK(one(manifest_of(container)) == launch);
}

TEST_CASE("containers without GPUs and without an engine are passed over") {
  CHECK(launches_of(manifest_of("image: nginx\n          args: [-g, \"daemon off;\"]")).empty());
  CHECK(launches_of("apiVersion: v1\nkind: Service\nmetadata: {name: chat}\nspec: {ports: [{port: 80}]}")
            .empty());
  CHECK(launches_of("apiVersion: v1\nkind: Pod").empty());
}

TEST_CASE("containers under affinity are refused by Kubernetes") {
  const std::string manifest = workload("Deployment", R"(
  template:
    spec:
      affinity:
        nodeAffinity: {}
        containers: [{name: main, image: vllm/vllm-openai, args: [Qwen/Qwen3-8B]}])");
  CHECK(one(manifest) ==
        "chat: vllm Qwen/Qwen3-8B | unresolved: containers are indented under affinity, where Kubernetes "
        "refuses them");
}

TEST_CASE("kinds that stand for other manifests are findings") {
  const std::string manifest = GENERATE(
      "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]",
      "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: x}\nspec: {source: {path: x}}");
  const Reading reading = reading_of(manifest);
  CHECK(reading.launches.empty());
  REQUIRE(reading.findings.size() == 1);
  CHECK(reading.findings[0].code == "unresolved");
  CHECK_FALSE(reading.findings[0].fix.empty());
}

TEST_CASE("kinds of unknown operators are read where they have pods, else unresolved") {
  CHECK(launches_of(R"(apiVersion: orchestration.example.org/v1
kind: Fleet
metadata: {name: chat}
spec:
  replicas: 2
  roles:
    - {name: decode, replicas: 3, template: {spec: {containers: [{image: vllm/vllm-openai, args: [Qwen/Qwen3-8B]}]}}}
    - {name: prefill, template: {spec: {containers: [{image: vllm/vllm-openai, args: [Qwen/Qwen3-8B]}]}}}
)") == Lines{"chat/decode: vllm Qwen/Qwen3-8B | 6 replicas",
             "chat/prefill: vllm Qwen/Qwen3-8B | 2 replicas"});
  CHECK(launches_of(
            "apiVersion: llm.example.org/v1\nkind: Chat\nmetadata: {name: x}\nspec: {resources: {gpu: 1}}") ==
        Lines{"x: ? | unresolved: Chat (llm.example.org/v1) is a kind whose operator decides what runs"});
}

TEST_CASE("deep nesting, wrong kinds of values and huge counts do no harm") {
  std::string deep = "x";
  for (int i = 0; i < 28; ++i) deep = "{a: [" + deep + "]}";
  CHECK(launches_of(workload("Deployment", deep)).empty());
  CHECK(launches_of(workload("Deployment", "[1, 2]")).empty());
  CHECK(launches_of(workload("Deployment", "{template: {spec: {containers: [a, [b], {image: [c]}]}}}"))
            .empty());
  CHECK(launches_of(workload("Deployment", "{template: {spec: {containers: {image: vllm/vllm-openai}}}}"))
            .empty());
  const std::string huge =
      "{replicas: 4294967295, a: {replicas: 4294967295, template: {spec: {" + std::string(pod) + "}}}}";
  CHECK(one(workload("Deployment", huge)) == "chat: vllm Qwen/Qwen3-8B | 4294967295 replicas");
}

TEST_CASE("a folder that the pod fills with a model of the hub is that model") {
  const std::string init =
      "initContainers: [{name: get, image: python, command: [sh, -c], args: [\"pip install hf && "
      "hf download Qwen/Qwen3-8B --local-dir /models/chat\"]}]";
  CHECK(one(manifest_of("image: vllm/vllm-openai\n          args: [--model=/models/chat]", "", init)) ==
        "chat: vllm --model=Qwen/Qwen3-8B");
  CHECK(one(manifest_of("image: vllm/vllm-openai\n          args: [--model=/models/chatter]", "", init)) ==
        "chat: vllm --model=/models/chatter");
}

TEST_CASE("an Ollama serves the models that its pod pulls") {
  CHECK(launches_of(manifest_of(
            "image: ollama/ollama:0.5.1\n          lifecycle: {postStart: {exec: {command: [sh, -c, "
            "\"sleep 5; ollama pull qwen3:8b; ollama pull gemma2:9b\"]}}}")) ==
        Lines{"chat: ollama qwen3:8b", "chat: ollama gemma2:9b"});
  CHECK(launches_of(manifest_of("image: ollama/ollama:0.5.1")) == Lines{"chat: ollama"});
}

TEST_CASE("folders of the machine are known by their paths in the container") {
  const Reading reading = reading_of(
      manifest_of(std::string(served) +
                      "\n          volumeMounts: [{name: m, mountPath: /models}, {name: p, mountPath: /x}]",
                  "",
                  "volumes: [{name: m, hostPath: {path: /data/models}}, {name: p, persistentVolumeClaim: "
                  "{claimName: c}}]"));
  REQUIRE(reading.launches.size() == 1);
  CHECK(reading.launches[0].mounts == std::vector<std::pair<std::string, std::string>>{
                                          {"/models", "/data/models"}
  });
}

TEST_CASE("a release is the tag of an engine's image only") {
  struct Row {
    std::string image, release;
  };
  const auto [image, release] =
      GENERATE(Row{"vllm/vllm-openai:v0.10.1", "0.10.1"},
               Row{"registry.example.org/mirror/vllm-openai:v0.9.0", "0.9.0"},
               Row{"lmsysorg/sglang:v0.5.0-cu126", "0.5.0"}, Row{"vllm/vllm-openai:latest", ""},
               Row{"ubuntu:22.04", ""}, Row{"ghcr.io/llm-d/llm-d-cuda:v0.9.0", ""},
               Row{"lmcache/vllm-openai:v0.3.1", ""}, Row{"nvcr.io/nvidia/ai-dynamo/vllm-runtime:0.8.1", ""});
  const Reading reading =
      reading_of(manifest_of("image: " + image + "\n          command: [vllm, serve, Qwen/Qwen3-8B]"));
  REQUIRE(reading.launches.size() == 1);
  CHECK(reading.launches[0].image == image);
  CHECK(reading.launches[0].release == release);
}

TEST_CASE("replicas of a StatefulSet that are nodes of one engine are its pods") {
  const std::string container =
      "containers: [{image: x, command: [python3, -m, sglang.launch_server, --nnodes, \"2\"]}]";
  const std::string spec = "template: {spec: {" + container + "}}}";
  CHECK(one(workload("StatefulSet", "{replicas: 2, " + spec)) == "chat: sglang --nnodes 2 | 2 pods");
  CHECK(one(workload("StatefulSet", "{replicas: 3, " + spec)) == "chat: sglang --nnodes 2 | 3 replicas");
  CHECK(one(workload("Deployment", "{replicas: 2, " + spec)) == "chat: sglang --nnodes 2 | 2 replicas");
}

TEST_CASE("GPUs that other pods may share are found") {
  const auto codes = [](const std::string& resources, const std::string& choice) {
    std::string text;
    for (const Launch& launch :
         reading_of(manifest_of(std::string(served) + "\n          resources: {limits: " + resources + "}",
                                "", choice))
             .launches)
      for (const Finding& finding : launch.findings) text += std::string(finding.code) + " ";
    return text;
  };
  CHECK(codes("{nvidia.com/gpu.shared: 1}", "") == "not-modelled ");
  CHECK(codes("{nvidia.com/gpu: 1}", "nodeSelector: {nvidia.com/gpu.product: NVIDIA-A10G-SHARED}") ==
        "not-modelled ");
  CHECK(codes("{nvidia.com/gpu: 1}", "nodeSelector: {nvidia.com/gpu.product: NVIDIA-A10G}").empty());
}

TEST_CASE("a limit of a GPU's memory is unresolved") {
  CHECK(one(manifest_of(std::string(served) +
                        "\n          resources: {limits: {nvidia.com/gpu: 1, nvidia.com/gpumem: 8000}}")) ==
        "chat: vllm --model Qwen/Qwen3-8B | 1 GPU | \"nvidia.com/gpu: 1\" | unresolved: nvidia.com/gpumem: "
        "8000 limits "
        "the memory of the GPU for this container");
}
