#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "catch.hpp"
#include "render/deployment_sample.hpp"
#include "render/render.hpp"

using namespace vramcalc;
using Json = nlohmann::json;

namespace {

Json parsed(const DeploymentReport& report) { return Json::parse(render::json(report, {})); }

std::set<std::string> keys_of(const Json& object) {
  std::set<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.insert(key);
  return keys;
}

using Keys = std::set<std::string>;

}  // namespace

TEST_CASE("the JSON of a deployment has the keys of schema version 1") {
  const Json json = parsed(sample::deployment());
  CHECK(json["schema_version"] == 1);
  CHECK(json["kind"] == "deployment");
  CHECK(keys_of(json) == Keys{"schema_version", "vramcalc_version", "catalog_date", "kind", "services",
                              "summary", "machines", "findings", "files", "change", "warnings"});
  for (const Json& service : json["services"])
    CHECK(keys_of(service) == Keys{"name", "file", "line", "program", "release", "model", "quantization",
                                   "arguments", "hardware", "gpus", "replicas", "status", "verdict",
                                   "max_context", "estimate", "devices", "warnings", "findings"});
  for (const Json& finding : json["services"][0]["findings"])
    CHECK(keys_of(finding) == Keys{"code", "severity", "message", "file", "line", "fix"});
  CHECK(keys_of(json["machines"][0]) == Keys{"name", "hardware", "gpus"});
  CHECK(keys_of(json["machines"][0]["gpus"][0]) ==
        Keys{"name", "usable_bytes", "total_bytes", "low_bytes", "high_bytes", "services", "verdict"});
}

TEST_CASE("each status of a service has its word in JSON") {
  const Json services = parsed(sample::deployment())["services"];
  const char* expected[] = {"fits", "does-not-fit", "would-not-start", "unresolved", "tight"};
  for (std::size_t i = 0; i < 5; ++i) CHECK(services[i]["status"] == expected[i]);
}

TEST_CASE("a service says in JSON what was read and what was calculated") {
  const Json chat = parsed(sample::deployment())["services"][0];
  CHECK(chat["file"] == "compose.yaml");
  CHECK(chat["line"] == 12);
  CHECK(chat["release"] == "0.10.1");
  CHECK(chat["gpus"] == 2);
  CHECK(chat["replicas"] == 3);
  CHECK(chat["verdict"] == "great");
  CHECK(chat["estimate"]["total_bytes"] == 68'100'000'000u);
  CHECK(chat["devices"][0]["usable_bytes"] == 144'200'000'000u);
}

TEST_CASE("arguments are those that bear on the memory, and a flag with several values has a list") {
  const std::string text = render::json(sample::deployment(), {});
  CHECK(Json::parse(text)["services"][0]["arguments"] ==
        Json{
            {"model",           "Qwen/Qwen3-32B"},
            {"--max-model-len", "32768"         },
            {"--lora-modules",  {"a=x", "b=y"}  }
  });
  CHECK(text.find("sk-secret") == std::string::npos);
}

TEST_CASE("what is unknown of a service is null") {
  const Json draft = parsed(sample::deployment())["services"][3];
  for (const char* key :
       {"release", "model", "quantization", "hardware", "gpus", "verdict", "max_context", "estimate"}) {
    CAPTURE(key);
    CHECK(draft[key].is_null());
  }
  CHECK(draft["devices"].empty());
}

TEST_CASE("the summary counts services, copies, GPUs and findings") {
  const Json summary = parsed(sample::deployment())["summary"];
  const Json expected = {
      {"services",        5               },
      {"fits",            1               },
      {"tight",           1               },
      {"does_not_fit",    1               },
      {"would_not_start", 1               },
      {"unresolved",      1               },
      {"replicas",        7               },
      {"gpus",            9               },
      {"total_bytes",     273'900'000'000u},
      {"low_bytes",       271'400'000'000u},
      {"high_bytes",      276'400'000'000u},
      {"errors",          3               },
      {"warnings",        2               },
      {"notes",           0               },
      {"exit_status",     1               }
  };
  CHECK(summary == expected);
}

TEST_CASE("a sum beyond 64 bits is null") {
  DeploymentReport report = sample::one_service();
  report.services[0].replicas = UINT32_MAX;
  const Json summary = parsed(report)["summary"];
  CHECK(summary["total_bytes"].is_null());
  CHECK(summary["replicas"] == UINT32_MAX);
}

TEST_CASE("the sums of GPUs that services share are in JSON") {
  const Json gpu = parsed(sample::deployment())["machines"][0]["gpus"][0];
  CHECK(gpu == Json{
                   {"name",         "gpu0"           },
                   {"usable_bytes", 25'200'000'000u  },
                   {"total_bytes",  30'500'000'000u  },
                   {"low_bytes",    30'000'000'000u  },
                   {"high_bytes",   31'000'000'000u  },
                   {"services",     {"chat", "embed"}},
                   {"verdict",      "no"             }
  });
}

TEST_CASE("findings about files have no line, and what has not changed is null") {
  const Json json = parsed(sample::deployment());
  CHECK(json["findings"][0] ==
        Json{
            {"code",     "shared-gpu-overfull"                                            },
            {"severity", "error"                                                          },
            {"message",  "chat and embed need 30.5 GB of gpu0 together, which has 25.2 GB"},
            {"file",     "compose.yaml"                                                   },
            {"line",     nullptr                                                          },
            {"fix",      "give one of them gpu1"                                          }
  });
  CHECK(json["change"].is_null());
  CHECK(json["files"] == Json{"compose.yaml", "k8s/models.yaml"});
}

TEST_CASE("a change has the bytes before and after") {
  const Json change = parsed(sample::changed_deployment())["change"];
  CHECK(change["baseline"] == "main.json");
  CHECK(change["gpus"][0] == Json{
                                 {"machine",      "compose.yaml" },
                                 {"name",         "gpu0"         },
                                 {"before_bytes", 24'400'000'000u},
                                 {"after_bytes",  30'500'000'000u}
  });
  CHECK(change["services"][2] == Json{
                                     {"name",          "draft"     },
                                     {"status_before", nullptr     },
                                     {"status_after",  "unresolved"},
                                     {"before_bytes",  nullptr     },
                                     {"after_bytes",   nullptr     }
  });
}

TEST_CASE("hostile texts stay texts in JSON, keys included") {
  const Json json = parsed(sample::hostile_deployment());
  CHECK(json["services"].size() == 5);
  CHECK(json["services"][0]["arguments"].size() == 1);
}
