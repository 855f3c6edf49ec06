#include "catch.hpp"
#include "deployment/image.hpp"
#include "deployment/readings.hpp"

using namespace vramcalc::deployment;

namespace {

Launch run(const std::string& rest) {
  const Reading reading = read_script("docker run " + rest);
  REQUIRE(reading.launches.size() == 1);
  return reading.launches[0];
}

}  // namespace

TEST_CASE("docker run's options end at the image, and arguments follow it") {
  struct Row {
    std::string_view rest;
    std::string_view line;
  };
  static constexpr std::array rows = {
      Row{"vllm/vllm-openai --model a",                                          "vllm: --model a"                    },
      Row{"-d --rm -it -p 8000:8000 vllm/vllm-openai --model a",                 "vllm: --model a"                    },
      Row{"-itd -p8000:8000 -eA=1 vllm/vllm-openai --model a",                   "vllm: --model a"                    },
      Row{"--shm-size 32g --ipc=host --ulimit memlock=-1 vllm/vllm-openai a",    "vllm: a"                            },
      Row{"--init --privileged --network host vllm/vllm-openai a",               "vllm: a"                            },
      Row{"--entrypoint python3 lmsysorg/sglang -m sglang.launch_server --tp 2", "sglang: --tp 2"                     },
      Row{"--entrypoint=/bin/bash vllm/vllm-openai -c 'vllm serve a'",           "vllm: a"                            },
      Row{"--gpus all $IMAGE --model a",                                         ": --model a ⟨IMAGE⟩"            },
      Row{"--gpus all example.org/own:1 --model a",                              ": --model a ⟨example.org/own:1⟩"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.rest);
    CHECK(line_of(run(std::string(row.rest))) == row.line);
  }
  CHECK(started("docker run postgres").empty());
  CHECK(started("docker run --gpus all nvidia/cuda nvidia-smi").empty());
  CHECK(started("docker run --entrypoint sleep vllm/vllm-openai 5").empty());
  CHECK(started("podman run vllm/vllm-openai a") == std::vector<std::string>{"vllm: a"});
  CHECK(started("sudo docker container run vllm/vllm-openai a") == std::vector<std::string>{"vllm: a"});
  CHECK(started("docker pull vllm/vllm-openai").empty());
}

TEST_CASE("a container's GPUs are those of --gpus, of which its environment may take some") {
  CHECK(run("--gpus all vllm/vllm-openai a").gpus.all);
  CHECK(run("--gpus 2 vllm/vllm-openai a").gpus.count == 2);
  CHECK(run("--gpus '\"device=0,3\"' vllm/vllm-openai a").gpus.indices == std::vector<std::uint32_t>{0, 3});
  CHECK(run("--gpus device=1 vllm/vllm-openai a").gpus.count == 1);
  CHECK(run("--device nvidia.com/gpu=all vllm/vllm-openai a").gpus.all);
  CHECK(run("--device nvidia.com/gpu=1 --device nvidia.com/gpu=2 vllm/vllm-openai a").gpus.count == 2);
  CHECK(run("--gpus '\"device=2,3\"' -e CUDA_VISIBLE_DEVICES=1 vllm/vllm-openai a").gpus.indices ==
        std::vector<std::uint32_t>{3});
  CHECK(run("--gpus all -e CUDA_VISIBLE_DEVICES=1,2 vllm/vllm-openai a").gpus.count == 2);
  CHECK_FALSE(run("--gpus $N vllm/vllm-openai a").gpus.count);
}

TEST_CASE("a container has the environment and the mounts that it is given, and no others") {
  const Reading reading = read_script(
      "export A=1 B=2\ndocker run -e A -e C=3 -e D -v $PWD/m:/models:ro -v cache:/root "
      "--mount type=bind,source=/s,target=/t vllm/vllm-openai x");
  REQUIRE(reading.launches.size() == 1);
  const Launch& launch = reading.launches[0];
  REQUIRE(launch.environment.size() == 3);
  CHECK(launch.environment[0].value.text == "1");
  CHECK(launch.environment[1].value.text == "3");
  CHECK(launch.environment[2].value.holes.size() == 1);
  CHECK(launch.mounts == std::vector<std::pair<std::string, std::string>>{
                             {"/models", "$PWD/m"},
                             {"/root",   "cache" },
                             {"/t",      "/s"    }
  });
}

TEST_CASE("the tag of an image tells the release") {
  struct Row {
    std::string_view image, name, release;
  };
  static constexpr std::array rows = {
      Row{"vllm/vllm-openai:v0.10.1",                      "vllm/vllm-openai",           "0.10.1"     },
      Row{"vllm/vllm-openai:v0.10.1.1-x86_64",             "vllm/vllm-openai",           "0.10.1.1"   },
      Row{"vllm/vllm-openai:latest",                       "vllm/vllm-openai",           ""           },
      Row{"vllm/vllm-openai",                              "vllm/vllm-openai",           ""           },
      Row{"lmsysorg/sglang:v0.5.3.post1-cu126",            "lmsysorg/sglang",            "0.5.3.post1"},
      Row{"ollama/ollama:0.5.7-rocm",                      "ollama/ollama",              "0.5.7"      },
      Row{"ghcr.io/ggml-org/llama.cpp:server-cuda-b6401",  "ghcr.io/ggml-org/llama.cpp", "b6401"      },
      Row{"ghcr.io/ggml-org/llama.cpp:server-cuda-12.4",   "ghcr.io/ggml-org/llama.cpp", ""           },
      Row{"host:5000/vllm/vllm-openai:v0.9.0@sha256:00ff", "host:5000/vllm/vllm-openai", "0.9.0"      },
      Row{"vllm/vllm-openai@sha256:00ff",                  "vllm/vllm-openai",           ""           },
  };
  for (const Row& row : rows) {
    CAPTURE(row.image);
    CHECK(image_name(row.image) == row.name);
    CHECK(release_of_image(row.image) == row.release);
  }
}
