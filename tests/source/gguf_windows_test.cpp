#include <functional>

#include "catch.hpp"
#include "source/gguf_architecture.hpp"
#include "source/measured_files.hpp"
#include "source/refusal.hpp"
#include "vramcalc/error.hpp"

// The layers of a file with a window, and its length (llama.cpp 0.5.0, src/models/*.cpp,
// load_arch_hparams).

using namespace vramcalc;
using namespace vramcalc::source;

namespace {

using Keys = std::function<void(GgufWriter&, const std::string& prefix)>;

// A small model of plain layers, under any architecture's name.
Architecture model(const std::string& architecture, std::uint32_t layers, const Keys& keys = {}) {
  GgufWriter writer;
  const std::string prefix = architecture + ".";
  writer.key("general.architecture", architecture)
      .key(prefix + "block_count", layers)
      .key(prefix + "context_length", 8192);
  writer.key(prefix + "embedding_length", 64).key(prefix + "feed_forward_length", 128);
  writer.key(prefix + "attention.head_count", 4).key(prefix + "attention.head_count_kv", 2);
  if (keys) keys(writer, prefix);
  std::uint64_t offset = 0;
  const auto add = [&](const std::string& name, std::vector<std::uint64_t> shape) {
    writer.tensor(name, shape, 0, offset);
    std::uint64_t bytes = 4;
    for (std::uint64_t each : shape) bytes *= each;
    offset += (bytes + 31) / 32 * 32;
  };
  add("token_embd.weight", {64, 100});
  add("output_norm.weight", {64});
  for (std::uint32_t i = 0; i < layers; ++i) {
    const std::string blk = "blk." + std::to_string(i) + ".";
    add(blk + "attn_norm.weight", {64});
    for (const char* name : {"attn_q.weight", "attn_output.weight"}) add(blk + name, {64, 64});
    for (const char* name : {"attn_k.weight", "attn_v.weight"}) add(blk + name, {64, 32});
    for (const char* name : {"ffn_gate.weight", "ffn_up.weight"}) add(blk + name, {64, 128});
    add(blk + "ffn_down.weight", {128, 64});
  }
  return gguf_architecture(read_gguf_header(memory_source("m.gguf", writer.bytes(offset))),
                           measured::architectures());
}

// "wwwf": a layer with a window, and one without; then the window's length.
std::string windows(const Architecture& architecture) {
  std::string text;
  std::uint32_t tokens = 0;
  for (const Block& block : architecture.blocks) {
    const auto& attention = std::get<GroupedQueryAttention>(block.attention);
    text += attention.window ? 'w' : 'f';
    if (attention.window) tokens = attention.window->tokens;
  }
  return tokens == 0 ? text : text + " " + std::to_string(tokens);
}

Keys window(std::uint32_t tokens) {
  return [tokens](GgufWriter& writer, const std::string& prefix) {
    writer.key(prefix + "attention.sliding_window", tokens);
  };
}
Keys both(Keys first, Keys second) {
  return [=](GgufWriter& writer, const std::string& prefix) {
    first(writer, prefix);
    second(writer, prefix);
  };
}
Keys period(std::uint32_t layers) {
  return [=](GgufWriter& writer, const std::string& prefix) {
    writer.key(prefix + "attention.sliding_window_pattern", layers);
  };
}
Keys listed(std::vector<bool> flags) {
  return [=](GgufWriter& writer, const std::string& prefix) {
    writer.flags(prefix + "attention.sliding_window_pattern", flags);
  };
}

}  // namespace

