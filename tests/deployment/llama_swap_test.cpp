#include "deployment/formats/readers.hpp"
#include "manifest_reading.hpp"
#include "vramcalc/error.hpp"

using namespace vramcalc;
using namespace vramcalc::deployment;

namespace {

const ManifestReader llama_swap{is_llama_swap, read_llama_swap};

// Models a, b, c and d.
const std::string four =
    "models:\n  a: {cmd: llama-server -m a.gguf}\n  b: {cmd: llama-server -m b.gguf, aliases: [bee]}\n"
    "  c: {cmd: llama-server -m c.gguf}\n  d: {cmd: llama-server -m d.gguf}\n";

// The sets of models that may run at once: "a|b|cd".
std::string at_once(const std::string& lines) {
  const Reading reading = llama_swap(four + lines);
  if (reading.together.empty()) return "?";
  std::string text;
  for (const auto& set : reading.together.front().sets) {
    for (const std::size_t i : set) text += reading.launches.at(i).name;
    text += "|";
  }
  return text.substr(0, text.size() - 1);
}

struct Row {
  std::string text, shown;
};

}  // namespace

TEST_CASE("a configuration of llama-swap is a map of models with commands") {
  const auto is = [](const std::string& text) { return is_llama_swap(parse_yaml({"a.yaml", text}).front()); };
  CHECK(is("models:\n  a: {cmd: x}\n"));
  CHECK_FALSE(is("models:\n  a: {path: x}\n"));
  CHECK_FALSE(is("models: [{cmd: x}]\n"));
}

TEST_CASE("macros become text before a command is split") {
  const auto row = GENERATE(values<Row>({
      {"models:\n  m:\n    cmd: llama-server -m x.gguf --port ${PORT} --alias ${MODEL_ID}\n",
       "m llama-server: -m x.gguf --port 5800 --alias m\n"                                                                                                           },
      {"startPort: 9000\nmodels:\n  m: {cmd: \"llama-server --port ${PORT}\"}\n  n: {cmd: \"llama-server "
       "--port ${PORT}\"}\n",                                                                     "m llama-server: --port 9000\nn llama-server: --port 9001\n"},
      {"macros: {size: 4096, all: \"llama-server -c ${size} -ngl 99\"}\nmodels:\n  m: {cmd: \"${all} -m "
       "x.gguf\"}\n",                                                                             "m llama-server: -c 4096 -ngl 99 -m x.gguf\n"               },
      {"macros: {size: 4096}\nmodels:\n  m: {cmd: \"llama-server -c ${size}\", macros: {size: 8192}}\n",
       "m llama-server: -c 8192\n"                                                                                                                                   },
      {"models:\n  m:\n    cmd: |\n      # llama-server -m other.gguf\n      llama-server \\\n        -m 'x "
       "y.gguf'\n",                                                                               "m llama-server: -m x y.gguf\n"                             },
      {"models:\n  m: {cmd: \"docker run --rm -v /srv:/models ghcr.io/ggml-org/llama.cpp:server -m "
       "/models/x.gguf\"}\n",                                                                     "m llama-server: -m /models/x.gguf\n"                       },
      {"models:\n  m: {cmd: \"llama-server -m ${env.HOME}/x.gguf -c ${no-such}\"}\n",
       "m llama-server: -m {${env.HOME}/x.gguf} -c {${no-such}}\n"                                                                                                   },
      {"models:\n  m: {cmd: \"whisper-server -m x.bin\"}\n",                                             "m :\n"                                                     },
  }));
  CAPTURE(row.text);
  CHECK(shown(llama_swap(row.text).launches) == row.shown);
}

TEST_CASE("a macro that the file does not have can be supplied") {
  const std::string text = "models:\n  m: {cmd: \"${server} -m ${env.DIR}/x.gguf\"}\n";
  const Reading open = llama_swap(text);
  REQUIRE(open.launches.size() == 1);
  CHECK(open_names(open.launches[0]) == std::vector<std::string>{"server", "DIR"});
  CHECK(open.launches[0].holes.at(0).fix == "--set server=VALUE");
  CHECK(shown(llama_swap(text,
                         {
                             {"server", "llama-server"},
                             {"DIR",    "/m"          }
  })
                  .launches) == "m llama-server: -m /m/x.gguf\n");
}

