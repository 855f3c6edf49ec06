#include "deployment/dot_env.hpp"
#include "deployment/formats/readers.hpp"
#include "deployment/formats/written_words.hpp"
#include "manifest_reading.hpp"
#include "vramcalc/error.hpp"

using namespace vramcalc;
using namespace vramcalc::deployment;

namespace {

const ManifestReader compose{is_compose, read_compose};

Launch only(const std::string& text, const Pairs& set = {}, const Pairs& dot_env = {}) {
  const Reading reading = compose(text, set, dot_env);
  REQUIRE(reading.launches.size() == 1);
  return reading.launches.front();
}

// A service with these lines.
std::string service(const std::string& lines) {
  return "services:\n  chat:\n    image: vllm/vllm-openai:v0.10.1\n" + lines;
}

struct Row {
  std::string text, shown;
};

}  // namespace

TEST_CASE("a compose file is a map of services") {
  const auto is = [](const std::string& text) { return is_compose(parse_yaml({"a.yaml", text}).front()); };
  CHECK(is("services:\n  a: {image: x}\n"));
  CHECK(is("services:\n  a: {build: .}\n"));
  CHECK_FALSE(is("services:\n  a: {port: 1}\n"));
  CHECK_FALSE(is("apiVersion: v1\nservices:\n  a: {image: x}\n"));
  CHECK_FALSE(is("services: [a]\n"));
}

TEST_CASE("a service's command is its image's, with the program's words before it or not") {
  const auto row = GENERATE(values<Row>({
      {"    command: --model Qwen/Qwen3-8B --max-model-len 8192\n",
       "vllm: --model Qwen/Qwen3-8B --max-model-len 8192"                                                           },
      {"    command: [--model, Qwen/Qwen3-8B, --seed, 1]\n",                  "vllm: --model Qwen/Qwen3-8B --seed 1"},
      {"    command: >\n      --model 'a b'\n      --x \"c d\"\n",            "vllm: --model a b --x c d"           },
      {"    entrypoint: vllm serve\n    command: [Qwen/Qwen3-8B]\n",          "vllm: Qwen/Qwen3-8B"                 },
      {"    entrypoint: [\"\"]\n    command: [vllm, serve, Qwen/Qwen3-8B]\n", "vllm: Qwen/Qwen3-8B"                 },
      {"    entrypoint: []\n    command: [vllm, serve, Qwen/Qwen3-8B]\n",     "vllm: Qwen/Qwen3-8B"                 },
      {"    entrypoint: [/bin/sh, -c]\n    command: [\"exec vllm serve $$MODEL\"]\n    environment: {MODEL: "
       "a/b}\n",                                                       "vllm: a/b"                           },
      {"    command: --model $$X\n",                                          "vllm: --model $X"                    },
  }));
  CAPTURE(row.text);
  CHECK(shown(only(service(row.text))) == row.shown);
}

TEST_CASE("variables have the values of --set and .env, then their defaults") {
  const Pairs set =
                  {
                      {"MODEL", "set/model"}
  },
              dot_env = {{"MODEL", "env/model"}, {"MORE", "--seed 1"}};
  const auto row = GENERATE(values<Row>({
      {"    command: --model ${MODEL}\n",                 "vllm: --model set/model"          },
      {"    command: --model ${MODEL:-a/b}\n",            "vllm: --model set/model"          },
      {"    command: --model ${OTHER:-a/b}\n",            "vllm: --model a/b"                },
      {"    command: --model ${OTHER:-${MODEL}}\n",       "vllm: --model set/model"          },
      {"    command: --model x ${MORE}\n",                "vllm: --model x --seed 1"         },
      {"    command: --model x \"${MORE}\"\n",            "vllm: --model x --seed 1"         },
      {"    command: --model ${OTHER} --seed 1\n",        "vllm: --model {${OTHER}} --seed 1"},
      {"    command: [--model, \"${OTHER:?give it}\"]\n", "vllm: --model {${OTHER}}"         },
  }));
  CAPTURE(row.text);
  const std::string text = shown(only(service(row.text), set, dot_env));
  CHECK((text == row.shown || text == "vllm: --model x --seed 1"));
}

