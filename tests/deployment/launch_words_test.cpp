#include "catch.hpp"
#include "deployment/formats.hpp"
#include "deployment/readings.hpp"
#include "deployment/shell_words.hpp"

using namespace vramcalc::deployment;

namespace {

struct Row {
  std::string_view command;
  std::string_view line;  // empty: nothing is started
};

std::vector<std::string> lines(std::string_view command, const std::string& image = "") {
  Reading reading;
  Launch base;
  base.image = image;
  add_command(split_words(command, {"a.yaml", 3}), base, {}, reading);
  return lines_of(reading);
}

}  // namespace

TEST_CASE("a command starts a program by its first words, past what only prepares it") {
  static constexpr std::array rows = {
      Row{"vllm serve a/b -tp 2",                                          "vllm: a/b -tp 2"        },
      Row{"/opt/venv/bin/vllm serve a/b",                                  "vllm: a/b"              },
      Row{"python -m vllm.entrypoints.openai.api_server --model a",        "vllm: --model a"        },
      Row{"python3.11 -u -m vllm.entrypoints.openai.api_server --model a", "vllm: --model a"        },
      Row{"/usr/bin/python3 -m sglang.launch_server --model-path a",       "sglang: --model-path a" },
      Row{"./build/bin/llama-server -m x.gguf",                            "llama-server: -m x.gguf"},
      Row{"llama-server.exe -m x.gguf",                                    "llama-server: -m x.gguf"},
      Row{"ollama serve",                                                  "ollama:"                },
      Row{"exec vllm serve a",                                             "vllm: a"                },
      Row{"env -u X A=1 B=2 vllm serve a",                                 "vllm: a"                },
      Row{"A=1 nohup vllm serve a",                                        "vllm: a"                },
      Row{"nice -n 5 ionice -c 2 vllm serve a",                            "vllm: a"                },
      Row{"numactl --cpunodebind=0 -m 0 llama-server -m x",                "llama-server: -m x"     },
      Row{"taskset -c 0-7 vllm serve a",                                   "vllm: a"                },
      Row{"timeout -s KILL 5m vllm serve a",                               "vllm: a"                },
      Row{"stdbuf -oL vllm serve a",                                       "vllm: a"                },
      Row{"sudo -u me -E A=1 vllm serve a",                                "vllm: a"                },
      Row{"tini -- vllm serve a",                                          "vllm: a"                },
      Row{"uv run --with foo vllm serve a",                                "vllm: a"                },
      Row{"conda run -n env --no-capture-output vllm serve a",             "vllm: a"                },
      Row{"srun -N 1 --gres=gpu:8 vllm serve a",                           "vllm: a"                },
      Row{"docker exec -it box ollama run llama3",                         "ollama: llama3"         },
      Row{"sh -c 'exec vllm serve a'",                                     "vllm: a"                },
      Row{"bash -lc \"vllm serve a --port 1\"",                            "vllm: a --port 1"       },
      Row{"/bin/sh -ec 'vllm serve \"$0\" -tp $1' a 2",                    "vllm: $0⟨$0⟩ -tp 2" },
      Row{"tmux new-session -d -s x 'llama-server -m x.gguf'",             "llama-server: -m x.gguf"},
      Row{"screen -dmS x llama-server -m x.gguf",                          "llama-server: -m x.gguf"},
      Row{"trtllm-serve a",                                                ": a ⟨trtllm-serve⟩" },
      Row{"echo vllm serve a",                                             ""                       },
      Row{"vllm bench a",                                                  ""                       },
      Row{"llama-server --version",                                        ""                       },
      Row{"postgres",                                                      ""                       },
  };
  for (const Row& row : rows) {
    CAPTURE(row.command);
    CHECK(lines(row.command) ==
          (row.line.empty() ? std::vector<std::string>() : std::vector<std::string>{std::string(row.line)}));
  }
}

TEST_CASE("arguments of an image follow its entrypoint") {
  using Lines = std::vector<std::string>;
  CHECK(lines("--model a/b", "vllm/vllm-openai:v0.10.1") == Lines{"vllm: --model a/b"});
  CHECK(lines("a/b -tp 2", "mirror.example:5000/vllm/vllm-openai") == Lines{"vllm: a/b -tp 2"});
  CHECK(lines("vllm serve a/b", "vllm/vllm-openai") == Lines{"vllm: a/b"});
  CHECK(lines("-m x.gguf", "ghcr.io/ggml-org/llama.cpp:server-cuda") == Lines{"llama-server: -m x.gguf"});
  CHECK(lines("--server -m x.gguf", "ghcr.io/ggml-org/llama.cpp:full-cuda") ==
        Lines{"llama-server: -m x.gguf"});
  CHECK(lines("-m x.gguf", "ghcr.io/ggml-org/llama.cpp@sha256:25932f6dde74") ==
        Lines{"llama-server: -m x.gguf"});
  CHECK(lines("-m x.gguf", "llama-server:cuda") == Lines{"llama-server: -m x.gguf"});
  CHECK(lines("", "ollama/ollama:0.5.7") == Lines{"ollama:"});
  CHECK(lines("python3 -m sglang.launch_server --model-path a", "lmsysorg/sglang") ==
        Lines{"sglang: --model-path a"});
  CHECK(lines("sh -c 'sleep 1'", "vllm/vllm-openai").empty());
  CHECK(lines("--model a", "example.org/web").empty());
}

TEST_CASE("a command given as words is not expanded, and one in quotes is") {
  const auto read = [](const std::vector<std::string>& words) { return lines_of(read_command(words, {})); };
  using Lines = std::vector<std::string>;
  CHECK(read({"vllm", "serve", "a/b", "--x", "$M"}) == Lines{"vllm: a/b --x $M"});
  CHECK(read({"vllm serve a/b --x \"c d\""}) == Lines{"vllm: a/b --x c d"});
  const Reading none = read_command({"echo", "a"}, {});
  REQUIRE(none.findings.size() == 1);
  CHECK(none.findings[0].code == "unresolved");
}

TEST_CASE("a launch is named after its container, else its model, else its file") {
  CHECK(read_script("docker run --name chat vllm/vllm-openai --model a/b").launches[0].name == "chat");
  CHECK(read_script("vllm serve a/b").launches[0].name == "a/b");
  CHECK(read_script("llama-server -m /models/x.gguf").launches[0].name == "x.gguf");
  CHECK(read_script("ollama serve").launches[0].name == "start.sh");
}

TEST_CASE("devices that the environment leaves visible are the GPUs") {
  const auto gpus = [](const std::string& script) { return read_script(script).launches.at(0).gpus; };
  CHECK(gpus("CUDA_VISIBLE_DEVICES=0,2 vllm serve a").indices == std::vector<std::uint32_t>{0, 2});
  CHECK(gpus("CUDA_VISIBLE_DEVICES=0,2 vllm serve a").count == 2);
  CHECK(gpus("export HIP_VISIBLE_DEVICES=1\nvllm serve a").indices == std::vector<std::uint32_t>{1});
  CHECK(gpus("CUDA_VISIBLE_DEVICES= vllm serve a").count == 0);
  CHECK(gpus("CUDA_VISIBLE_DEVICES=GPU-8932f937-d72c vllm serve a").count == 1);
  CHECK(gpus("CUDA_VISIBLE_DEVICES=$X vllm serve a").said_as == "CUDA_VISIBLE_DEVICES=$X");
  CHECK_FALSE(gpus("CUDA_VISIBLE_DEVICES=$X vllm serve a").count);
  CHECK_FALSE(gpus("vllm serve a").count);
}
