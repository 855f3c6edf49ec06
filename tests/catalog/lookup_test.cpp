#include "catalog/names.hpp"
#include "catalog/suggest.hpp"
#include "catch.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::test {
namespace {

const Catalog& embedded() {
  static const Catalog catalog;
  return catalog;
}

template <typename Ask>
std::string message_of(Ask ask) {
  try {
    ask();
  } catch (const Error& failure) {
    return failure.what();
  }
  return "";
}

}  // namespace

TEST_CASE("names are compared without case and separators, except between digits") {
  struct Row {
    const char *typed, *key;
  };
  const Row rows[] = {
      {"rtx-4090",      "rtx4090"      },
      {"RTX 4090",      "rtx4090"      },
      {"rtx_4090",      "rtx4090"      },
      {"Qwen/Qwen3-8B", "qwen/qwen3-8b"},
      {"qwen3:8b",      "qwen3-8b"     },
      {"qwen3-1.7b",    "qwen3-1-7b"   },
      {"qwen3-17b",     "qwen3-17b"    },
      {"Llama 3.1 8B",  "llama3-1-8b"  },
      {"command-r+",    "commandr+"    },
      {"  q4_k_m ",     "q4km"         },
      {"--",            ""             },
      {"",              ""             },
  };
  for (const Row& row : rows) {
    CAPTURE(row.typed);
    CHECK(catalog::lookup_key(row.typed) == row.key);
  }
}

TEST_CASE("a GPU has many names") {
  struct Row {
    const char *typed, *id;
  };
  const Row rows[] = {
      {"rtx-4090",                "rtx-4090"      },
      {"RTX 4090",                "rtx-4090"      },
      {"rtx4090",                 "rtx-4090"      },
      {"4090",                    "rtx-4090"      },
      {"NVIDIA GeForce RTX 4090", "rtx-4090"      },
      {"GeForce RTX 4090",        "rtx-4090"      },
      {"rtx 4090 24gb",           "rtx-4090"      },
      {"RTX_3060",                "rtx-3060-12gb" },
      {"3060 8gb",                "rtx-3060-8gb"  },
      {"1080 ti",                 "gtx-1080-ti"   },
      {"7900 XTX",                "rx-7900-xtx"   },
      {"b580",                    "arc-b580"      },
      {"a6000",                   "rtx-a6000"     },
      {"6000 ada",                "rtx-6000-ada"  },
      {"h100",                    "h100-sxm-80gb" },
      {"H100 80GB",               "h100-sxm-80gb" },
      {"a100",                    "a100-sxm-80gb" },
      {"Tesla T4",                "t4"            },
      {"NVIDIA A100 40GB",        "a100-pcie-40gb"},
      {"NVIDIA GeForce RTX 3060", "rtx-3060-12gb" },
      {"nvidia",                  ""              },
      {"rtx 4090 48gb",           "rtx-4090-48gb" },
      {"rtx 4090 12gb",           ""              },
      {"vii",                     "radeon-vii"    },
      {"",                        ""              },
      {"gb",                      ""              },
  };
  for (const Row& row : rows) {
    CAPTURE(row.typed);
    if (std::string_view(row.id).empty())
      CHECK_THROWS_AS(embedded().gpu(row.typed), Error);
    else
      CHECK(embedded().gpu(row.typed).id == row.id);
  }
}

TEST_CASE("a system has many names, and hardware is a GPU or a system") {
  struct Row {
    const char *typed, *id;
    bool is_system;
  };
  const Row rows[] = {
      {"dgx-h100",                  "dgx-h100",               true },
      {"DGX H100",                  "dgx-h100",               true },
      {"m4 max 128gb",              "apple-m4-max-128gb",     true },
      {"mac studio m3 ultra 512gb", "apple-m3-ultra-512gb",   true },
      {"Mac-mini M4 16GB",          "apple-m4-16gb",          true },
      {"strix-halo-128gb",          "ryzen-ai-max-395-128gb", true },
      {"p5.48xlarge",               "aws-p5-48xlarge",        true },
      {"Standard_ND96isr_H100_v5",  "azure-nd96isr-h100-v5",  true },
      {"a3-highgpu-8g",             "gcp-a3-highgpu-8g",      true },
      {"rtx-3090",                  "rtx-3090",               false},
      {"gh200",                     "gh200-96gb",             false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.typed);
    const auto [gpu, system] = embedded().hardware(row.typed);
    CHECK((system != nullptr) == row.is_system);
    CHECK((gpu != nullptr) != row.is_system);
    CHECK((row.is_system ? system->id : gpu->id) == row.id);
  }
}

