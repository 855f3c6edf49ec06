#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "catch.hpp"
#include "source/gguf_writer.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/source.hpp"

// A folder with config.json, an index and safetensors files: what loads is what their headers say.
namespace vramcalc::test {
namespace {

using nlohmann::json;

constexpr const char* config = R"({"architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3",
  "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 1, "num_attention_heads": 4,
  "num_key_value_heads": 2, "head_dim": 16, "vocab_size": 256, "max_position_embeddings": 512,
  "tie_word_embeddings": true, "rms_norm_eps": 1e-6, "rope_theta": 10000.0, "hidden_act": "silu",
  "torch_dtype": "bfloat16",
  "quantization_config": {"quant_method": "fp8", "activation_scheme": "dynamic", "fmt": "e4m3",
                          "weight_block_size": [128, 128]}})";

void write(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

struct Stored {
  const char *name, *dtype;
  std::vector<std::uint64_t> shape;
  std::uint64_t bytes;
};

std::string safetensors(const std::vector<Stored>& tensors) {
  json header = json::object();
  std::uint64_t end = 0;
  for (const Stored& tensor : tensors) {
    header[tensor.name] = {
        {"dtype",        tensor.dtype             },
        {"shape",        tensor.shape             },
        {"data_offsets", {end, end + tensor.bytes}}
    };
    end += tensor.bytes;
  }
  const std::string text = header.dump();
  std::string file;
  for (int i = 0; i < 8; ++i) file += static_cast<char>((text.size() >> (8 * i)) & 0xff);
  return file + text + std::string(end, '\0');
}

const std::vector<Stored> tensors = {
    {"model.embed_tokens.weight",                            "BF16",    {256, 64}, 32768},
    {"model.layers.0.self_attn.q_proj.weight",               "F8_E4M3", {64, 64},  4096 },
    {"model.layers.0.self_attn.q_proj.weight_scale_inv",     "F32",     {1, 1},    4    },
    {"model.layers.0.self_attn.rotary_emb_of_another.cache", "F32",     {3},       12   },
};

LoadedModel loaded_with_index(std::uint64_t total_size, bool with_file) {
  const ScratchFolder folder;
  write(folder.path("config.json"), config);
  json index;
  index["metadata"]["total_size"] = total_size;
  for (const Stored& tensor : tensors) index["weight_map"][tensor.name] = "model-00001-of-00001.safetensors";
  write(folder.path("model.safetensors.index.json"), index.dump());
  if (with_file) write(folder.path("model-00001-of-00001.safetensors"), safetensors(tensors));
  return load_model(Catalog(), folder.path("."));
}

bool warns_of(const LoadedModel& loaded, const std::string& words) {
  for (const std::string& warning : loaded.warnings)
    if (warning.find(words) != std::string::npos) return true;
  return false;
}

}  // namespace

TEST_CASE("the parts of a folder are those of its headers, to the byte") {
  const LoadedModel loaded = loaded_with_index(36880, true);
  REQUIRE(loaded.checkpoint);
  CHECK(bytes_of(loaded.checkpoint->parts) == Bytes(36880));
  CHECK(loaded.checkpoint->tensor_bytes == Bytes(36880));
  REQUIRE(loaded.checkpoint->parts.size() == 3);
  for (const CheckpointPart& part : loaded.checkpoint->parts) {
    if (part.kind == Role::embedding) CHECK(part.bytes == Bytes(32768));
    if (part.kind == Role::q) CHECK(part.bytes == Bytes(4100));
    if (part.kind == Role::q) CHECK(part.packed);
    if (part.kind == Role::other) CHECK(part.layer == 0);
    if (part.kind == Role::other) CHECK(part.bytes == Bytes(12));
  }
  CHECK_FALSE(warns_of(loaded, "claims"));
  const PublishedFormat published = published_format(Catalog(), loaded.model, &*loaded.checkpoint);
  CHECK(published.format.name == "FP8");
  CHECK(bytes_of(parts_of(loaded.model.architecture, published.format)) == Bytes(36880));
}

TEST_CASE("headers are taken over an index that claims another total") {
  const LoadedModel loaded = loaded_with_index(40000, true);
  CHECK(loaded.checkpoint.value().tensor_bytes == Bytes(36880));
  CHECK(warns_of(loaded,
                 "model.safetensors.index.json claims 40000 bytes, but the headers of its files say "
                 "36880; the headers are taken"));
}

TEST_CASE("an index without files is taken at its word, and a warning says so") {
  const LoadedModel loaded = loaded_with_index(40000, false);
  CHECK(loaded.checkpoint.value().tensor_bytes == Bytes(40000));
  CHECK(loaded.checkpoint->parts.empty());
  CHECK(warns_of(loaded, "their sizes are taken from model.safetensors.index.json"));
}

}  // namespace vramcalc::test
