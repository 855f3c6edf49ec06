#include "cli/complete.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "cli/flags.hpp"
#include "vramcalc/error.hpp"

using namespace vramcalc;
using namespace vramcalc::cli;

namespace {

// The words of a line; the last one, which may be empty, is the one that is completed.
Arguments split(std::string_view line) {
  Arguments words(1);
  for (const char c : line) {
    if (c == ' ')
      words.emplace_back();
    else
      words.back() += c == '~' ? ' ' : c;
  }
  return words;
}

std::vector<std::string> offered(const Arguments& words) {
  std::vector<std::string> texts;
  std::string text = completions(words);
  while (!text.empty()) {
    const std::string line = text.substr(0, text.find('\n'));
    texts.push_back(line.substr(0, line.find('\t')));
    text.erase(0, line.size() + 1);
  }
  return texts;
}

bool offers(const Arguments& words, const std::string& word) {
  const std::vector<std::string> texts = offered(words);
  return std::ranges::find(texts, word) != texts.end();
}

bool lists_words(std::string_view value) { return value.find('|') != value.npos; }

}  // namespace

TEST_CASE("the last word of a line is completed by what may stand there") {
  struct Row {
    std::string_view line;  // '~' is a blank inside of a word
    std::string offered, not_offered;
  };
  const Row row = GENERATE(values<Row>({
  // line                                   offered                       not offered
      {"",                                      "check",             "--gpu"            },
      {"",                                      "qwen3-8b",          "rtx-4090"         },
      {"check qw",                              "qwen3-8b",          "quants"           },
      {"check Qw",                              "qwen3-8b",          "check"            },
      {"check qwen3-8b ",                       "",                  "qwen3-8b"         },
      {"check llama3.1:",                       "llama3.1:8b",       "llama-3.1-8b"     },
      {"check Qwen/Qwen3-8",                    "Qwen/Qwen3-8B",     "qwen3-8b"         },
      {"compare qwen3-8b gemma-3",              "gemma-3-12b",       "qwen3-8b"         },
      {"quants Q4",                             "Q4_K_M",            "qwen3-8b"         },
      {"gpus rtx-40",                           "rtx-4090",          "qwen3-8b"         },
      {"systems mac",                           "",                  "rtx-4090"         },
      {"check qwen3-8b --gpu rtx-40",           "rtx-4090",          "qwen3-8b"         },
      {"check qwen3-8b --gpu lo",               "local",             "rtx-4090"         },
      {"check qwen3-8b --gpu 2x~rtx-40",        "2x rtx-4090",       "rtx-4090"         },
      {"check qwen3-8b --gpu rtx-4090,rtx-30",  "rtx-4090,rtx-3090", "rtx-4090,rtx-4090"},
      {"check qwen3-8b --gpu=rtx-40",           "--gpu=rtx-4090",    "rtx-4090"         },
      {"check qwen3-8b -q q4",                  "Q4_K_M",            "Q8_0"             },
      {"compare qwen3-8b -q Q4_K_M,q8",         "Q4_K_M,Q8_0",       "Q8_0"             },
      {"qwen3-8b -fa ",                         "auto",              "q8_0"             },
      {"qwen3-8b -ctk q",                       "q8_0",              "f16"              },
      {"qwen3-8b --format s",                   "sarif",             "json"             },
      {"qwen3-8b --runtime o",                  "ollama",            "vllm"             },
      {"qwen3-8b --backend ",                   "vulkan",            "other"            },
      {"check a.yaml --fail-on tight,un",       "tight,unresolved",  "unresolved"       },
      {"qwen3-8b --fl",                         "--flash-attn",      "--gpu"            },
      {"check qwen3-8b --fail",                 "--fail-on",         "--family"         },
      {"recommend --fa",                        "--family",          "--fail-on"        },
      {"qwen3-8b -c ",                          "",                  "check"            },
      {"qwen3-8b --port ",                      "",                  "check"            },
      {"check --gpu rtx-4090 -- vllm serve qw", "",                  "qwen3-8b"         },
      {"--no-such-flag=",                       "",                  "check"            },
      {"check --catalog /nowhere qw",           "",                  "qwen3-8b"         },
  }));
  INFO(row.line);
  const Arguments words = split(row.line);
  if (row.offered.empty()) {
    CHECK_FALSE(offers(words, row.not_offered));
  } else {
    CHECK(offers(words, row.offered));
    CHECK_FALSE(offers(words, row.not_offered));
  }
}

TEST_CASE("every word that is offered for a flag of known words is accepted as its value") {
  const Catalog catalog;
  for (const FlagTable* table : flag_tables())
    for (const Flag& flag : table->flags) {
      if (flag.words == nullptr) continue;
      const std::vector<Word> words = flag.words(catalog);
      INFO(flag.names);
      CHECK_FALSE(words.empty());
      for (const Word& word : words) {
        INFO(word.text);
        Invocation invocation;
        CHECK_NOTHROW(flag.apply(invocation, names_of(flag.names).front(), std::string(word.text)));
      }
    }
}

TEST_CASE("a flag whose value is a list of words has those, and no other list") {
  for (const FlagTable* table : flag_tables())
    for (const Flag& flag : table->flags) {
      if (!lists_words(flag.value)) continue;
      INFO(flag.names);
      CHECK(flag.words == nullptr);
      for (const std::string& word : offered({"check", std::string(names_of(flag.names).front()), ""})) {
        INFO(word);
        Invocation invocation;
        CHECK_NOTHROW(flag.apply(invocation, names_of(flag.names).front(), word));
      }
    }
}

TEST_CASE("models of the user's own catalog are offered, and none that a shell would not take as a word") {
  const auto path = std::filesystem::temp_directory_path() / "vramcalc-complete-test.json";
  std::ofstream(path) << R"({"gpus": [{"id": "my-card", "name": "My\tCard", "aliases": ["$HOME/my"],
    "vendor": "NVIDIA", "segment": "consumer", "memory_gb": 24, "usable_mib": 23000, "source": "my own"}]})";
  CHECK(completions({"gpus", "--catalog", path.string(), "my-"}) == "my-card\tMy Card\n");
  CHECK(completions({"gpus", "--catalog", path.string(), "$"}).empty());
  std::filesystem::remove(path);
}
