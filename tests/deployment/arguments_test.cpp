#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "deployment/program.hpp"

// What programs make of command lines. The reference are their own parsers: llama.cpp 0.5.0 (common/arg.cpp),
// Python's argparse with vLLM's utils/argparse_utils.py, and SGLang's server_args.py.

using namespace vramcalc::deployment;

namespace {

// Words between spaces; single quotes keep spaces.
std::vector<Word> words_of(std::string_view line) {
  std::vector<Word> words;
  std::string word;
  bool quoted = false, any = false;
  const auto end_word = [&] {
    if (any)
      words.push_back({
          word, {"line",       1},
           {            }
      });
    word.clear();
    any = false;
  };
  for (const char c : line) {
    if (c == ' ' && !quoted) {
      end_word();
      continue;
    }
    any = true;
    if (c == '\'')
      quoted = !quoted;
    else
      word += c;
  }
  end_word();
  return words;
}

Launch launch_of(std::string_view program, std::string_view release, std::string_view line) {
  Launch launch;
  launch.program = program;
  launch.release = release;
  launch.arguments = words_of(line);
  return launch;
}

Word hole(std::string text, std::string name) {
  return {
      std::move(text), {"line", 1},
       {{std::move(name), "has no value", ""}     }
  };
}

std::string shown(const Command& command) {
  std::string text;
  for (const Argument& argument : command.arguments)
    text += fmt::format("{}{} {}", text.empty() ? "" : "; ", argument.flag, argument.value);
  return text;
}

std::string shown_findings(const Command& command) {
  std::string text;
  for (const Finding& finding : command.findings)
    text += fmt::format("{}{}", text.empty() ? "" : " ", finding.code);
  return command.starts ? text : text + " refuses";
}

std::string holes_of(const Command& command) {
  std::string text;
  for (const Hole& one : command.holes) text += (text.empty() ? "" : " ") + one.name;
  return text;
}

// A line and what is read of it, with the codes of findings after "#". "@" precedes a release; single quotes
// keep spaces; "refuses" stands for a program that does not start.
struct Specification {
  std::string_view program, cases;
};

constexpr std::string_view of_llama_server = R"=(
-m a.gguf -c 32768 -ngl 99              => --model a.gguf; --ctx-size 32768; --n-gpu-layers 99
-c 32k                                  => --ctx-size 32  # reads-differently
-c 1e5                                  => --ctx-size 1  # reads-differently
-c 0x1000                               => --ctx-size 0  # reads-differently
-c 32k32                                => --ctx-size 32  # reads-differently
-c ' +4096'                             => --ctx-size 4096
-c -1                                   => --ctx-size -1
-c k32                                  =>  # invalid-value refuses
-c 99999999999                          =>  # invalid-value refuses
-c                                      =>  # invalid-value refuses
--ctx-size=4096                         =>  # unknown-flag
--ctx_size 4096                         => --ctx-size 4096
--ctx-siz 4096                          =>  # unknown-flag
-fa -ngl 99                             =>  # invalid-value unknown-flag refuses
-fa on -ngl 99                          => --flash-attn on; --n-gpu-layers 99
-fa 1                                   => --flash-attn 1
-fa maybe                               =>  # invalid-value refuses
@b5000 -fa -ngl 99                      => --flash-attn true; --n-gpu-layers 99
@server-cuda-b5000 -fa -c 8192          => --flash-attn true; --ctx-size 8192
@b9400 -fa on                           => --flash-attn on
-ngl all                                => --n-gpu-layers all
-ngl auto                               => --n-gpu-layers auto
-ngl many                               =>  # invalid-value refuses
--gpu-layers 20                         => --n-gpu-layers 20
-ctk q8_0 -ctv q8_0                     => --cache-type-k q8_0; --cache-type-v q8_0
-ctk q6_k                               =>  # invalid-value refuses
--no-kv-offload                         => --kv-offload false
-nkvo -kvu                              => --kv-offload false; --kv-unified true
--no-mmproj                             => --mmproj-auto false
-c 4096 -c 8192                         => --ctx-size 8192  # repeated-flag
-c 4096 --ctx-size 8192 -c 16384        => --ctx-size 16384  # repeated-flag
--lora a.gguf --lora b.gguf             => --lora a.gguf; --lora b.gguf
-ot a=CPU -ot b=CUDA0                   => --override-tensor a=CPU; --override-tensor b=CUDA0
--control-vector-layer-range 1 30 -c 64 => --control-vector-layer-range 1 30; --ctx-size 64
--control-vector-layer-range 1          =>  # invalid-value refuses
--mlock -c 64                           => --ctx-size 64  # removed-flag refuses
--no-mmap                               =>  # removed-flag refuses
@0.5.0 --no-mmap                        =>  # removed-flag refuses
@b6000 --no-mmap                        => --no-mmap true
@b8000 --mlock                          => --mlock true
--draft-max 16                          =>  # removed-flag refuses
@b5000 --draft-max 16                   => --draft-max 16
model.gguf                              =>  # unknown-flag refuses
--split-mode row -mg 1                  => --split-mode row; --main-gpu 1
-np 4 --port 8080                       => --parallel 4; --port 8080
@b3000 --brand-new 4                    =>  # unknown-flag
--api-key sk-1234                       => --api-key
)=";

