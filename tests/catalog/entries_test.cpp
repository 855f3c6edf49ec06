#include <nlohmann/json.hpp>

#include "catch.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"

// A user's own files: what they add and replace, and the error for each mistake.
namespace vramcalc::test {
namespace {

using nlohmann::json;

const json gpu =
    json::parse(R"({"id": "my-gpu", "name": "My GPU", "vendor": "NVIDIA", "architecture": "Ampere",
  "segment": "consumer", "memory_gb": 24})");
const json node =
    json::parse(R"({"id": "my-node", "name": "My node", "kind": "multi_gpu", "gpu_id": "rtx-3090",
  "gpu_count": 4, "memory_gb": 96})");

std::string document(const char* list, json entry, const char* changes) {
  entry.merge_patch(json::parse(changes));
  return json{
      {list, {entry}}
  }
      .dump();
}

std::string mistake(const std::string& text) {
  Catalog catalog;
  try {
    catalog.add(text, "my.json");
  } catch (const Error& failure) {
    CHECK(failure.code() == ErrorCode::bad_file);
    return failure.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("each mistake in a GPU's entry is named with file, entry and field") {
  struct Row {
    const char *changes, *message;
  };
  const Row rows[] = {
      {R"({})",                                                                                  "none"                                                                       },
      {R"({"id": null})",                                                                        "my.json: gpus[0]: id: missing"                                              },
      {R"({"id": ""})",                                                                          "my.json: : id: is empty"                                                    },
      {R"({"id": "My GPU"})",                                                                    "my.json: My GPU: id: may hold only a-z, 0-9, '-', '.' and '+'"              },
      {R"({"name": null})",                                                                      "my.json: my-gpu: name: missing"                                             },
      {R"({"name": 4})",                                                                         "my.json: my-gpu: name: a string was expected, not 4"                        },
      {R"({"segment": "gaming"})",
       "my.json: my-gpu: segment: \"gaming\" is not one of consumer, workstation, datacenter, laptop, "
       "integrated, accelerator"                                                                                                                                              },
      {R"({"memory_gb": null})",                                                                 "my.json: my-gpu: memory_gb: missing"                                        },
      {R"({"memory_gb": "24"})",                                                                 "my.json: my-gpu: memory_gb: a number was expected, not \"24\""              },
      {R"({"memory_gb": 0})",                                                                    "my.json: my-gpu: memory_gb: must be above 0; leave it out if it is unknown" },
      {R"({"memory_gb": 1e60})",                                                                 "my.json: my-gpu: memory_gb: 1e+60 GB is more than any machine has"          },
      {R"({"memory_gb": -1})",                                                                   "my.json: my-gpu: memory_gb: must be above 0; leave it out if it is unknown" },
      {R"({"memory_type": "shared"})",
       "my.json: my-gpu: memory_gb: a GPU that shares the host's memory has none of its own"                                                                                  },
      {R"({"vram": 24})",                                                                        "my.json: my-gpu: vram: unknown key"                                         },
      {R"({"architecture": "Fermi"})",
       "my.json: my-gpu: architecture: no driver_reserve is known for \"Fermi\"; give usable_mib"                                                                             },
      {R"({"architecture": "Fermi", "usable_mib": 24000})",                                      "none"                                                                       },
      {R"({"usable_mib": 0})",                                                                   "my.json: my-gpu: usable_mib: must be above 0; leave it out if it is unknown"},
      {R"({"usable_mib": 25000})",
       "my.json: my-gpu: usable_mib: 25000 MiB is above the memory as sold, 24576 MiB"                                                                                        },
      {R"({"usable_mib": -5})",                                                                  "my.json: my-gpu: usable_mib: a whole number ≥ 0 was expected, not -5"     },
      {R"({"usable_mib": 24000, "usable": "guessed"})",
       "my.json: my-gpu: usable: \"guessed\" is not one of measured, inferred, cited"                                                                                         },
      {R"({"driver_total_mib": 24564})",                                                         "my.json: my-gpu: driver_total_source: missing"                              },
      {R"({"driver_total_mib": 25000, "driver_total_source": "x"})",
       "my.json: my-gpu: driver_total_mib: 25000 MiB is above the memory as sold, 24576 MiB"                                                                                  },
      {R"({"driver_total_rule": "magic"})",
       "my.json: my-gpu: driver_total_rule: no rule is called \"magic\""                                                                                                      },
      {R"({"driver_total_rule": "channel"})",
       "my.json: my-gpu: driver_total_rule: \"channel\" counts memory channels, so bus_bits is needed"                                                                        },
      {R"({"driver_total_rule": "channel", "bus_bits": 384})",                                   "none"                                                                       },
      {R"({"driver_total_rule": "nominal", "cuda_total_mib": 24580, "cuda_total_source": "x"})",
       "my.json: my-gpu: cuda_total_mib: 24580 MiB is above what the driver reports, 24576 MiB"                                                                               },
      {R"({"cuda_total_mib": 24000})",                                                           "my.json: my-gpu: cuda_total_source: missing"                                },
      {R"({"memory_gb": 0.25, "architecture": "Turing"})",
       "my.json: my-gpu: memory_gb: the driver alone keeps 457 MiB"                                                                                                           },
      {R"({"fp16_tflops": 100})",                                                                "my.json: my-gpu: fp16_source: missing"                                      },
      {R"({"fp32_tflops": 10})",                                                                 "my.json: my-gpu: fp32_source: missing"                                      },
      {R"({"sm": 80})",                                                                          "my.json: my-gpu: sm_source: missing"                                        },
      {R"({"devices": 3})",                                                                      "my.json: my-gpu: devices: must be 1 or 2"                                   },
      {R"({"release_date": "soon"})",
       "my.json: my-gpu: release_date: \"soon\" is not a date; write YYYY, YYYY-MM or YYYY-MM-DD"                                                                             },
      {R"({"release_date": "2025-1"})",
       "my.json: my-gpu: release_date: \"2025-1\" is not a date; write YYYY, YYYY-MM or YYYY-MM-DD"                                                                           },
      {R"({"release_date": "2025-01"})",                                                         "none"                                                                       },
      {R"({"aliases": "mine"})",                                                                 "my.json: my-gpu: aliases: a list of strings was expected, not \"mine\""     },
      {R"({"aliases": [""]})",                                                                   "my.json: my-gpu: aliases: a name is empty or has a line break"              },
      {R"({"unverified": ["speed"]})",                                                           "my.json: my-gpu: unverified: \"speed\" is not a key of this entry"          },
  };
  for (const Row& row : rows) {
    CAPTURE(row.changes);
    CHECK(mistake(document("gpus", gpu, row.changes)) == row.message);
  }
}

TEST_CASE("each mistake in a system's entry is named with file, entry and field") {
  struct Row {
    const char *changes, *message;
  };
  const Row rows[] = {
      {R"({})",                                                                  "none"                                                                   },
      {R"({"kind": "box"})",                                                     "my.json: my-node: kind: \"box\" is not one of unified, multi_gpu, cloud"},
      {R"({"gpu_id": null})",
       "my.json: my-node: gpu: missing; give gpu_id, or gpu where the catalog does not have it"                                                           },
      {R"({"gpu_id": "rtx-3091"})",                                              "my.json: my-node: gpu_id: no GPU is called \"rtx-3091\""                },
      {R"({"gpu_count": 0})",                                                    "my.json: my-node: gpu_count: must be above 0"                           },
      {R"({"gpu_count": 2})",                                                    "my.json: my-node: memory_gb: 96 GB is not 2 x 24 GB of rtx-3090"        },
      {R"({"memory_gb": 0})",                                                    "my.json: my-node: memory_gb: must be above 0"                           },
      {R"({"gpu_id": null, "gpu": "X", "memory_gb": 1e60})",
       "my.json: my-node: memory_gb: 1e+60 GB is more than any machine has"                                                                               },
      {R"({"system_memory_gb": 1e60})",
       "my.json: my-node: system_memory_gb: 1e+60 GB is more than any machine has"                                                                        },
      {R"({"gpu_fraction": 2})",                                                 "my.json: my-node: gpu_fraction: must be above 0 and at most 1"          },
      {R"({"memory_share": "magic"})",                                           "my.json: my-node: memory_share: no share \"magic\" covers 96 GB"        },
      {R"({"memory_share": "metal", "usable_mib": 9000})",
       "my.json: my-node: memory_share: not allowed together with usable_mib"                                                                             },
      {R"({"usable_mib": 99000})",
       "my.json: my-node: usable_mib: 99000 MiB is above the memory as sold, 98304 MiB"                                                                   },
      {R"({"gpu_id": null, "gpu": "X", "fp16_tflops": 10})",                     "my.json: my-node: fp16_source: missing"                                 },
      {R"({"gpu_id": null, "gpu": "X", "fp16_tflops": 10, "fp16_source": "x"})", "none"                                                                   },
      {R"({"fp16_tflops": 10, "fp16_source": "x"})",
       "my.json: my-node: fp16_tflops: not allowed together with gpu_id; rtx-3090 has its own"                                                            },
      {R"({"ram": 1})",                                                          "my.json: my-node: ram: unknown key"                                     },
  };
  for (const Row& row : rows) {
    CAPTURE(row.changes);
    CHECK(mistake(document("systems", node, row.changes)) == row.message);
  }
}

TEST_CASE("mistakes in the structure of a file are named") {
  struct Row {
    const char *text, *message;
  };
  const Row rows[] = {
      {R"({})",                                                                             "none"                                                    },
      {R"({"$schema": "x", "gpus": [], "systems": [], "models": [], "architectures": {}})", "none"                                                    },
      {R"({"cards": []})",                                                                  "my.json: the document: cards: unknown key"               },
      {R"([])",                                                                             "my.json: the document: an object was expected, not array"},
      {R"({"gpus": {}})",                                                                   "my.json: gpus: a list was expected"                      },
      {R"({"systems": 1})",                                                                 "my.json: systems: a list was expected"                   },
      {R"({"models": {}})",                                                                 "my.json: models: a list was expected"                    },
      {R"({"architectures": []})",                                                          "my.json: architectures: an object was expected"          },
      {R"({"gpus": [4]})",                                                                  "my.json: gpus[0]: an object was expected, not number"    },
      {R"({"gpus": [], "gpus": []})",                                                       "my.json: key \"gpus\" appears twice"                     },
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(mistake(row.text) == row.message);
  }
  CHECK(mistake("{").starts_with("my.json: not valid JSON: "));
}

TEST_CASE("two entries of a file may not share an id or a name") {
  json other = gpu;
  CHECK(mistake(json{
            {"gpus", {gpu, other}}
  }
                    .dump()) == "my.json: my-gpu: id: appears twice");
  other["id"] = "your-gpu";
  other["aliases"] = {"MY_GPU"};
  CHECK(mistake(json{
            {"gpus", {gpu, other}}
  }
                    .dump()) == "my.json: your-gpu: aliases: \"MY_GPU\" names my-gpu already");
}

TEST_CASE("a title shared by two entries names neither") {
  json other = gpu;
  other["id"] = "your-gpu";
  Catalog catalog;
  catalog.add(
      json{
          {"gpus", {gpu, other}}
  }
          .dump(),
      "my.json");
  CHECK(catalog.gpu("my-gpu").id == "my-gpu");  // an id takes precedence over a title
  CHECK(catalog.gpu("your-gpu").id == "your-gpu");
}

TEST_CASE("a user's entry adds to the catalog") {
  Catalog catalog;
  const std::size_t before = catalog.gpus().size();
  catalog.add(document("gpus", gpu, R"({"aliases": ["mine"], "driver_total_rule": "nominal"})"), "my.json");
  CHECK(catalog.gpus().size() == before + 1);
  CHECK(catalog.gpu("mine").name == "My GPU");
  CHECK(catalog.gpu("My GPU").usable_mib == 24576 - 475);
  CHECK(catalog.gpu("rtx-4090").id == "rtx-4090");
  CHECK(catalog.gpus("my gpu").size() == 1);
}

TEST_CASE("a user's entry replaces the one with the same id, including its names") {
  Catalog catalog;
  const std::size_t before = catalog.gpus().size();
  catalog.add(document("gpus", gpu, R"({"id": "rtx-3060-12gb", "memory_gb": 12, "usable_mib": 9000})"),
              "my.json");
  CHECK(catalog.gpus().size() == before);
  for (const char* name : {"rtx-3060-12gb", "rtx-3060", "3060", "NVIDIA GeForce RTX 3060"}) {
    CAPTURE(name);
    CHECK(catalog.gpu(name).usable_mib == 9000);
    CHECK(catalog.gpu(name).usable_evidence == Evidence::cited);
  }
  CHECK(Catalog().gpu("rtx-3060").usable_mib == 12288 - 475);
}

TEST_CASE("the later of two files wins") {
  Catalog catalog;
  catalog.add(document("gpus", gpu, R"({"usable_mib": 1000})"), "one.json");
  catalog.add(document("gpus", gpu, R"({"usable_mib": 2000})"), "two.json");
  CHECK(catalog.gpu("my-gpu").usable_mib == 2000);
}

TEST_CASE("a user's system may have a GPU from the user's file") {
  Catalog catalog;
  const json mine = {
      {"gpus",    {gpu} },
      {"systems", {node}}
  };
  json patched = mine;
  patched["gpus"][0]["usable_mib"] = 23000;
  patched["systems"][0]["gpu_id"] = "my-gpu";
  catalog.add(patched.dump(), "my.json");
  CHECK(catalog.system("my-node").usable_mib == 4 * 23000);
  CHECK(catalog.hardware("My node").system->gpu == "My GPU");
}

TEST_CASE("a user may add a model, its variant and a row for its model_type") {
  const char* text = R"({
    "architectures": {"mine": {"gguf_architecture": "llama"}},
    "models": [
      {"id": "mine-4bit", "name": "Mine 4 bit", "publisher": "Me", "family": "Mine", "source": "a test",
       "variant_of": "mine-1b", "scheme": "awq", "stored_elements": 7, "stored_source": "a test"},
      {"id": "mine-1b", "name": "Mine 1B", "publisher": "Me", "family": "Mine", "source": "a test", "aliases": ["my:1b"],
       "config": {"model_type": "mine", "vocab_size": 32000, "hidden_size": 2048, "num_hidden_layers": 16,
         "num_attention_heads": 32, "num_key_value_heads": 8, "intermediate_size": 8192, "max_position_embeddings": 4096}}
    ]})";
  Catalog catalog;
  catalog.add(text, "my.json");
  CHECK(catalog.model("my:1b").architecture.blocks.size() == 16);
  CHECK(catalog.model("mine-4bit").architecture == catalog.model("mine-1b").architecture);
  CHECK(catalog.model_row("mine-1b").context_length == 4096);
  CHECK(catalog.model_row("mine-1b").parameters > 1'000'000'000);
  CHECK(catalog.models_of_family("Mine").size() == 2);
}

TEST_CASE("a variant needs its base") {
  CHECK(
      mistake(
          R"({"models": [{"id": "mine", "name": "Mine", "publisher": "Me", "family": "Mine", "source": "a test",
    "variant_of": "nobody", "scheme": "awq", "stored_elements": 7, "stored_source": "a test"}]})") ==
      "my.json: mine: variant_of: no model is called \"nobody\"");
}

TEST_CASE("a shape whose size overflows is refused") {
  const std::string message = mistake(
      R"({"models": [{"id": "huge", "name": "Huge", "publisher": "Me", "family": "Mine", "source": "a test",
      "config": {"model_type": "llama", "vocab_size": 4294967295, "hidden_size": 4294967295, "num_hidden_layers": 2,
        "num_attention_heads": 1, "num_key_value_heads": 1, "head_dim": 4294967295, "intermediate_size": 4294967295,
        "max_position_embeddings": 4096}}]})");
  CHECK(message.starts_with("my.json: huge: "));
}

}  // namespace vramcalc::test