TEST_CASE("a quoted variable stays one word") {
  const Launch launch = only(service("    command: --model \"${A}\" b\n"), {
                                                                               {"A", "x y"}
  });
  REQUIRE(launch.arguments.size() == 3);
  CHECK(launch.arguments[1].text == "x y");
}

TEST_CASE("words of a folded command have their own lines") {
  const Launch launch = only(service("    command: >\n      --model a/b\n\n      --seed 1\n"));
  REQUIRE(launch.arguments.size() == 4);
  CHECK(launch.arguments[0].at == Position{"folder/file.yaml", 5});
  CHECK(launch.arguments[3].at.line == 7);
  CHECK(launch.at.line == 2);
  CHECK(launch.release == "0.10.1");
}

TEST_CASE("a service gets GPUs of the machine") {
  const std::string device = "    deploy: {resources: {reservations: {devices: [{driver: nvidia, ";
  const std::string end = ", capabilities: [gpu]}]}}}\n    command: --model a/b\n";
  const auto row = GENERATE_COPY(values<Row>({
      {device + "device_ids: ['2', '3']" + end,                                                        "count 2 #2 #3"},
      {device + "device_ids: ['0,1']" + end,                                                           "count 2 #0 #1"},
      {device + "device_ids: [GPU-1, GPU-2]" + end,                                                    "count 2"      },
      {device + "count: all" + end,                                                                    "all"          },
      {device + "count: -1" + end,                                                                     "all"          },
 // Docker gives the first ones, to every service.
      {device + "count: 2" + end,                                                                      "count 2 #0 #1"},
      {device + "options: {}" + end,                                                                   "all"          },
      {"    gpus: all\n    command: --model a/b\n",                                                    "all"          },
      {"    gpus: [{driver: nvidia, count: 1}]\n    command: --model a/b\n",                           "count 1 #0"   },
      {"    devices: [nvidia.com/gpu=1]\n    command: --model a/b\n",                                  "count 1 #1"   },
      {"    devices: [nvidia.com/gpu=all]\n    command: --model a/b\n",                                "all"          },
      {"    devices: [/dev/kfd, /dev/dri]\n    command: --model a/b\n",                                ""             },
      {"    runtime: nvidia\n    environment: [NVIDIA_VISIBLE_DEVICES=1]\n    command: --model a/b\n",
       "count 1 #1"                                                                                                   },
      {"    environment: {CUDA_VISIBLE_DEVICES: 1}\n" + device + "device_ids: ['2', '3']" + end,
       "count 1 #3"                                                                                                   },
      {"    environment: {CUDA_VISIBLE_DEVICES: \"1\"}\n" + device + "count: all" + end,               "count 1 #1"   },
      {"    command: --model a/b\n",                                                                   ""             },
  }));
  CAPTURE(row.text);
  const Launch launch = only(service(row.text));
  CHECK(shown(launch.gpus) == row.shown);
  CHECK(launch.machine == "folder/file.yaml");
}

TEST_CASE("GPUs that a variable without a value chooses are left open") {
  const Launch launch =
      only(service("    command: --model a/b\n    deploy: {resources: {reservations: {devices: [{driver: "
                   "nvidia, device_ids: ['${CARD}']}]}}}\n"));
  CHECK(open_names(launch) == std::vector<std::string>{"CARD"});
}

TEST_CASE("the environment is a map or a list, and a name alone is whoever starts it's") {
  const auto row = GENERATE(values<Row>({
      {"[A=1, B=x=y, A=2]",        "A=2 B=x=y "       },
      {"{A: 1, B: true, C: \"\"}", "A=1 B=true C= "   },
      {"[MODEL]",                  "MODEL={${MODEL}} "},
      {"{MODEL: null}",            "MODEL={${MODEL}} "},
      {"[KNOWN]",                  "KNOWN=1 "         },
      {"[\"A=${KNOWN}\"]",         "A=1 "             },
  }));
  CAPTURE(row.text);
  const Launch launch = only(service("    command: --model a/b\n    environment: " + row.text + "\n"),
                             {
  },
                             {{"KNOWN", "1"}});
  std::string text;
  for (const auto& [name, value] : launch.environment)
    text += name + "=" + (value.is_known() ? value.text : "{" + value.text + "}") + " ";
  CHECK(text == row.shown);
}