TEST_CASE("a model's environment chooses its GPUs") {
  const Reading reading = llama_swap(
      "models:\n  m:\n    cmd: |\n      llama-server\n      -m x.gguf\n    env: [CUDA_VISIBLE_DEVICES=1]\n");
  REQUIRE(reading.launches.size() == 1);
  CHECK(shown(reading.launches[0].gpus) == "count 1 #1");
  CHECK(reading.launches[0].at.line == 2);
  CHECK(reading.launches[0].machine == "folder/file.yaml");
  CHECK(reading.launches[0].arguments.at(0).at.line == 5);
}

TEST_CASE("one model runs at a time unless groups or a matrix say otherwise") {
  const auto row = GENERATE(values<Row>({
      {"",                                                                                                 "a|b|c|d"    },
      {"groups: {g: {members: [a, b]}}\n",                                                                 "a|b|c|d"    },
      {"groups: {g: {swap: false, members: [a, bee]}}\n",                                                  "ab|c|d"     },
      {"groups: {g: {swap: false, persistent: true, members: [a, b]}}\n",                                  "abc|abd"    },
      {"groups: {g: {swap: true, persistent: true, members: [a, b]}}\n",                                   "ac|ad|bc|bd"},
      {"groups: {g: {swap: false, exclusive: false, members: [a, b]}}\n",                                  "abc|abd"    },
      {"groups: {g: {swap: false, exclusive: false, members: [a, b, c, d]}}\n",                            "abcd"       },
      {"groups: {g: {members: [a, b]}, h: {swap: false, members: [c, d]}}\n",                              "a|b|cd"     },
      {"matrix: {sets: {s: a & b}}\n",                                                                     "ab|c|d"     },
      {"matrix: {vars: {x: a, y: b}, sets: {s: (x | y) & c}}\n",                                           "ac|bc|d"    },
      {"matrix: {sets: {s: a & b, t: +s & (c | d)}}\n",                                                    "ab|abc|abd" },
      {"matrix: {sets: {s: a | b & c}}\n",                                                                 "a|bc|d"     },
      {"routing: {router: {use: matrix, settings: {matrix: {sets: {s: a & b & c & d}}}}}\n",               "abcd"       },
      {"routing: {router: {use: group, settings: {groups: {g: {swap: false, members: [a, b, c, d]}}}}}\n",
       "abcd"                                                                                                           },
      {"matrix: {sets: {s: a & unknown}}\n",                                                               "?"          },
      {"matrix: {sets: {s: (a}}\n",                                                                        "?"          },
      {"matrix: {sets: {s: +s}}\n",                                                                        "?"          },
  }));
  CAPTURE(row.text);
  CHECK(at_once(row.text) == row.shown);
}

TEST_CASE("combinations that are too many are not listed") {
  std::string text = "models:\n", groups = "groups:\n";
  for (int group = 0; group < 12; ++group) {
    groups += "  g" + std::to_string(group) + ": {exclusive: false, members: [";
    for (int i = 0; i < 4; ++i) {
      const std::string name = "m" + std::to_string(group * 4 + i);
      text += "  " + name + ": {cmd: llama-server -m x.gguf}\n";
      groups += (i == 0 ? "" : ", ") + name;
    }
    groups += "]}\n";
  }
  const Reading reading = llama_swap(text + groups);
  CHECK(reading.launches.size() == 48);
  CHECK(reading.together.empty());
  REQUIRE(reading.findings.size() == 1);
  CHECK(reading.findings[0].code == "unresolved");
}

TEST_CASE("macros that explode are refused") {
  std::string text = "macros:\n  m0: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n";
  for (int i = 1; i < 30; ++i)
    text +=
        "  m" + std::to_string(i) + ": ${m" + std::to_string(i - 1) + "}${m" + std::to_string(i - 1) + "}\n";
  CHECK_THROWS_AS(llama_swap(text + "models:\n  a: {cmd: x}\n"), Error);
}
