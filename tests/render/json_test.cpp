#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "catch.hpp"
#include "render/render.hpp"
#include "render/sample.hpp"
#include "vramcalc/catalog_date.hpp"

using namespace vramcalc;
using Json = nlohmann::json;

namespace {

Json parsed(const Report& report) { return Json::parse(render::json(report, {})); }

void has_keys(const Json& object, const std::vector<const char*>& keys) {
  for (const char* key : keys) {
    CAPTURE(key);
    CHECK(object.contains(key));
  }
}

const std::vector<const char*> estimate_keys = {
    "tensor_bytes", "file_bytes", "total_bytes", "low_bytes", "high_bytes", "recommended_bytes", "devices"};

}  // namespace

TEST_CASE("every document names its schema, its program and its kind") {
  const std::map<std::string, Report> kinds = {
      {"overview", sample::deepseek()     },
      {"check",    sample::check()        },
      {"models",   sample::models()       },
      {"quants",   sample::quantizations()},
      {"gpus",     sample::gpus()         },
      {"systems",  sample::systems()      },
      {"error",    sample::error()        }
  };
  for (const auto& [kind, report] : kinds) {
    CAPTURE(kind);
    const std::string text = render::json(report, {});
    const Json json = Json::parse(text);
    CHECK(json["schema_version"] == 1);
    CHECK(json["vramcalc_version"] == std::string(render::program_version()));
    CHECK(json["catalog_date"] == std::string(catalog_date()));
    CHECK(json["kind"] == kind);
    CHECK(text.back() == '\n');
    CHECK(text.find("\"schema_version\"") < text.find("\"kind\""));  // in order, for people who read it
  }
}

TEST_CASE("the overview has every key of schema version 1") {
  const Json json = parsed(sample::deepseek());
  has_keys(json,
           {"model", "settings", "estimate", "full_context", "quantizations", "gpus", "systems", "warnings"});
  has_keys(json["model"],
           {"id", "name", "publisher", "family", "parameters", "active_parameters", "architecture",
            "context_length", "vocab_size", "release_date", "license", "hf_repo"});
  has_keys(json["settings"],
           {"runtime", "runtime_version", "quantization", "context", "parallel", "kv_unified", "cache_type_k",
            "cache_type_v", "batch", "ubatch", "flash_attention"});
  for (const char* which : {"estimate", "full_context"}) {
    has_keys(json[which], estimate_keys);
    has_keys(json[which]["devices"][0], {"device", "total_bytes", "low_bytes", "high_bytes", "terms"});
    has_keys(json[which]["devices"][0]["terms"][0],
             {"name", "bytes", "low_bytes", "high_bytes", "basis", "why"});
  }
  has_keys(json["quantizations"][0], {"name", "bits_per_weight", "tensor_bytes", "file_bytes", "total_bytes",
                                      "full_context_total_bytes", "quality", "recommended"});
  for (const char* which : {"gpus", "systems"})
    has_keys(json[which][0],
             {"id", "name", "memory_bytes", "usable_bytes", "verdict", "max_context", "best_quantization"});
}

TEST_CASE("speeds are ranges with what they were fitted to, or null") {
  const Json systems = parsed(sample::deepseek())["systems"];
  CHECK(systems[0]["decode_tokens_per_second"]["low"] == 21.4);
  CHECK(systems[0]["decode_tokens_per_second"]["high"] == 36.2);
  CHECK(systems[0]["decode_basis"] == "this_card");
  CHECK(systems[3]["decode_tokens_per_second"].is_null());
  CHECK(systems[3]["decode_basis"].is_null());
  const Json fits = parsed(sample::compare())["rows"][0]["fits"];
  CHECK(fits[0]["decode_basis"].is_null());
  CHECK(fits[1]["decode_basis"] == "its_generation");
  const Json speed = parsed(sample::check())["check"]["speed"];
  CHECK(speed["prefill_tokens_per_second"]["high"] == 3100);
  CHECK(speed["decode_ceiling"] == 55);
  const Json unknown = parsed(CheckReport{})["check"]["speed"];
  for (const char* key :
       {"decode_tokens_per_second", "decode_basis", "decode_ceiling", "prefill_basis", "why"})
    CHECK(unknown[key].is_null());
}