constexpr std::string_view of_vllm = R"=(
Qwen/Qwen3-32B -tp 2 --max-model-len 32768                   => model Qwen/Qwen3-32B; --tensor-parallel-size 2; --max-model-len 32768
--model m --max_model_len=32768                              => --model m; --max-model-len 32768
m --max-model-len 32K                                        => model m; --max-model-len 32768
m --max-model-len 32k                                        => model m; --max-model-len 32000  # reads-differently
m --max-model-len 25.6k                                      => model m; --max-model-len 25600  # reads-differently
m --max-model-len 25.6K                                      => model m  # invalid-value refuses
m --max-model-len 32kb                                       => model m  # invalid-value refuses
m --max-model-len auto                                       => model m; --max-model-len auto
m --max-model-len -1                                         => model m; --max-model-len -1
m --max-model-len 32_768                                     => model m; --max-model-len 32768
m --max-model-len 32,768                                     => model m  # invalid-value refuses
m --max-model 4096                                           => model m; --max-model-len 4096
m --gpu-mem 0.9                                              => model m; --gpu-memory-utilization 0.9
m --gpu-mem=0.9                                              => model m; --gpu-memory-utilization 0.9
m --max-num 4                                                => model m  # ambiguous-flag
m --data-parallel 2                                          => model m  # ambiguous-flag
m --tensor-parallel 2                                        => model m; --tensor-parallel-size 2
m --max-num-seqs 1k                                          => model m  # invalid-value refuses
m -tp=4 -pp 2 -q fp8                                         => model m; --tensor-parallel-size 4; --pipeline-parallel-size 2; --quantization fp8
m -qfp8                                                      => model m; --quantization fp8
m -O3                                                        => model m; --optimization-level 3
m -O=3                                                       => model m; --optimization-level 3
m -O 0                                                       => model m; --optimization-level 0
m --enforce-eager                                            => model m; --enforce-eager true
m --no-enable-prefix-caching                                 => model m; --enable-prefix-caching false
m --enforce-eager=true                                       => model m  # invalid-value refuses
m --enforce-eager true                                       => model m; --enforce-eager true  # unknown-flag refuses
m --max-model-len --enforce-eager                            => model m; --enforce-eager true  # invalid-value refuses
m --kv-cache-memory-bytes 20G                                => model m; --kv-cache-memory-bytes 21474836480
m --kv-cache-memory-bytes 20g                                => model m; --kv-cache-memory-bytes 20000000000  # reads-differently
m --speculative-config '{"method": "mtp", "num_speculative_tokens": 2}' => model m; --speculative-config {"method":"mtp","num_speculative_tokens":2}
m --speculative-config.method mtp --speculative_config.num_speculative_tokens=2 -tp 2 => model m; --tensor-parallel-size 2; --speculative-config {"method":"mtp","num_speculative_tokens":2}
m --hf-overrides.rope.type yarn --hf-overrides.rope.factor 4.0 => model m; --hf-overrides {"rope":{"factor":4.0,"type":"yarn"}}
m --compilation-config.sizes+ 1,2 --compilation-config.sizes+ 4 => model m; --compilation-config {"sizes":["1","2","4"]}
m --speculative-config mtp                                   => model m  # invalid-value refuses
m --served-model-name a b --port 80                          => model m; --served-model-name a b; --port 80
--served-model-name a m                                      => --served-model-name a m
m --cudagraph-capture-sizes 1 2 4                            => model m; --cudagraph-capture-sizes 1 2 4
m -tp 2 -tp 4                                                => model m; --tensor-parallel-size 4  # repeated-flag
m n                                                          => model m  # unknown-flag refuses
m --model n                                                  => --model n  # invalid-value refuses
m --dtype int4                                               => model m  # invalid-value refuses
m --swap-space 16                                            => model m  # removed-flag refuses
@0.9.0 m --swap-space 16                                     => model m; --swap-space 16
@v0.9.0 m --swap-space 16 --disable-log-requests             => model m; --swap-space 16; --disable-log-requests true
@0.23.0 m --swap-space 16                                    => model m  # removed-flag refuses
@0.19.0 m --swap-space 16                                    => model m; --swap-space 16
m --disable-log-requests                                     => model m  # removed-flag refuses
@0.11.0 m --num-scheduler-steps 8                            => model m  # removed-flag refuses
@0.8.5.post1 m --num-scheduler-steps 8                       => model m; --num-scheduler-steps 8
m --max-seq-len-to-capture 8192                              => model m  # removed-flag refuses
@0.6.0 m --kv-cache-memory-bytes 20G                         => model m; --kv-cache-memory-bytes 21474836480  # unknown-flag
@0.6.0 m --a-flag-of-another-time 3                          => model m  # unknown-flag
m --tensor-paralel-size 2                                    => model m  # unknown-flag
m --config=a.yaml                                            => model m  # ignored-flag
m --config a.json                                            => model m  # invalid-value refuses
m --limit-mm-per-prompt '{"image": 0}'                       => model m; --limit-mm-per-prompt {"image":0}
)=";

