#include "deployment/formats/readers.hpp"
#include "manifest_reading.hpp"

using namespace vramcalc::deployment;

namespace {

const ManifestReader localai{is_localai, read_localai};

struct Row {
  std::string text, shown;
};

}  // namespace

TEST_CASE("a model of LocalAI has a backend or a model's file") {
  const auto is = [](const std::string& text) { return is_localai(parse_yaml({"a.yaml", text}).front()); };
  CHECK(is("name: a\nbackend: vllm\n"));
  CHECK(is("name: a\nparameters: {model: x.gguf}\n"));
  CHECK(is("- {name: a, backend: vllm}\n- {name: b, backend: vllm}\n"));
  CHECK(is("name: a\nconfig_file: |\n  backend: vllm\n"));
  CHECK_FALSE(is("name: a\nparameters: {temperature: 1}\n"));
  CHECK_FALSE(is("apiVersion: v1\nname: a\nbackend: vllm\n"));
}

TEST_CASE("settings of LocalAI are arguments of the backend's program") {
  const auto row = GENERATE(values<Row>({
      {"backend: vllm\nparameters: {model: a/b}\nmax_model_len: 8192\ngpu_memory_utilization: "
       "0.5\nenforce_eager: true\n",                                                                  "m vllm: --model a/b --gpu-memory-utilization 0.5 --enforce-eager --max-model-len 8192\n"},
 // Only llama.cpp's backend looks at context_size.
      {"backend: vllm\nparameters: {model: a/b}\ncontext_size: 8192\ntrust_remote_code: false\n",
       "m vllm: --model a/b\n"                                                                                                                                                                        },
      {"backend: vllm\nparameters: {model: a/b}\nengine_args: {max_num_seqs: 8, enable_prefix_caching: true, "
       "disable_log_stats: false}\n",                                                                 "m vllm: --model a/b --max-num-seqs 8 --enable-prefix-caching\n"                         },
      {"backend: sglang\nparameters: {model: a/b}\ntensor_parallel_size: 2\ngpu_memory_utilization: 0.7\n",
       "m sglang: --model-path a/b --mem-fraction-static 0.7 --tp-size 2\n"                                                                                                                           },
      {"backend: llama-cpp\nparameters: {model: x.gguf}\ncontext_size: 4096\ngpu_layers: 20\nmmap: false\n",
       "m llama-server: --model x.gguf --ctx-size 4096 --n-gpu-layers 20 --load-mode none --parallel 1\n"                                                                                             },
      {"backend: cuda12-llama-cpp\nparameters: {model: huggingface://a/b/c.gguf}\ncontext_size: 4096\nbatch: "
       "256\n",                                                                                       "m llama-server: --hf-repo a/b --hf-file c.gguf --ctx-size 4096 --batch-size 256 --ubatch-size 256 "
       "--parallel 1\n"                                                                                                                                                         },
      {"backend: llama-cpp\nparameters: {model: x.gguf}\ncontext_size: 4096\noptions: [parallel:4]\n",
       "m llama-server: --model x.gguf --ctx-size 4096 --parallel 4\n"                                                                                                                                },
      {"backend: whisper\nparameters: {model: x.bin}\n",                                                     "m :\n"                                                                                  },
      {"parameters: {model: x.gguf}\n",                                                                      "m :\n"                                                                                  },
  }));
  CAPTURE(row.text);
  CHECK(shown(localai("name: m\n" + row.text).launches) == row.shown);
}

TEST_CASE("what LocalAI chooses itself is left open") {
  const auto names = [](const std::string& text) {
    return open_names(localai("name: m\n" + text).launches.at(0));
  };
  CHECK(names("backend: llama-cpp\nparameters: {model: x.gguf}\n") ==
        std::vector<std::string>{"context_size"});
  CHECK(names("backend: vllm\n") == std::vector<std::string>{"parameters.model"});
  CHECK(names("parameters: {model: x.gguf}\n") == std::vector<std::string>{"m"});
  CHECK(names("backend: vllm\nparameters: {model: a/b}\nengine_args: {speculative_config: {x: 1}}\n") ==
        std::vector<std::string>{"engine_args.speculative_config"});
}

TEST_CASE("a gallery's file has the configuration as a text, at its own lines") {
  const Reading reading =
      localai("name: m\nconfig_file: |\n  backend: vllm\n  parameters:\n    model: a/b\n");
  CHECK(shown(reading.launches) == "m vllm: --model a/b\n");
  CHECK(reading.launches.at(0).arguments.at(0).at.line == 5);
  CHECK(shown(localai("- {name: m, url: x, overrides: {backend: vllm, parameters: {model: a/b}}}\n")
                  .launches) == "m vllm: --model a/b\n");
  const Reading broken = localai("name: m\nconfig_file: |\n  backend: vllm\n  backend: sglang\n");
  REQUIRE(broken.launches.size() == 1);
  CHECK(broken.launches[0].holes.at(0).why.find("folder/file.yaml:4: the key") != std::string::npos);
}