TEST_CASE("a model is found by id, alias or repository") {
  struct Row {
    const char *typed, *id;
  };
  const Row rows[] = {
      {"deepseek-r1",                      "deepseek-r1" },
      {"DeepSeek R1",                      "deepseek-r1" },
      {"deepseek_r1",                      "deepseek-r1" },
      {"deepseek-ai/DeepSeek-R1",          "deepseek-r1" },
      {"DEEPSEEK-AI/deepseek-r1",          "deepseek-r1" },
      {"Qwen/Qwen3-8B",                    "qwen3-8b"    },
      {"Qwen3-8B",                         "qwen3-8b"    },
      {"qwen3:8b",                         "qwen3-8b"    },
      {"qwen-3-8b",                        "qwen3-8b"    },
      {"llama3.1:8b",                      "llama-3.1-8b"},
      {"meta-llama/Llama-3.1-8B-Instruct", "llama-3.1-8b"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.typed);
    CHECK(embedded().model_row(row.typed).id == row.id);
    CHECK(embedded().model(row.typed).id == row.id);
  }
  for (const char* wrong :
       {"qwen3-17b", "somebody/Qwen3-17B", "deepseek", "qwen3-8b-q8_0", "qwen3-4b-awq", ""}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(embedded().model_row(wrong), Error);
  }
}

TEST_CASE("a quantization is found by its name in any case") {
  for (const char* typed : {"Q4_K_M", "q4_k_m", "Q4_k_M"})
    CHECK(embedded().file_type(typed).name == "Q4_K_M");
  CHECK(message_of([] {
          embedded().file_type("Q4_K_N");
        }).starts_with("unknown quantization \"Q4_K_N\"; did you mean Q4_K_"));
}

TEST_CASE("an unknown name gets suggestions") {
  struct Row {
    const char *typed, *message;
  };
  const Row hardware[] = {
      {"rtx-4091", "unknown GPU or system \"rtx-4091\"; did you mean rtx-4090, rtx-3090 or rtx-5090?"},
      {"rtx 5900", "unknown GPU or system \"rtx 5900\"; did you mean rtx-5090, rtx-4090 or rtx-3090?"},
      {"h1000",    "unknown GPU or system \"h1000\"; did you mean h100-sxm-80gb or t1000-8gb?"       },
      {"dgx h1oo", "unknown GPU or system \"dgx h1oo\"; did you mean dgx-h100?"                      },
      {"qqqqqqqq", "unknown GPU or system \"qqqqqqqq\"; \"vramcalc gpus\" lists them"                },
      {"",         "unknown GPU or system \"\"; \"vramcalc gpus\" lists them"                        },
  };
  for (const Row& row : hardware) CHECK(message_of([&] { embedded().hardware(row.typed); }) == row.message);
  CHECK(message_of([] { embedded().gpu("rtx-9999x"); }).starts_with("unknown GPU \"rtx-9999x\"; "));
  CHECK(message_of([] {
          embedded().system("dgx-h300");
        }).starts_with("unknown system \"dgx-h300\"; did you mean dgx-h"));
  CHECK(message_of([] {
          embedded().model("deepsek-r1");
        }).starts_with("unknown model \"deepsek-r1\"; did you mean deepseek-r1"));
  CHECK(message_of([] { embedded().model("~/nowhere"); }) ==
        "unknown model \"~/nowhere\"; \"vramcalc models\" lists them");
}

TEST_CASE("the error for an unknown name has its own code and carries the suggestions") {
  try {
    embedded().model("deepsek-r1");
    FAIL("it was found");
  } catch (const Error& failure) {
    CHECK(failure.code() == ErrorCode::unknown_name);
    REQUIRE(!failure.suggestions().empty());
    CHECK(failure.suggestions().front() == "deepseek-r1");
    CHECK(failure.suggestions().size() <= 3);
  }
}