constexpr std::string_view of_sglang = R"=(
--model-path m --tp 2                         => --model-path m; --tensor-parallel-size 2
--model m --tp-size 2                         => --model-path m; --tensor-parallel-size 2
--model m --pp 2                              => --model-path m  # ambiguous-flag
--model m --dp 2                              => --model-path m; --data-parallel-size 2
--model m --ep 2                              => --model-path m; --ep-size 2
--model m --context-length 32k                => --model-path m; --context-length 32000  # reads-differently
--model m --context-length=32K                => --model-path m; --context-length 32768
--model m --mem-fraction 0.8                  => --model-path m; --mem-fraction-static 0.8
--model m --mem_fraction_static 0.8           => --model-path m  # unknown-flag
--model m --chunked-prefill-size -1           => --model-path m; --chunked-prefill-size -1
--model m --chunked-prefill-size 8k           => --model-path m  # invalid-value refuses
--model m --cuda-graph-bs 1 2 4               => --model-path m; --cuda-graph-bs 1 2 4
--model m --enable-ep-moe                     => --model-path m  # removed-flag refuses
@0.4.6 --model m --enable-ep-moe              => --model-path m; --enable-ep-moe true
@v0.4.6.post5-cu124 --model m --enable-ep-moe => --model-path m; --enable-ep-moe true
m                                             =>  # unknown-flag refuses
--model m --mem-fraction-static 80%           => --model-path m  # invalid-value refuses
)=";

constexpr std::string_view of_ollama = R"=(
qwen3:8b why is the sky blue      => model qwen3:8b
--keepalive=1h qwen3:8b --verbose => --keepalive 1h; model qwen3:8b; --verbose true
                                  =>
)=";

constexpr std::array specifications = {
    Specification{"llama-server", of_llama_server},
    Specification{"vllm",         of_vllm        },
    Specification{"sglang",       of_sglang      },
    Specification{"ollama",       of_ollama      },
};

struct Case {
  std::string_view release, line, reads, findings;
};

std::string_view trimmed(std::string_view text) {
  const std::size_t first = std::min(text.find_first_not_of(' '), text.size());
  const std::size_t last = text.find_last_not_of(' ');
  return last == std::string_view::npos ? "" : text.substr(first, last + 1 - first);
}

// The parts of a text before and after a mark; it may lack.
std::pair<std::string_view, std::string_view> split_at(std::string_view text, std::string_view mark) {
  const std::size_t at = text.find(mark);
  if (at == std::string_view::npos) return {trimmed(text), ""};
  return {trimmed(text.substr(0, at)), trimmed(text.substr(at + mark.size()))};
}