TEST_CASE("the check has every key of schema version 1") {
  const Json json = parsed(sample::check());
  has_keys(json, {"model", "settings", "estimate", "check", "warnings"});
  has_keys(json["check"], {"verdict", "fits", "exit_status", "devices", "max_context", "suggestions"});
  has_keys(json["check"]["devices"][0], {"device", "name", "usable_bytes", "used_bytes", "low_bytes",
                                         "high_bytes", "free_bytes", "verdict"});
  CHECK(json["check"]["verdict"] == "no");
  CHECK(json["check"]["fits"] == false);
  CHECK(json["check"]["exit_status"] == 1);
  CHECK(json["check"]["max_context"].is_null());
  CHECK(json["check"]["devices"][0]["free_bytes"] == 0);
  CHECK(json["check"]["devices"][1]["usable_bytes"].is_null());
  CHECK(json["check"]["devices"][1]["verdict"].is_null());
}

TEST_CASE("bytes are whole numbers and the totals are the sums of their terms") {
  const Json estimate = parsed(sample::deepseek())["estimate"];
  std::uint64_t gpus = 0;
  for (const Json& device : estimate["devices"]) {
    for (const char* bound : {"bytes", "low_bytes", "high_bytes"}) {
      std::uint64_t sum = 0;
      for (const Json& term : device["terms"]) {
        REQUIRE(term[bound].is_number_unsigned());
        sum += term[bound].get<std::uint64_t>();
      }
      CHECK(device[std::string(bound) == "bytes" ? "total_bytes" : bound] == sum);
    }
    if (device["device"] != "host") gpus += device["total_bytes"].get<std::uint64_t>();
  }
  CHECK(estimate["total_bytes"] == gpus);
  CHECK(estimate["total_bytes"] == 404'900'000'000u);
}

TEST_CASE("the terms have the names of the schema") {
  std::set<std::string> names;
  const Json json = parsed(sample::deepseek());
  for (const Json& term : json["estimate"]["devices"][0]["terms"]) names.insert(term["name"]);
  CHECK(names == std::set<std::string>{"weights", "kv_cache", "compute_buffer", "runtime_overhead"});
}

TEST_CASE("every row is there, whatever a terminal would show, and unknown values are null") {
  const Json json = parsed(sample::deepseek());
  CHECK(json["quantizations"].size() == 7);
  CHECK(json["quantizations"][6]["total_bytes"].is_null());
  CHECK(json["quantizations"][6]["refused"] == "Q2_K_S cannot be made without an importance matrix");
  CHECK(json["quantizations"][5]["kld"].is_null());
  CHECK(json["gpus"][0]["max_context"].is_null());
  CHECK(json["gpus"][0]["best_quantization"].is_null());
  CHECK(parsed(sample::small())["gpus"].size() == 21);
  CHECK(parsed(sample::small())["full_context"].is_null());
  CHECK(parsed(sample::systems())["systems"][0]["usable_bytes"].is_null());
  CHECK(parsed(sample::models())["models"][1]["incomplete"] == "its config is not published");
}

TEST_CASE("an error carries its code and its suggestions") {
  CHECK(parsed(sample::error())["error"] ==
        Json{
            {"code",        "unknown_name"                                           },
            {"message",     "unknown model \"deepsek-r1\"; did you mean deepseek-r1?"},
            {"suggestions", {"deepseek-r1"}                                          }
  });
}

TEST_CASE("a name with invalid UTF-8 does not spoil the document") {
  OverviewReport report = sample::deepseek();
  report.summary.model.name = "caf\xe9 \"quoted\"";
  CHECK(parsed(report)["model"]["name"] == "caf\xef\xbf\xbd \"quoted\"");
}