TEST_CASE("the distance between two names counts typos") {
  struct Row {
    const char *a, *b;
    std::size_t limit, distance;
  };
  const Row rows[] = {
      {"abc",    "abc",      2, 0},
      {"abc",    "abd",      2, 1},
      {"abc",    "ab",       2, 1},
      {"abc",    "abcd",     2, 1},
      {"abcd",   "abdc",     2, 1},
      {"abc",    "xyz",      3, 3},
      {"abc",    "xyz",      2, 3},
      {"",       "",         1, 0},
      {"",       "ab",       2, 2},
      {"",       "abcdefgh", 2, 3},
      {"kitten", "sitting",  5, 3},
  };
  for (const Row& row : rows) {
    CAPTURE(row.a, row.b);
    CHECK(catalog::edit_distance(row.a, row.b, row.limit) == row.distance);
    CHECK(catalog::edit_distance(row.b, row.a, row.limit) == row.distance);
  }
}

TEST_CASE("suggestions: typos first, then prefixes, then parts, prominent before rare") {
  const std::vector<catalog::Candidate> candidates = {
      {"rtx4090",       "rtx-4090",        9},
      {"rtx4090laptop", "rtx-4090-laptop", 5},
      {"rtx4080",       "rtx-4080",        7},
      {"dgxrtx4090x4",  "dgx",             1},
      {"t4",            "t4",              9},
  };
  using Ids = std::vector<std::string>;
  CHECK(catalog::suggest("rtx-4090", candidates, 9) == Ids{"rtx-4090", "rtx-4080", "rtx-4090-laptop", "dgx"});
  CHECK(catalog::suggest("rtx-4090", candidates, 2) == Ids{"rtx-4090", "rtx-4080"});
  CHECK(catalog::suggest("rtx 4900", candidates, 1) == Ids{"rtx-4090"});
  CHECK(catalog::suggest("t5", candidates) == Ids{"t4"});
  CHECK(catalog::suggest("zzzzzz", candidates).empty());
  CHECK(catalog::did_you_mean({}) == "");
  CHECK(catalog::did_you_mean({"a"}) == "did you mean a?");
  CHECK(catalog::did_you_mean({"a", "b"}) == "did you mean a or b?");
  CHECK(catalog::did_you_mean({"a", "b", "c"}) == "did you mean a, b or c?");
}

TEST_CASE("a filter keeps the rows that contain each of its words") {
  const auto ids = [](const auto& rows) {
    std::vector<std::string> all;
    for (const auto* row : rows) all.emplace_back(row->id);
    return all;
  };
  CHECK(ids(embedded().gpus("5090 laptop")) == std::vector<std::string>{"rtx-5090-laptop"});
  CHECK(ids(embedded().gpus("  LAPTOP   5090 ")) == std::vector<std::string>{"rtx-5090-laptop"});
  CHECK(ids(embedded().systems("strix 64gb halo")).front() == "ryzen-ai-max-395-64gb");
  CHECK(embedded().gpus("nothing of that sort").empty());
  CHECK(embedded().gpus().size() == embedded().gpus("").size());
  for (const ModelRow* row : embedded().models("qwen")) CHECK(!std::string_view(row->id).empty());
}

TEST_CASE("rows are sorted by prominence and keep their address") {
  const std::vector<const Gpu*> gpus = embedded().gpus();
  for (std::size_t i = 1; i < gpus.size(); ++i) CHECK(gpus[i - 1]->prominence >= gpus[i]->prominence);
  CHECK(gpus.front()->id == "rtx-4090");
  CHECK(&embedded().gpu("rtx-4090") == gpus.front());
  CHECK(embedded().gpus() == gpus);
}

TEST_CASE("the models of a family are those in the list") {
  for (const char* family : {"DeepSeek R1", "Llama 3.1", "no such family"}) {
    std::vector<const ModelRow*> wanted;
    for (const ModelRow* row : embedded().models())
      if (row->family == family) wanted.push_back(row);
    CHECK(embedded().models_of_family(family) == wanted);
  }
}

}  // namespace vramcalc::test