Case case_of(std::string_view text) {
  const auto [given, result] = split_at(text, "=>");
  const auto [reads, findings] = split_at(result, "#");
  if (!given.starts_with('@')) return {"", given, reads, findings};
  const auto [release, line] = split_at(given.substr(1), " ");
  return {release, line, reads, findings};
}

std::vector<Case> cases_of(std::string_view text) {
  std::vector<Case> cases;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    if (end > start) cases.push_back(case_of(text.substr(start, end - start)));
    start = end + 1;
  }
  return cases;
}

}  // namespace

TEST_CASE("command lines are read as their programs read them") {
  for (const Specification& specification : specifications) {
    for (const Case& one : cases_of(specification.cases)) {
      CAPTURE(specification.program, one.release, one.line);
      const Command command = read_arguments(launch_of(specification.program, one.release, one.line));
      CHECK(trimmed(shown(command)) == one.reads);
      CHECK(shown_findings(command) == one.findings);
    }
  }
}

TEST_CASE("what a finding about a flag says") {
  struct Row {
    std::string_view program, line, message, fix;
  };
  constexpr std::array rows = {
      Row{"llama-server", "-c 32k",                    "-c 32k is 32: what follows the digits is not read",
          "Write the number in digits"                                                                                               },
      Row{"llama-server", "--mlock",                   "llama-server no longer has --mlock",                "Write --load-mode mlock"},
      Row{"llama-server", "--ctx-size=4096",           "llama-server has no flag --ctx-size=4096",
          "Write the value as a word of its own"                                                                                     },
      Row{"vllm",         "m --swap-space 4",          "vLLM no longer has --swap-space",                   "Leave it out"           },
      Row{"vllm",         "m --max-num 4",
          "--max-num could be --max-num-batched-tokens, --max-num-scheduled-tokens, --max-num-seqs",        "Write the flag in full" },
      Row{"vllm",         "m --tensor-paralel-size 2", "vLLM has no flag --tensor-paralel-size",
          "Did you mean --tensor-parallel-size"                                                                                      },
      Row{"vllm",         "m hf_secret",               "vLLM is given a word that no flag takes",
          "Leave it out, or write the flag before it"                                                                                },
  };
  for (const Row& row : rows) {
    CAPTURE(row.program, row.line);
    const Command command = read_arguments(launch_of(row.program, "", row.line));
    REQUIRE(command.findings.size() == 1);
    CHECK(command.findings[0].message == row.message);
    CHECK(command.findings[0].fix == row.fix);
    CHECK(command.findings[0].at == Position{"line", 1});
  }
}

TEST_CASE("holes count where they bear on the memory") {
  Launch launch = launch_of("vllm", "", "m");
  SECTION("of a model") { launch.arguments = {hole("$MODEL", "MODEL")}; }
  SECTION("of a value") {
    launch.arguments = {
        {"--max-model-len", {}},
        hole("$MODEL", "MODEL")
    };
  }
  SECTION("of a value after an equals sign") {
    launch.arguments.push_back(hole("--max-model-len=$MODEL", "MODEL"));
  }
  SECTION("of a dotted key") { launch.arguments.push_back(hole("--hf-overrides.a=$MODEL", "MODEL")); }
  SECTION("where flags may stand") { launch.arguments.push_back(hole("$MODEL", "MODEL")); }
  SECTION("before --model") {
    launch.arguments = {
        hole("$MODEL", "MODEL"), {"--model", {}},
          {"m",       {}}
    };
  }
  SECTION("after a list") {
    for (const char* word : {"--served-model-name", "a"}) launch.arguments.push_back({word, {}});
    launch.arguments.push_back(hole("$MODEL", "MODEL"));
  }
  const Command command = read_arguments(launch);
  CHECK(holes_of(command) == "MODEL");
  CHECK(command.starts);
  CHECK(shown_findings(command) == "");
}

TEST_CASE("holes that do not bear on the memory are none") {
  Launch launch = launch_of("vllm", "", "m --port");
  launch.arguments.push_back(hole("$PORT", "PORT"));
  launch.arguments.push_back(hole("--host=$HOST", "HOST"));
  CHECK(holes_of(read_arguments(launch)) == "");
}