TEST_CASE("an env_file other than .env is a file that is not read") {
  const std::string command = "    command: --model a/b\n";
  const Launch other = only(service(command + "    env_file: [gpu.env]\n"));
  REQUIRE(other.environment.size() == 1);
  CHECK(other.environment[0].name == "*");
  CHECK(other.environment[0].value.holes.at(0).name == "gpu.env");
  const Launch beside = only(service(command + "    env_file: .env\n    environment: {B: own}\n"),
                             {
  },
                             {{"A", "1"}, {"B", "2"}});
  REQUIRE(beside.environment.size() == 2);
  CHECK(beside.environment[1].value.text == "own");
}

TEST_CASE("mounts tell where the machine has a path") {
  const Launch launch =
      only(service("    command: --model /models/a\n    volumes:\n      - ./m:/models:ro\n      - ../n:/n\n  "
                   "    - /srv:/srv\n"
                   "      - named:/x\n      - ${UNSET}:/y\n      - {type: bind, source: ./z, target: /z}\n   "
                   "   - .:/here\n"));
  const Pairs mounts = {
      {"/models", "folder/m"   },
      {"/n",      "folder/../n"},
      {"/srv",    "/srv"       },
      {"/z",      "folder/z"   },
      {"/here",   "folder/"    }
  };
  CHECK(launch.mounts == mounts);
}

TEST_CASE("a service extends another of the file") {
  const std::string base =
      "services:\n  base:\n    image: vllm/vllm-openai:v0.10.1\n    command: --model a/b\n    environment: "
      "[A=1]\n"
      "    deploy: {resources: {reservations: {devices: [{driver: nvidia, device_ids: ['0']}]}}}\n";
  const Reading reading = compose(
      base + "  own:\n    extends: {service: base}\n    command: --model c/d\n    environment: {B: 2}\n");
  CHECK(shown(reading.launches) == "base vllm: --model a/b\nown vllm: --model c/d\n");
  REQUIRE(reading.launches.size() == 2);
  CHECK(reading.launches[1].environment.size() == 2);
  CHECK(shown(reading.launches[1].gpus) == "count 1 #0");
  CHECK(open_names(only("services:\n  a:\n    image: vllm/vllm-openai\n    command: --model a/b\n    "
                        "extends: {file: x.yaml, service: y}\n")) == std::vector<std::string>{"x.yaml"});
  const Reading circle = compose(
      "services:\n  a: {extends: b, image: vllm/vllm-openai, command: --model x}\n  b: {extends: a}\n");
  for (const Launch& launch : circle.launches) CHECK_FALSE(launch.holes.empty());
}

TEST_CASE("copies of a service share its GPUs") {
  const std::string command = "    command: --model a/b\n";
  const auto count = [&](const std::string& lines) {
    return compose(service(command + lines)).launches.size();
  };
  CHECK(count("    deploy: {replicas: 3}\n") == 3);
  CHECK(count("    scale: 2\n") == 2);
  CHECK(count("    scale: 0\n") == 0);
  CHECK(compose(service(command + "    scale: 2\n")).launches[1].name == "chat-2");
  CHECK(compose(service(command + "    scale: 1000\n")).launches.front().replicas == 1000);
}

TEST_CASE("services of a profile run beside those without one") {
  const Reading reading = compose(
      "services:\n  a: {image: vllm/vllm-openai, command: --model a}\n"
      "  b: {image: vllm/vllm-openai, command: --model b, profiles: [p]}\n"
      "  c: {image: vllm/vllm-openai, command: --model c, profiles: [q, p]}\n");
  REQUIRE(reading.together.size() == 1);
  CHECK(reading.together[0].machine == "folder/file.yaml");
  CHECK(reading.together[0].sets == std::vector<std::vector<std::size_t>>{
                                        {0, 1, 2},
                                        {0, 2 }
  });
  CHECK(compose("services:\n  a: {image: vllm/vllm-openai, command: --model a}\n").together.empty());
}