TEST_CASE("windows come from a file's list, its period or its architecture's pattern") {
  struct Row {
    const char* what;
    const char* architecture;
    std::uint32_t layers;
    Keys keys;
    const char* windows;
  };
  // clang-format off
  const Row rows[] = {
      {"Llama has none, whatever the file says",  "llama",        4,  window(4096),                                   "ffff"},
      {"nor has Phi-3",                           "phi3",         4,  window(2047),                                   "ffff"},
      {"nor Qwen 2",                              "qwen2",        4,  window(131072),                                 "ffff"},
      {"Gemma 2: its own length",                 "gemma2",       4,  {},                                             "wfwf 4096"},
      {"Gemma 2: the file's length",              "gemma2",       4,  window(1024),                                   "wfwf 1024"},
      {"Gemma 3: five of six",                    "gemma3",       7,  window(1024),                                   "wwwwwfw 1024"},
      {"Gemma 3: none in the file",               "gemma3",       7,  {},                                             "fffffff"},
      {"Gemma 3: the file's period",              "gemma3",       6,  both(window(512), period(3)),                   "wwfwwf 512"},
      {"a period of 0: all",                      "gemma3",       3,  both(window(512), period(0)),                   "www 512"},
      {"the file's list",                         "gemma3",       4,  both(window(512), listed({true, false, true, true})), "wfww 512"},
      {"Command R7B",                             "cohere2",      5,  window(4096),                                   "wwwfw 4096"},
      {"OLMo 2 without, OLMo 3 with a window",    "olmo2",        4,  {},                                             "ffff"},
      {"",                                        "olmo2",        4,  window(4096),                                   "wwwf 4096"},
      {"EXAONE 4: in 64 layers only",             "exaone4",      30, window(4096),                                   "ffffffffffffffffffffffffffffff"},
      {"",                                        "exaone4",      64, {}, "wwwfwwwfwwwfwwwfwwwfwwwfwwwfwwwfwwwfwwwfwwwfwwwfwwwfwwwfwwwfwwwf 4096"},
      {"Llama 4: chunks of its own length",       "llama4",       4,  {},                                             "wwwf 8192"},
      {"",                                        "llama4",       4,  window(1024),                                   "wwwf 8192"},
      {"unless the file says there are none",     "llama4",       4,  window(0),                                      "ffff"},
      {"gpt-oss",                                 "gpt-oss",      4,  window(128),                                    "wfwf 128"},
      {"LFM2: all that attend, if any",           "lfm2",         3,  {},                                             "fff"},
      {"",                                        "lfm2",         3,  window(512),                                    "www 512"},
      {"SmallThinker: its own length, if any",    "smallthinker", 5,  {},                                             "fffff"},
      {"",                                        "smallthinker", 5,  window(1024),                                   "fwwwf 4096"},
      {"Laguna: full layers first",               "laguna",       5,  window(512),                                    "fwwwf 512"},
      {"",                                        "laguna",       6,  both(window(512), period(3)),                   "fwwfww 512"},
      {"Mellum 2",                                "mellum",       4,  window(512),                                    "wwwf 512"},
      {"Granite with windows: by list alone",     "granite_swa",  4,  both(window(512), listed({false, true, false, true})), "fwfw 512"},
  };
  // clang-format on
  for (const Row& row : rows) {
    INFO(row.architecture << " " << row.what);
    CHECK(windows(model(row.architecture, row.layers, row.keys)) == row.windows);
  }
}

TEST_CASE("encoders and diffusion models have no cache") {
  for (const char* architecture :
       {"gemma-embedding", "modern-bert", "eurobert", "neo-bert", "dream", "llada", "rnd1"}) {
    INFO(architecture);
    CHECK_FALSE(model(architecture, 2).causal);
  }
  CHECK(model("llama", 2).causal);
}

TEST_CASE("a stand-in architecture gives a warning, and an unknown one is refused by name") {
  std::string likened_to;
  CHECK(model("mellum", 2).gguf_name == "mellum");
  CHECK(refusal([] { model("t5", 2); }, ErrorCode::unsupported)
            .starts_with("m.gguf: general.architecture \"t5\" is not known"));
  const std::string message = refusal([] { model("qwen33", 2); }, ErrorCode::unsupported);
  INFO(message);
  CHECK(message.find("the nearest are qwen3") != std::string::npos);
}

TEST_CASE("metadata that does not describe a model is refused with the key") {
  const auto with = [](const Keys& keys) { return refusal([&] { model("deepseek2", 2, keys); }); };
  const auto plain = [](const char* key, std::uint32_t value) {
    GgufWriter writer;
    writer.key("general.architecture", "llama").key(key, value).tensor("token_embd.weight", {8, 4}, 0, 0);
    return refusal([&] {
      gguf_architecture(read_gguf_header(memory_source("m.gguf", writer.bytes(128))),
                        measured::architectures());
    });
  };
  CHECK(plain("llama.block_count", 0) == "m.gguf: key llama.block_count: must not be 0");
  CHECK(plain("llama.block_count", 5000) ==
        "m.gguf: key llama.block_count: 5000 layers are more than the 512 that llama.cpp 0.5.0 takes");
  CHECK(plain("llama.block_count", 3) ==
        "m.gguf: key llama.block_count: 3 layers are claimed, but layer 0 has no tensors");
  CHECK(plain("other", 3) == "m.gguf: key llama.block_count: missing");
  CHECK(with([](GgufWriter& writer, const std::string& prefix) {
          writer.key(prefix + "nextn_predict_layers", 2);
        }) == "m.gguf: key deepseek2.nextn_predict_layers: 2 of 2 layers");
  CHECK(refusal([] {
          model("llama", 2, [](GgufWriter& writer, const std::string& prefix) {
            writer.key(prefix + "attention.key_length", 7);
          });
        }) == "accepted");
}