TEST_CASE("a hole that a later value overrides is none") {
  Launch launch = launch_of("vllm", "", "m --max-model-len");
  launch.arguments.push_back(hole("$LENGTH", "LENGTH"));
  for (const char* word : {"--max-model-len", "4096"}) launch.arguments.push_back({word, {}});
  CHECK(holes_of(read_arguments(launch)) == "");
}

TEST_CASE("unknown and ambiguous flags are holes") {
  CHECK(holes_of(read_arguments(launch_of("vllm", "", "m --unheard-of 3"))) == "--unheard-of");
  CHECK(holes_of(read_arguments(launch_of("sglang", "", "--pp 3"))) == "--pp");
}

TEST_CASE("llama-server reads its environment under its flags") {
  struct Row {
    std::string_view name, value, line, reads, findings = "";
  };
  constexpr std::array rows = {
      Row{"LLAMA_ARG_CTX_SIZE",     "8192", "",                  "--ctx-size 8192"             },
      Row{"LLAMA_ARG_CTX_SIZE",     "8192", "-c 4096",           "--ctx-size 4096"             },
      Row{"LLAMA_ARG_CTX_SIZE",     "8k",   "",                  "--ctx-size 8",                 "reads-differently"},
      Row{"LLAMA_ARG_CTX_SIZE",                        "much",           "", "",                   "invalid-value refuses"},
      Row{"LLAMA_ARG_CPU_MOE", "1",       "",        "--cpu-moe true"                },
      Row{"LLAMA_ARG_CPU_MOE",        "0",              "",        ""           },
      Row{"LLAMA_ARG_KV_OFFLOAD",                      "false",                            "",                   "--kv-offload false"         },
      Row{"LLAMA_ARG_KV_OFFLOAD",    "perhaps",          "","","invalid-value refuses"},
      Row{"LLAMA_ARG_NO_KV_OFFLOAD",                      "0",     "",                                   "--kv-offload false"                                          },
      Row{"LLAMA_ARG_HF_REPO",                      "a/b:Q4_K_M",    "","--hf-repo a/b:Q4_K_M"},
      Row{"SOMETHING_ELSE",                      "1",   "",                                  ""                                                                                          },
  };
  for (const Row& row : rows) {
    CAPTURE(row.name, row.value, row.line);
    Launch launch = launch_of("llama-server", "", row.line);
    launch.environment = {
        {std::string(row.name), {std::string(row.value), {"env", 2}, {}}}
    };
    const Command command = read_arguments(launch);
    CHECK(shown(command) == row.reads);
    CHECK(shown_findings(command) == row.findings);
  }
}

TEST_CASE("Ollama is configured by its environment") {
  struct Row {
    std::string_view name, value, reads, findings = "";
  };
  constexpr std::array rows = {
      Row{"OLLAMA_CONTEXT_LENGTH",         "32768",            "OLLAMA_CONTEXT_LENGTH 32768"},
      Row{"OLLAMA_CONTEXT_LENGTH",         "'32768'",          "OLLAMA_CONTEXT_LENGTH 32768"},
      Row{"OLLAMA_CONTEXT_LENGTH",         "32k",              "",                            "ignored-flag"},
      Row{"OLLAMA_NUM_PARALLEL",                               "-1",                             "",                        "ignored-flag"},
      Row{"OLLAMA_NUM_PARALLEL",                 "",                                   ""                    },
      Row{"OLLAMA_FLASH_ATTENTION",                             "0",             "OLLAMA_FLASH_ATTENTION false"},
      Row{"OLLAMA_FLASH_ATTENTION", "off",       "OLLAMA_FLASH_ATTENTION true",               "reads-differently"},
      Row{"OLLAMA_KV_CACHE_TYPE",  "q8_0","OLLAMA_KV_CACHE_TYPE q8_0"         },
      Row{"OLLAMA_HOST",                        "0.0.0.0",                     ""                                        },
  };
  for (const Row& row : rows) {
    CAPTURE(row.name, row.value);
    Launch launch = launch_of("ollama", "", "");
    launch.environment = {
        {std::string(row.name), {std::string(row.value), {"env", 2}, {}}}
    };
    const Command command = read_arguments(launch);
    CHECK(shown(command) == row.reads);
    CHECK(shown_findings(command) == row.findings);
  }
}

