#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "catalog/model.hpp"
#include "catalog/shape.hpp"
#include "catch.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::test {
namespace {

using nlohmann::json;

const json architectures = json::parse(R"({
  "plain":   {"gguf_architecture": "llama"},
  "biased":  {"gguf_architecture": "qwen2", "attn_bias_layout": "qkv", "tie_word_embeddings": true},
  "window":  {"gguf_architecture": "gemma2", "layer_pattern": [["sliding_attention", 1], ["full_attention", 1]]},
  "nowhere": {}
})");

const json config = json::parse(R"({
  "model_type": "plain", "vocab_size": 32000, "hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32,
  "num_key_value_heads": 8, "intermediate_size": 14336, "max_position_embeddings": 8192
})");

json entry(const json& changes = json::object()) {
  json shape = config;
  shape.merge_patch(changes);
  return {
      {"id",        "some-model"          },
      {"name",      "Some Model"          },
      {"publisher", "Somebody"            },
      {"family",    "Some"                },
      {"source",    "the config of a test"},
      {"config",    shape                 }
  };
}

Model read(const json& each) {
  return catalog::read_model(each, architectures, "some.json", [](const std::string& id) -> Model {
    throw Error(ErrorCode::bad_file, "no model is called " + id);
  });
}

std::string failure(const json& each) {
  try {
    read(each);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("a config's field overrides its model_type's row, and null removes the row's") {
  CHECK(read(entry({
                 {"model_type", "biased"}
  }))
            .architecture.tied_embeddings);
  CHECK_FALSE(read(entry({
                       {"model_type",          "biased"},
                       {"tie_word_embeddings", false   }
  }))
                  .architecture.tied_embeddings);
  json taken_back = entry();
  taken_back["config"]["model_type"] = "window";
  taken_back["config"]["layer_pattern"] = nullptr;
  const Architecture model = read(taken_back).architecture;
  CHECK_FALSE(std::get<GroupedQueryAttention>(model.blocks[0].attention).window);
}

TEST_CASE("a pattern of layers repeats to the end") {
  const Architecture model =
      read(entry(json::parse(R"({"model_type": "window", "sliding_window": 4096, "num_hidden_layers": 5})")))
          .architecture;
  std::string kinds;
  for (const Block& block : model.blocks)
    kinds += std::get<GroupedQueryAttention>(block.attention).window ? 'w' : 'f';
  CHECK(kinds == "wfwfw");
}

TEST_CASE("mistakes in a model entry are refused with file, entry and field") {
  struct Row {
    const char* changes;  // to the config
    const char* error;
  };
  // clang-format off
  const Row rows[] = {
      {R"({"model_type": "plane"})",                    "model_type: \"plane\" has no row in architectures.json"},
      {R"({"model_type": "nowhere"})",                  "gguf_architecture: either this or a gguf_refusal is needed"},
      {R"({"vocab_size": null})",                       "vocab_size: missing"},
      {R"({"vocab_size": 0})",                          "vocab_size: must not be 0"},
      {R"({"vocab_size": -1})",                         "vocab_size: a whole number"},
      {R"({"vocab_size": 1.5})",                        "vocab_size: a whole number"},
      {R"({"vocab_size": "32000"})",                    "vocab_size: a whole number"},
      {R"({"vocab_size": 5000000000})",                 "vocab_size: 5000000000 is too large"},
      {R"({"num_hidden_layers": 0})",                   "num_hidden_layers: must not be 0"},
      {R"({"num_hidden_layers": 4000000000})",          "num_hidden_layers: 4000000000 layers are too many"},
      {R"({"num_nextn_predict_layers": 40000000})",     "num_nextn_predict_layers: 40000000 layers are too many"},
      {R"({"num_key_value_heads": 7})",                 "num_key_value_heads: 32 heads do not divide into 7 groups"},
      {R"({"num_attention_heads": 33})",                "head_dim: missing, and 4096 does not divide into 33 heads"},
      {R"({"intermediate_size": null})",                "intermediate_size: missing or 0, though layers have a dense feed-forward part"},
      {R"({"intermediate_size": [14336]})",             "intermediate_size: 1 values for 32 layers"},
      {R"({"layer_types": ["full_attention"]})",        "layer_types: 1 values for 32 layers"},
      {R"({"layer_types": [["full_attention", 31]]})",  "layer_types: 31 values for 32 layers"},
      {R"({"layer_types": [["full_attention", 0]]})",   "layer_types: 0 layers are too few or too many"},
      {R"({"layer_types": [["full_attention", 32, 1]]})", "layer_types: [value, how many] was expected"},
      {R"({"layer_types": [["full_attention", 99999999999]]})", "are too few or too many"},
      {R"({"layer_types": [["fool_attention", 32]]})",  "layer_types: \"fool_attention\" is not a kind of layer; known are full_attention"},
      {R"({"layer_types": "full_attention"})",          "layer_types: a list was expected"},
      {R"({"layer_pattern": []})",                      "layer_pattern: empty"},
      {R"({"layer_types": [["sliding_attention", 32]]})", "sliding_window: missing, though layers of this kind are listed"},
      {R"({"layer_types": [["conv", 32]]})",            "conv_L_cache: missing"},
      {R"({"layer_types": [["mamba", 32]]})",           "mamba_num_heads: missing"},
      {R"({"layer_types": [["linear_attention", 32]]})", "linear_num_key_heads: missing"},
      {R"({"layer_types": [["shared_indexer", 32]], "kv_lora_rank": 512, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128})",
                                                        "index_n_heads: missing, though layers share an indexer"},
      {R"({"wiring": "sandwitch"})",                    "wiring: \"sandwitch\" is not one of pre_norm, sandwich"},
      {R"({"qk_norm": "per_tensor"})",                  "qk_norm: \"per_tensor\" is not one of none, per_head"},
      {R"({"hidden_act": "selu"})",                     "hidden_act: \"selu\" is not one of silu"},
      {R"({"tie_word_embeddings": 1})",                 "tie_word_embeddings: true or false was expected, not 1"},
      {R"({"num_experts": 8})",                         "num_experts_per_tok: missing"},
      {R"({"num_experts": 8, "num_experts_per_tok": 9})", "num_experts_per_tok: 9 of 8 experts"},
      {R"({"num_experts": 8, "num_experts_per_tok": 2, "moe_intermediate_size": 0})", "moe_intermediate_size: must not be 0"},
      {R"({"num_experts": 8, "num_experts_per_tok": 2, "first_k_dense_replace": 33})", "first_k_dense_replace: 33 of 32 layers"},
      {R"({"num_experts": 8, "num_experts_per_tok": 2, "moe_layer_freq": [[1, 31]]})", "moe_layer_freq: 31 values for 32 layers"},
      {R"({"num_experts": 8, "num_experts_per_tok": 2, "expert_native_type": "fp3"})", "expert_native_type: \"fp3\" is not an element type"},
      {R"({"num_kv_shared_layers": 32})",               "num_kv_shared_layers: 32 of 32 layers"},
      {R"({"block_configs": [[5, 100, 32]]})",          "block_configs: 32 heads do not divide into groups of 5"},
      {R"({"block_configs": [[8, 100, 31]]})",          "block_configs: 31 values for 32 layers"},
      {R"({"block_configs": [[8, 100]]})",              "block_configs: [group, width, times] was expected"},
      {R"({"towers": [{"kind": "vision"}]})",           "some-model: towers: parameters: missing"},
      {R"({"graph": {"scales_quarry": true}})",         "some-model: graph: scales_quarry: unknown key"},
      {R"({"num_key_value_haeds": 8})",                 "num_key_value_haeds: unknown key"},
      {R"({"mamba_num_heads": 8})",                     "mamba_num_heads: unknown key"},
  };
  // clang-format on
  for (const Row& row : rows) {
    INFO(row.changes);
    const json patch = json::parse(row.changes);
    const std::string message = failure(entry(patch));
    INFO(message);
    CHECK(message.starts_with("some.json: some-model"));
    CHECK(message.find(row.error) != std::string::npos);
  }
}

TEST_CASE("mistakes in the identity of an entry are refused") {
  struct Row {
    const char* change;
    const char* error;
  };
  // clang-format off
  const Row rows[] = {
      {R"({"id": "Some Model"})",           "id: \"Some Model\" must be of a-z, 0-9, dot and dash"},
      {R"({"id": 3})",                      "an entry without an id: id: a string was expected"},
      {R"({"name": null})",                 "name: missing"},
      {R"({"source": null})",               "source: missing"},
      {R"({"config": null})",               "config: missing"},
      {R"({"incomplete": "not seen"})",     "config: an incomplete entry or a variant has none"},
      {R"({"release_date": "May 2025"})",   "release_date: \"May 2025\" is not YYYY-MM-DD or a prefix of it"},
      {R"({"aliases": "some"})",            "aliases: a list of strings was expected"},
      {R"({"published_parameters": 7})",    "published_source: missing: every figure says where it is from"},
      {R"({"variant_of": "x", "config": null})", "scheme: missing"},
      {R"({"licence": "mit"})",             "licence: unknown key"},
      {R"({"variant_of": "x", "config": null, "scheme": "fp8", "packing": {"parts": []}})",
                                            "some-model: packing: value_bits: missing"},
      {R"({"variant_of": "x", "config": null, "scheme": "fp8", "packing": {"parts": [], "value_bits": 0}})",
                                            "some-model: packing: value_bits: must not be 0"},
      {R"({"variant_of": "x", "config": null, "scheme": "fp8", "stored_elements": 7})", "stored_source: missing"},
      {R"({"variant_of": "x", "config": null, "scheme": "fp8"})", "no model is called x"},
  };
  // clang-format on
  for (const Row& row : rows) {
    INFO(row.change);
    json changed = entry();
    changed.merge_patch(json::parse(row.change));
    const std::string message = failure(changed);
    INFO(message);
    CHECK(message.find(row.error) != std::string::npos);
  }
}

TEST_CASE("lists may be run-length coded, and repeat sequences") {
  struct Row {
    const char* layer_types;
    const char* kinds;
  };
  const Row rows[] = {
      {R"(["full_attention", "sliding_attention", "sliding_attention", "full_attention"])",     "fwwf"},
      {R"([["sliding_attention", 3], ["full_attention", 1]])",                                  "wwwf"},
      {R"([[["sliding_attention", "full_attention"], 2]])",                                     "wfwf"},
      {R"(["full_attention", [["full_attention", "sliding_attention", "full_attention"], 1]])", "ffwf"},
  };
  for (const Row& row : rows) {
    INFO(row.layer_types);
    json changes = {
        {"sliding_window",    4096u},
        {"num_hidden_layers", 4u   }
    };
    changes["layer_types"] = json::parse(row.layer_types);
    std::string kinds;
    for (const Block& block : read(entry(changes)).architecture.blocks)
      kinds += std::get<GroupedQueryAttention>(block.attention).window ? 'w' : 'f';
    CHECK(kinds == row.kinds);
  }
}

TEST_CASE("a repository's config may have fields that the shape does not need") {
  json more = config;
  more["torch_dtype"] = "bfloat16";
  CHECK_THROWS_AS(catalog::read_architecture(more, architectures, "config.json", "some"), Error);
  std::vector<std::string> unused;
  const Architecture model = catalog::read_architecture(more, architectures, "config.json", "some", unused);
  CHECK(model.blocks.size() == 32);
  CHECK(unused == std::vector<std::string>{"torch_dtype"});
}

TEST_CASE("an incomplete entry is found by name and refused with its reason") {
  json each = entry();
  each.erase("config");
  each["incomplete"] = "its widths are not public yet";
  CHECK(catalog::read_identity(each, "some.json").incomplete == "its widths are not public yet");
  CHECK(failure(each) == "some-model cannot be calculated: its widths are not public yet");
}

TEST_CASE("a variant has the shape of its base and the page's count") {
  const Catalog catalog;
  const Model base = catalog.model("deepseek-r1-0528");
  const Model variant = catalog.model("deepseek-r1-0528-nvfp4-v2");
  CHECK(variant.architecture == base.architecture);
  CHECK(variant.packed.value().scheme == "nvfp4_deepseek");
  CHECK(variant.packed.value().stored_elements == 393'632'819'968);  // "394B" on the page, of 684B parameters
}

TEST_CASE("every model can be read, and every variant finds its base") {
  const Catalog catalog;
  std::size_t complete = 0, incomplete = 0, variants = 0;
  for (const ModelRow* row : catalog.models()) {
    INFO(row->id);
    if (!row->incomplete.empty()) {
      ++incomplete;
      CHECK_THROWS_AS(catalog.model(row->id), Error);
      continue;
    }
    const Model model = catalog.model(row->id);
    CHECK_FALSE(model.source.empty());
    CHECK_FALSE(model.architecture.blocks.empty());
    (model.variant_of.empty() ? complete : variants) += 1;
  }
  CHECK(complete == 457);
  CHECK(variants == 44);
  CHECK(incomplete == 19);
}

TEST_CASE("the schema of the data files has every field that they use") {
  const std::string data = std::string(VRAMCALC_SOURCE_DIR) + "/data";
  const json definitions = json::parse(std::ifstream(data + "/schema/models.schema.json")).at("$defs");
  const json& model = definitions.at("model").at("properties");
  const json& known_config = definitions.at("config").at("properties");
  const auto check = [](const json& object, const json& known) {
    for (const auto& [key, value] : object.items()) {
      INFO(key);
      CHECK(known.contains(key));
    }
  };
  for (const auto& each : std::filesystem::directory_iterator(data + "/models")) {
    INFO(each.path());
    const json file = json::parse(std::ifstream(each.path()));
    for (const json& model_entry : file.at("models")) {
      check(model_entry, model);
      check(model_entry.value("config", json::object()), known_config);
    }
  }
  for (const json& row : json::parse(std::ifstream(data + "/architectures.json"))) check(row, known_config);
}

}  // namespace vramcalc::test