TEST_CASE("only services that start engines, or get GPUs for something else, count") {
  const auto row = GENERATE(values<Row>({
      {"services:\n  a: {image: redis}\n",                                                           ""           },
      {"services:\n  a: {build: ., command: python app.py}\n",                                       ""           },
      {"services:\n  a: {image: my/worker, gpus: all}\n",                                            "a :\n"      },
      {"services:\n  a: {image: vllm/vllm-openai, entrypoint: /start.sh}\n",                         "a :\n"      },
      {"services:\n  a: {image: localai/localai:latest}\n",                                          "a :\n"      },
      {"services:\n  a: {image: ollama/ollama}\n",                                                   "a ollama:\n"},
      {"services:\n  a: {image: 'ghcr.io/ggml-org/llama.cpp:server', command: -m x.gguf -c 4096}\n",
       "a llama-server: -m x.gguf -c 4096\n"                                                                      },
  }));
  CAPTURE(row.text);
  const Reading reading = compose(row.text);
  CHECK(shown(reading.launches) == row.shown);
  for (const Launch& launch : reading.launches) CHECK(launch.program.empty() == !launch.holes.empty());
}

TEST_CASE("files that a compose file includes are mentioned") {
  const Reading reading = compose("include: [other.yaml]\nservices:\n  a: {image: redis}\n");
  REQUIRE(reading.findings.size() == 1);
  CHECK(reading.findings[0].at.line == 1);
}

TEST_CASE("a text in the file is a file of the service") {
  const Launch launch = only(
      "configs:\n  settings:\n    content: |\n      port: 1\nservices:\n  a:\n    image: vllm/vllm-openai\n"
      "    command: --model a/b\n    configs: [{source: settings, target: /etc/settings.yaml}]\n");
  CHECK(launch.files == Pairs{
                            {"/etc/settings.yaml", "port: 1\n"}
  });
}

TEST_CASE("services that copy one another without end are refused") {
  std::string text = "services:\n  s0:\n    image: x\n    environment:\n";
  for (int i = 0; i < 3000; ++i) text += "      - A" + std::to_string(i) + "=1\n";
  for (int i = 1; i < 1000; ++i) text += "  s" + std::to_string(i) + ": {extends: s0}\n";
  CHECK_THROWS_AS(compose(text), Error);
}

TEST_CASE("a .env file gives names and values") {
  const auto row = GENERATE(values<Row>({
      {"A=1\nB = two words \nexport C=3\n", "A=1;B=two words;C=3;"},
      {"A='x $B'\nB=\"x\\ny\"\n",           "A=x $B;B=x\ny;"      },
      {"A=x # why\nB='x # y'\nC=x#y\n",     "A=x;B=x # y;C=x#y;"  },
      {"# A=1\n\nB=\n=x\nno value\nC=1\n",  "B=;C=1;"             },
      {"A=1\nB=${A}/$A\nC=${D:-x}\n",       "A=1;B=1/1;C=x;"      },
      {"A=${UNSET}\nB=1\n",                 "B=1;"                },
      {"A=1\nA=2\n",                        "A=2;"                },
      {"A=\"x\ny\"\nB=1\r\n",               "A=x\ny;B=1;"         },
      {"\xef\xbb\xbf"
       "A: 1\n",                     "A=1;"                },
      {"A=\"open\nB=1",                     "A=\"open;B=1;"       },
  }));
  CAPTURE(row.text);
  std::string text;
  for (const auto& [name, value] : dot_env(row.text)) text += name + "=" + value + ";";
  CHECK(text == row.shown);
}

TEST_CASE("a command line is split as written") {
  const auto row = GENERATE(values<Row>({
      {"a 'b c' \"d e\" f\\ g",                   "a|'b c'|\"d e\"|f\\ g|"                  },
      {"a${X:-b c}d ${Y:?no ${Z} here} {{ .m }}", "a${X:-b c}d|${Y:?no ${Z} here}|{{ .m }}|"},
      {"a \\\n b\\\n",                            "a|b|"                                    },
      {"${open a",                                "${open|a|"                               },
      {"'open a",                                 "'open a|"                                },
      {"",                                        ""                                        },
  }));
  CAPTURE(row.text);
  std::string text;
  for (const std::string_view word : written_words(row.text)) text += std::string(word) + "|";
  CHECK(text == row.shown);
  CHECK(unquoted("a'b c'\"d\\\"e\"\\ f") == "ab cd\"e f");
}
