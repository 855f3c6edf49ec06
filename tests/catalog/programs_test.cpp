#include "catalog/programs.hpp"

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "catch.hpp"
#include "vramcalc/error.hpp"

using namespace vramcalc;
using nlohmann::json;

namespace {

json small_program() {
  return json::parse(R"({
    "id": "p", "runtime": "r", "title": "P", "source": "s", "samples": ["2025-01-01", "2025-03-01"],
    "flags": [{"names": ["--a", "-a"], "negations": ["--no-a"], "takes": "none", "memory": true},
              {"names": ["--b"], "takes": "one", "grammar": "integer", "until": "2025-01-01"}]})");
}

catalog::Program read(const json& program) {
  return catalog::read_program(program.dump(), "data/programs/p.json");
}

}  // namespace

TEST_CASE("a program's flags are found by every spelling") {
  const catalog::Program program = read(small_program());
  REQUIRE(program.spellings.size() == 4);
  CHECK(program.spellings[0].spelling == "--a");
  CHECK(program.spellings[2].spelling == "--no-a");
  CHECK(program.spellings[2].negated);
  CHECK(program.flags[1].takes == catalog::Takes::one);
  CHECK(program.flags[1].grammar == catalog::Grammar::integer);
}

TEST_CASE("a program's entry is read strictly") {
  struct Row {
    const char *patch, *message;
  };
  constexpr std::array rows = {
      Row{R"({"titel": "x"})",                                                   "titel"                   },
      Row{R"({"positional": "some"})",                                           "positional"              },
      Row{R"({"samples": ["2025-03-01", "2025-01-01"]})",                        "is not in order"         },
      Row{R"({"samples": ["2025-01-01"]})",                                      "is the last sample"      },
      Row{R"({"samples": ["2024-01-01", "2025-03-01"]})",                        "has not the dates of --b"},
      Row{R"({"flags": [{"names": [], "takes": "none"}]})",                      "a flag needs a name"     },
      Row{R"({"flags": [{"names": ["--a"], "takes": "three"}]})",                "takes"                   },
      Row{R"({"flags": [{"names": ["--a"], "takes": "one", "until": "2025"}]})", "is not a date"           },
      Row{R"({"starts": ["vllm serve"]})",                                       "lists of words"          },
  };
  for (const Row& row : rows) {
    CAPTURE(row.patch);
    json program = small_program();
    program.merge_patch(json::parse(row.patch));
    std::string message;
    try {
      read(program);
    } catch (const Error& error) {
      message = error.what();
    }
    CHECK(message.find(row.message) != std::string::npos);
    CHECK(message.starts_with("data/programs/p.json: "));
  }
}

TEST_CASE("the schema of programs has every field that they use") {
  const std::string data = VRAMCALC_SOURCE_DIR "/data";
  const json schema = json::parse(std::ifstream(data + "/schema/program.schema.json"));
  const json& of_flags = schema.at("$defs").at("flag").at("properties");
  for (const char* id : {"llama-server", "ollama", "sglang", "vllm"}) {
    CAPTURE(id);
    const json program = json::parse(std::ifstream(data + "/programs/" + id + ".json"));
    for (const auto& [key, value] : program.items()) CHECK(schema.at("properties").contains(key));
    for (const json& flag : program.at("flags"))
      for (const auto& [key, value] : flag.items()) CHECK(of_flags.contains(key));
  }
}