TEST_CASE("a file of flags comes before those of the line") {
  Launch launch = launch_of("vllm", "", "m --config /etc/vllm/a.yaml -tp 2");
  launch.files = {
      {"/etc/vllm/a.yaml",
       "tensor-parallel-size: 8\n"
       "max_model_len: 32k\n"
       "enforce-eager: true\n"
       "enable-prefix-caching: false\n"
       "speculative-config:\n  method: mtp\n  num_speculative_tokens: 2\n"
       "served-model-name: [a, b]\n"}
  };
  const Command command = read_arguments(launch);
  CHECK(shown(command) ==
        "model m; --tensor-parallel-size 2; --max-model-len 32000; --enforce-eager true; "
        "--enable-prefix-caching false; "
        R"(--speculative-config {"method":"mtp","num_speculative_tokens":2}; --served-model-name a b)");
  CHECK(shown_findings(command) == "reads-differently");
  REQUIRE(command.arguments.size() > 2);
  CHECK(command.arguments[2].at == Position{"/etc/vllm/a.yaml", 2});
}

TEST_CASE("SGLang's file has switches that are true only") {
  Launch launch = launch_of("sglang", "", "--config a.yaml --tp 2");
  launch.files = {
      {"a.yaml", "model-path: m\ntp-size: 4\ndisable-cuda-graph: false\nenable-lora: true\n"}
  };
  const Command command = read_arguments(launch);
  CHECK(shown(command) == "--model-path m; --tensor-parallel-size 2; --enable-lora true");
  CHECK(shown_findings(command) == "");
}

TEST_CASE("a file of flags that is not there is a hole") {
  const Command command = read_arguments(launch_of("vllm", "", "m --config /etc/vllm/a.yaml"));
  CHECK(holes_of(command) == "/etc/vllm/a.yaml");
  CHECK(shown_findings(command) == "unresolved");
}

TEST_CASE("values of flags without memory are not shown") {
  Launch launch = launch_of("llama-server", "", "");
  launch.environment = {
      {"LLAMA_ARG_PORT", {"sesame", {}}}
  };
  const Command command = read_arguments(launch);
  REQUIRE(command.findings.size() == 1);
  CHECK(command.findings[0].message.find("sesame") == std::string::npos);
}

TEST_CASE("a line of too many words is left open") {
  std::string line;
  for (int i = 0; i < 5000; ++i) line += "-c 1 ";
  CHECK(holes_of(read_arguments(launch_of("vllm", "", line))) == "the command line");
}

TEST_CASE("programs are found by the images that hold them") {
  struct Row {
    std::string_view image, program, entrypoint;
  };
  constexpr std::array rows = {
      Row{"vllm/vllm-openai:v0.10.1",                     "vllm",         "vllm"        },
      Row{"docker.io/vllm/vllm-openai@sha256:00",         "vllm",         "vllm"        },
      Row{"registry:5000/mirror/vllm/vllm-openai",        "vllm",         "vllm"        },
      Row{"my-vllm/vllm-openai",                          "",             ""            },
      Row{"lmsysorg/sglang:latest",                       "sglang",       ""            },
      Row{"ghcr.io/ggml-org/llama.cpp:server-cuda-b6000", "llama-server", "llama-server"},
      Row{"ghcr.io/ggml-org/llama.cpp:light",             "",             ""            },
      Row{"ollama/ollama",                                "ollama",       "ollama"      },
      Row{"nginx",                                        "",             ""            },
  };
  for (const Row& row : rows) {
    CAPTURE(row.image);
    const KnownImage known = find_image(row.image);
    CHECK((known.program == nullptr ? "" : known.program->id) == row.program);
    CHECK((known.image == nullptr || known.image->entrypoint.empty() ? "" : known.image->entrypoint[0]) ==
          row.entrypoint);
  }
}

TEST_CASE("every program reads") {
  for (const std::string_view id : program_ids()) {
    CAPTURE(id);
    const Program* program = find_program(id);
    REQUIRE(program != nullptr);
    CHECK(program->id == id);
    CHECK_FALSE(program->flags.empty());
    CHECK_FALSE(program->starts.empty());
  }
  CHECK(find_program("tgi") == nullptr);
  CHECK(holes_of(read_arguments(launch_of("tgi", "", ""))) == "the program");
}
