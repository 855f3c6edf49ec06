#include <string>
#include <vector>

#include "catch.hpp"
#include "cli/run.hpp"

using namespace vramcalc;

namespace {

// The whole answer as JSON, for a command on two GPUs of 80 GB.
cli::Outcome checked(std::vector<std::string> command) {
  std::vector<std::string> words = {"check", "--gpu", "2x h100-sxm-80gb", "--json", "--"};
  words.insert(words.end(), command.begin(), command.end());
  const auto answer = [](const Question& question) { return vramcalc::answer(question, runtimes()); };
  return cli::outcome_of(words, {answer}, {});
}

}  // namespace

TEST_CASE("a command after -- is judged by its own flags") {
  struct Row {
    std::vector<std::string> command;
    const char *status, *words;
  };
  const Row rows[] = {
      {{"vllm", "serve", "Qwen/Qwen3-8B"},                                                       "fits",            "\"--max-model-len\""  },
      {{"vllm", "serve", "Qwen/Qwen3-8B", "-tp", "4"},                                           "would-not-start", "gpu-count-mismatch"   },
      {{"vllm", "serve", "Qwen/Qwen3-8B", "-tp", "3"},                                           "would-not-start", "gpu-count-mismatch"   },
      {{"vllm", "serve", "meta-llama/Llama-3.1-405B-Instruct"},                                  "does-not-fit",    "does-not-fit"         },
      {{"vllm", "serve", "Qwen/Qwen3-8B", "-tp", "32", "-dp", "134217728"},
       "would-not-start",                                                                                           "more than 65536 GPUs" },
      {{"vllm", "serve", "Qwen/Qwen3-8B", "--swap-space", "4"},                                  "would-not-start", "removed-flag"         },
      {{"vllm", "serve", "Qwen/Qwen3-8B", "--max-model-len", "8q"},                              "would-not-start", "invalid-value"        },
      {{"vllm", "serve", "Qwen/Qwen3-8B", "--no-such-flag"},                                     "unresolved",      "unknown-flag"         },
      {{"vllm", "serve", "/models/here"},                                                        "unresolved",      "is a path that is not"},
      {{"vllm", "serve", "Qwen/Qwen3-8B", "--runner", "pooling"},                                "unresolved",      "is not calculated"    },
      {{"vllm", "serve", "Qwen/Qwen3-8B", "--attention-backend", "X"},                           "fits",            "not-modelled"         },
      {{"llama-server", "-hf", "Qwen/Qwen3-8B-GGUF", "-c", "32k"},                               "fits",            "reads-differently"    },
      {{"llama-server", "-m", "x.gguf", "--mlock"},                                              "would-not-start", "removed-flag"         },
      {{"llama-server", "-mu", "https://example.org/x.gguf"},                                    "unresolved",      "is not fetched"       },
      {{"vllm", "serve", "hf.co/nobody/knows"},                                                  "unresolved",      "is not fetched"       },
      {{"llama-server", "-hf", "nobody/knows-GGUF"},                                             "unresolved",      "unknown model"        },
      {{"vllm", "serve", "hf:Qwen/Qwen3-8B"},                                                    "unresolved",      "is not fetched"       },
      {{"ollama", "run", "llama3.1:8b"},                                                         "fits",            "ollama"               },
      {{"ollama", "serve"},                                                                      "unresolved",      "is not named"         },
      {{"docker", "run", "--gpus", "all", "ollama/ollama:0.12.3", "run", "llama3.1:8b"},
       "unresolved",                                                                                                "an engine of its own" },
      {{"python3", "-m", "sglang.launch_server", "--model-path", "Qwen/Qwen3-32B", "--tp", "2"},
       "fits",                                                                                                      "\"sglang\""           },
      {{"sh", "-c", "TP=2; exec vllm serve Qwen/Qwen3-32B -tp $TP"},                             "fits",            "\"gpus\": 2"          },
      {{"vllm", "serve", "$MODEL"},                                                              "unresolved",      "\"status\""           },
  };
  for (const Row& row : rows) {
    const cli::Outcome outcome = checked(row.command);
    INFO(outcome.out << outcome.err);
    CHECK(outcome.out.find(std::string("\"status\": \"") + row.status + '"') != std::string::npos);
    if (std::string(row.words) != "\"--max-model-len\"")
      CHECK(outcome.out.find(row.words) != std::string::npos);
  }
}

TEST_CASE("no secret of an environment is repeated") {
  const cli::Outcome outcome = checked({"docker", "run", "-e", "HF_TOKEN=hf_secretsecret", "-e",
                                        "API_KEY=sk-verysecret", "--gpus", "all", "vllm/vllm-openai:latest",
                                        "--model", "Qwen/Qwen3-8B", "--api-key", "sk-anothersecret"});
  CHECK(outcome.status == 0);
  CHECK(outcome.out.find("secret") == std::string::npos);
}
