#include "source/hostile_files.hpp"

#include <algorithm>
#include <bit>
#include <fstream>
#include <functional>
#include <limits>
#include <sstream>
#include <stdexcept>

#include "source/gguf_parts.hpp"
#include "source/gguf_writer.hpp"

namespace {

// ---- true files

Gguf true_file(const std::string& architecture) {
  std::ifstream in(std::string(VRAMCALC_SOURCE_DIR) + "/tests/fuzz/corpus/gguf/" + architecture,
                   std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  const auto gguf = take_apart(bytes.str());
  if (!gguf) throw std::runtime_error("no corpus file " + architecture);
  return *gguf;
}

// ---- changes

using Change = std::function<void(Gguf&)>;

std::string with_length(std::string_view text) {
  std::string bytes;
  GgufWriter::string(bytes, text);
  return bytes;
}

Change raw_key(std::string name, std::uint32_t type, std::string value) {
  return [=](Gguf& gguf) {
    const auto known = std::find_if(gguf.keys.begin(), gguf.keys.end(),
                                    [&](const GgufKey& key) { return key.name == name; });
    const GgufKey key{name, type, value};
    known == gguf.keys.end() ? gguf.keys.push_back(key) : void(*known = key);
  };
}
Change number(std::string name, std::uint32_t value) {
  return raw_key(std::move(name), GgufWriter::u32, GgufWriter::raw<std::uint32_t>(value));
}
Change wide_number(std::string name, std::uint64_t value) {
  return raw_key(std::move(name), GgufWriter::u64, GgufWriter::raw<std::uint64_t>(value));
}
Change signed_number(std::string name, std::int32_t value) {
  return raw_key(std::move(name), GgufWriter::i32,
                 GgufWriter::raw<std::uint32_t>(static_cast<std::uint32_t>(value)));
}
Change real(std::string name, float value) {
  return raw_key(std::move(name), GgufWriter::f32,
                 GgufWriter::raw<std::uint32_t>(std::bit_cast<std::uint32_t>(value)));
}
Change flag(std::string name) { return raw_key(std::move(name), GgufWriter::boolean, std::string(1, '\1')); }
Change text(std::string name, std::string_view value) {
  return raw_key(std::move(name), GgufWriter::text, with_length(value));
}
Change list(std::string name, std::uint32_t type, std::uint64_t count, std::string items = {}) {
  return raw_key(std::move(name), GgufWriter::list,
                 GgufWriter::raw<std::uint32_t>(type) + GgufWriter::raw<std::uint64_t>(count) + items);
}
Change numbers(std::string name, const std::vector<std::uint32_t>& values) {
  std::string items;
  for (const std::uint32_t value : values) GgufWriter::number<std::uint32_t>(items, value);
  return list(std::move(name), GgufWriter::u32, values.size(), items);
}
Change without_key(std::string name) {
  return [=](Gguf& gguf) { std::erase_if(gguf.keys, [&](const GgufKey& key) { return key.name == name; }); };
}
Change second_key(std::string name) {
  return [=](Gguf& gguf) { gguf.keys.push_back({name, GgufWriter::u32, GgufWriter::raw<std::uint32_t>(1)}); };
}

GgufTensor& tensor_of(Gguf& gguf, const std::string& name) {
  const auto found = std::find_if(gguf.tensors.begin(), gguf.tensors.end(),
                                  [&](const GgufTensor& tensor) { return tensor.name == name; });
  if (found == gguf.tensors.end()) throw std::runtime_error("no tensor " + name);
  return *found;
}
Change tensor(std::string name, std::vector<std::uint64_t> dimensions = {4096, 4096}) {
  return [=](Gguf& gguf) { gguf.tensors.push_back({name, dimensions, 1, 0}); };
}
Change renamed(std::string from, std::string to) {
  return [=](Gguf& gguf) { tensor_of(gguf, from).name = to; };
}
Change sized(std::string name, std::vector<std::uint64_t> dimensions) {
  return [=](Gguf& gguf) { tensor_of(gguf, name).dimensions = dimensions; };
}
Change typed(std::string name, std::uint32_t type) {
  return [=](Gguf& gguf) { tensor_of(gguf, name).type = type; };
}
Change without(std::string name) {
  return [=](Gguf& gguf) {
    std::erase_if(gguf.tensors, [&](const GgufTensor& tensor) { return tensor.name == name; });
  };
}
Change without_part(std::string part) {
  return [=](Gguf& gguf) {
    std::erase_if(gguf.tensors, [&](const GgufTensor& tensor) { return tensor.name.ends_with('.' + part); });
  };
}
Change without_layer(std::string layer) {
  return [=](Gguf& gguf) {
    std::erase_if(gguf.tensors,
                  [&](const GgufTensor& tensor) { return tensor.name.starts_with("blk." + layer + '.'); });
  };
}
Change both(Change first, Change second) {
  return [=](Gguf& gguf) {
    first(gguf);
    second(gguf);
  };
}
Change many_tensors(std::size_t count) {
  return [=](Gguf& gguf) {
    for (std::size_t i = 0; i < count; ++i) gguf.tensors.push_back({"x" + std::to_string(i), {1}, 0, 0});
  };
}
Change many_keys(std::size_t count) {
  return [=](Gguf& gguf) {
    for (std::size_t i = 0; i < count; ++i)
      gguf.keys.push_back({"general.x" + std::to_string(i), GgufWriter::u8, "\1"});
  };
}
Change deep(std::string architecture, std::uint32_t layers) {
  return [=](Gguf& gguf) {
    const std::vector<GgufTensor> four = gguf.tensors;
    for (std::uint32_t layer = 4; layer < layers; ++layer)
      for (const GgufTensor& each : four)
        if (each.name.starts_with("blk.0."))
          gguf.tensors.push_back(
              {"blk." + std::to_string(layer) + each.name.substr(5), each.dimensions, each.type, 0});
    number(architecture + ".block_count", layers)(gguf);
  };
}
// All layers differ, so that none can stand for another.
Change uneven(std::string part_of_names, std::uint64_t width) {
  return [=](Gguf& gguf) {
    std::uint64_t other = width;
    for (GgufTensor& each : gguf.tensors) {
      if (each.name.ends_with(part_of_names)) other += 2;
      if (each.name.find(".ffn_") != std::string::npos)
        std::replace(each.dimensions.begin(), each.dimensions.end(), width, other);
    }
  };
}

constexpr std::uint64_t room_for_data = std::uint64_t{1} << 40;
constexpr auto all_bits = std::numeric_limits<std::uint64_t>::max();

struct Row {
  const char* kind;
  const char* what;
  const char* architecture;
  Change change;
  const char* refusal;
};

// clang-format off
std::vector<Row> rows_of_keys_and_tensors() {
  const std::string garbage = "\x1b[2J\x07\n\xff\xfe\xe2\x80\xae";
  return {
    {"true file", "as it is", "llama", [](Gguf&) {}, ""},
    {"true file", "as it is", "qwen3moe", [](Gguf&) {}, ""},
    {"true file", "as it is", "deepseek2", [](Gguf&) {}, ""},
    {"true file", "512 layers", "llama", deep("llama", 512), ""},
    {"true file", "512 layers, none like another", "llama", both(deep("llama", 512), uneven("attn_norm.weight", 14336)), ""},
    {"true file", "512 layers of experts, none like another", "qwen3moe", both(deep("qwen3moe", 512), both(uneven("attn_norm.weight", 768), number("qwen3moe.expert_used_count", 47))), ""},
    {"true file", "128 experts of 128", "qwen3moe", number("qwen3moe.expert_used_count", 128), ""},

    {"true file", "a first layer whose attention is one matrix", "llama", both(numbers("llama.attention.head_count_kv", {0, 8, 8, 8}), both(without("blk.0.attn_q.weight"), both(without("blk.0.attn_k.weight"), without("blk.0.attn_v.weight")))), ""},

    {"layer number", "999999", "llama", tensor("blk.999999.attn_q.weight"), "key llama.block_count: there is a tensor blk.999999.attn_q.weight, but the metadata has only 4 layers"},
    {"layer number", "the first beyond the end", "llama", tensor("blk.4.attn_q.weight"), "a tensor blk.4.attn_q.weight, but the metadata has only 4 layers"},
    {"layer number", "beyond 32 bits", "llama", tensor("blk.4294967296.attn_q.weight"), "blk.4294967296.attn_q.weight, but the metadata has only 4 layers"},
    {"layer number", "beyond 64 bits", "llama", tensor("blk.99999999999999999999999.attn_q.weight"), "but the metadata has only 4 layers"},
    {"layer number", "fewer layers than tensors", "llama", number("llama.block_count", 2), "blk.3.ffn_down.weight, but the metadata has only 2 layers"},
    {"layer number", "of an adapter's name", "llama", tensor("blk.7.attn_q.weight.lora_a"), "but the metadata has only 4 layers"},
    {"layer number", "in a mixture of experts", "qwen3moe", tensor("blk.100.ffn_down_exps.weight"), "but the metadata has only 4 layers"},
    {"layer number", "a prediction layer too many", "glm4moe", tensor("blk.60.nextn.eh_proj.weight"), "a tensor blk.60.nextn.eh_proj.weight, but the metadata has only"},
    {"layer number", "a layer without tensors", "llama", without_layer("2"), "4 layers are claimed, but layer 2 has no tensors"},

    {"count", "no layers", "llama", number("llama.block_count", 0), "key llama.block_count: must not be 0"},
    {"count", "513 layers", "llama", number("llama.block_count", 513), "513 layers exceed the 512 that llama.cpp 0.5.0 supports"},
    {"count", "4294967295 layers", "llama", number("llama.block_count", UINT32_MAX), "4294967295 layers exceed"},
    {"count", "a negative number of layers", "llama", signed_number("llama.block_count", -1), "a whole number below 2^32 was expected, not -1"},
    {"count", "layers beyond 32 bits", "llama", wide_number("llama.block_count", all_bits), "a whole number below 2^32 was expected"},
    {"count", "nothing but prediction layers", "llama", number("llama.nextn_predict_layers", 4), "key llama.nextn_predict_layers: 4 of 4 layers"},
    {"count", "16777216 experts, all used", "mimo2", both(number("mimo2.expert_count", 1u << 24), number("mimo2.expert_used_count", 1u << 24)), "16777216 experts exceed the 1024"},
    {"count", "1024 experts of 128 in the tensors", "qwen3moe", number("qwen3moe.expert_count", 1024), "tensor blk.0.ffn_gate_inp.weight is 2048 x 128, but the other tensors and the metadata require 2048 x 1024"},
    {"count", "no experts", "qwen3moe", number("qwen3moe.expert_count", 0), "key qwen3moe.expert_count: must not be 0"},
    {"count", "more experts used than there are", "qwen3moe", number("qwen3moe.expert_used_count", 129), "key qwen3moe.expert_used_count: 129 of 128 experts"},
    {"count", "no expert used", "qwen3moe", number("qwen3moe.expert_used_count", 0), "key qwen3moe.expert_used_count: 0 of 128 experts"},
    {"count", "128 experts used in each of 512 layers", "qwen3moe", both(deep("qwen3moe", 512), number("qwen3moe.expert_used_count", 128)), "key qwen3moe.expert_used_count: 128 experts in each of 512 layers make a graph that is larger"},
    {"count", "groups that do not divide", "qwen3moe", number("qwen3moe.expert_group_count", 3), "128 experts do not divide into 3 groups"},
    {"count", "4294967295 groups", "qwen3moe", number("qwen3moe.expert_group_count", UINT32_MAX), "do not divide into 4294967295 groups"},
    {"count", "more groups used than there are", "qwen3moe", both(number("qwen3moe.expert_group_count", 8), number("qwen3moe.expert_group_used_count", 9)), "key qwen3moe.expert_group_used_count: 9 of 8 groups"},
    {"count", "no heads", "llama", number("llama.attention.head_count", 0), "key llama.attention.head_count: 0 for layer 0, which has attention"},
    {"count", "4294967295 heads", "llama", number("llama.attention.head_count", UINT32_MAX), "heads"},
    {"count", "64 heads of 32 in the tensors", "llama", number("llama.attention.head_count", 64), "tensor blk.0.attn_q.weight is 4096 x 4096, but the other tensors and the metadata require 4096 x 8192"},
    {"count", "no KV heads", "llama", number("llama.attention.head_count_kv", 0), "0 for layer 0, which has attention"},
    {"count", "KV heads that do not divide", "llama", number("llama.attention.head_count_kv", 5), "32 heads do not divide into 5 groups"},
    {"count", "heads for two of four layers", "llama", numbers("llama.attention.head_count", {32, 32}), "a list of 2 has no value for layer 2"},
    {"count", "heads of no layer", "llama", numbers("llama.attention.head_count_kv", {}), "a list of whole numbers was expected"},
    {"count", "a head of no length", "llama", number("llama.attention.key_length", 0), "key llama.attention.key_length: 0 for layer 0, which has attention"},
    {"count", "a head of 4294967295", "llama", number("llama.attention.key_length", UINT32_MAX), "the other tensors and the metadata require"},
    {"count", "no context", "llama", number("llama.context_length", 0), "key llama.context_length: must not be 0"},
    {"count", "a context of 4294967295", "llama", number("llama.context_length", UINT32_MAX), "key llama.context_length: 4294967295 tokens are more than llama.cpp can count"},
    {"count", "a context of 4294967039", "llama", number("llama.context_length", UINT32_MAX - 256), ""},
    {"count", "a context beyond 32 bits", "llama", wide_number("llama.context_length", all_bits), "a whole number below 2^32 was expected"},
    {"count", "no width", "llama", number("llama.embedding_length", 0), "key llama.embedding_length: must not be 0"},
    {"count", "a width of 4294967295", "llama", number("llama.embedding_length", UINT32_MAX), "the other tensors and the metadata require"},
    {"count", "a state of no width", "mamba", number("mamba.ssm.state_size", 0), "key mamba.ssm.state_size: must not be 0"},
    {"count", "a convolution of 4294967295", "mamba", number("mamba.ssm.conv_kernel", UINT32_MAX), "tensor blk.0.ssm_conv1d.weight is 4 x 5120"},
    {"count", "a latent row shorter than its rank", "deepseek2", number("deepseek2.attention.kv_lora_rank", 576), "key deepseek2.attention.kv_lora_rank: 576 of the 576"},
    {"count", "a rank of 4294967295", "deepseek2", number("deepseek2.attention.kv_lora_rank", UINT32_MAX), "key deepseek2.attention.kv_lora_rank: 4294967295 of the 576"},
    {"count", "a key shorter than its rope", "deepseek2", number("deepseek2.attention.key_length_mla", 64), "64 is not longer than its rotary part of 64"},
    {"count", "an unknown gate", "deepseek2", number("deepseek2.expert_gating_func", 99), "key deepseek2.expert_gating_func: unknown value 99"},
    {"count", "1000 streams of alternating updates", "gemma3n", sized("altup_proj.weight", {2048, 2048, 999}), "tensor altup_proj.weight is for 999 streams"},

    {"dimensions", "none", "llama", sized("blk.1.attn_q.weight", {}), "tensor blk.1.attn_q.weight: 0 dimensions"},
    {"dimensions", "five", "llama", sized("blk.1.attn_q.weight", {4096, 4096, 1, 1, 1}), "5 dimensions; a tensor has one to four"},
    {"dimensions", "zero", "llama", sized("blk.1.attn_q.weight", {4096, 0}), "dimensions 4096 x 0: no elements"},
    {"dimensions", "all bits set", "llama", sized("blk.1.attn_q.weight", {all_bits, all_bits}), "more elements than 64 bits can count"},
    {"dimensions", "more bytes than 64 bits", "llama", both(sized("blk.1.attn_q.weight", {std::uint64_t{1} << 62}), typed("blk.1.attn_q.weight", 0)), "more bytes than 64 bits can count"},
    {"dimensions", "larger than the file", "llama", sized("blk.1.attn_q.weight", {4096, std::uint64_t{1} << 40}), "is the download complete?"},
    {"dimensions", "turned around", "llama", sized("blk.1.ffn_gate.weight", {14336, 4096}), "tensor blk.1.ffn_gate.weight is 14336 x 4096, but the other tensors and the metadata require 4096 x 14336"},
    {"dimensions", "a vocabulary of another size", "llama", sized("output.weight", {4096, 1000}), "tensor output.weight is 4096 x 1000"},
    {"dimensions", "an embedding of another width", "llama", sized("token_embd.weight", {32, 128256}), "tensor token_embd.weight is 32 x 128256"},
    {"dimensions", "a vocabulary beyond 32 bits", "llama", sized("token_embd.weight", {1, std::uint64_t{1} << 33}), "vocab_size: 8589934592 is too large"},
    {"dimensions", "ones at the end, which do not count", "llama", sized("blk.1.attn_q.weight", {4096, 4096, 1, 1}), ""},
    {"dimensions", "experts of another number", "qwen3moe", sized("blk.1.ffn_down_exps.weight", {768, 2048, 4}), "tensor blk.1.ffn_down_exps.weight is 768 x 2048 x 4"},

    {"element type", "retired", "llama", typed("blk.1.attn_q.weight", 4), "element type 4 is unknown to llama.cpp"},
    {"element type", "unknown", "llama", typed("blk.1.attn_q.weight", UINT32_MAX), "element type 4294967295 is unknown"},
    {"element type", "blocks that do not divide the rows", "mamba", typed("blk.0.ssm_conv1d.weight", 12), "rows of 4 elements cannot be q4_K"},

    {"missing tensor", "the embedding", "llama", without("token_embd.weight"), "no tensor token_embd.weight; is this a whole model?"},
    {"missing tensor", "the final norm", "llama", without("output_norm.weight"), "there is no tensor output_norm.weight; llama.cpp would not load the file"},
    {"missing tensor", "Q of one layer", "llama", without("blk.2.attn_q.weight"), "layer 2 has attn_k.weight, but no attn_q.weight; llama.cpp would not load the file"},
    {"missing tensor", "K of one layer", "llama", without("blk.2.attn_k.weight"), "there is no tensor blk.2.attn_k.weight of 4096 x 1024"},
    {"missing tensor", "the output of attention", "llama", without("blk.2.attn_output.weight"), "there is no tensor blk.2.attn_output.weight"},
    {"missing tensor", "a projection of the feed-forward part", "llama", without("blk.0.ffn_up.weight"), "there is no tensor blk.0.ffn_up.weight"},
    {"missing tensor", "experts of one layer", "qwen3moe", without("blk.1.ffn_up_exps.weight"), "there is no tensor blk.1.ffn_up_exps.weight"},
    {"missing tensor", "each expert's own file of old", "qwen3moe", without("blk.0.ffn_down_exps.weight"), "each expert is a tensor of its own, as before April 2024"},
    {"missing tensor", "the feed-forward part of every layer", "llama", both(without_part("ffn_down.weight"), both(without_part("ffn_up.weight"), without_part("ffn_gate.weight"))), ""},
    {"missing tensor", "the feed-forward part, where a layer has both", "olmo2", both(without_part("ffn_down.weight"), both(without_part("ffn_up.weight"), without_part("ffn_gate.weight"))), "layer 0 has no feed-forward part; llama.cpp would not load the file"},
    {"missing tensor", "attention, where a layer has both", "olmo2", both(without("blk.1.attn_q.weight"), both(without("blk.1.attn_k.weight"), without("blk.1.attn_v.weight"))), "layer 1 has no attention; llama.cpp would not load the file"},
    {"missing tensor", "both parts of a layer", "llama", both(without("blk.1.attn_q.weight"), both(both(without("blk.1.attn_k.weight"), without("blk.1.attn_v.weight")), both(without("blk.1.ffn_down.weight"), both(without("blk.1.ffn_up.weight"), without("blk.1.ffn_gate.weight"))))), "layer 1 has no attention"},
    {"missing tensor", "the output of an architecture that ties none", "olmo2", without("output.weight"), ""},
    {"missing tensor", "all of them", "llama", [](Gguf& gguf) { gguf.tensors.clear(); }, "4 layers are claimed, but layer 0 has no tensors"},
    {"missing tensor", "the latent row of one layer", "deepseek2", without("blk.2.attn_kv_a_mqa.weight"), "no tensor"},
    {"missing tensor", "the embeddings of the layers, with alternating updates", "gemma3n", without("per_layer_token_embd.weight"), "there is altup_proj.weight, but no per_layer_token_embd.weight; llama.cpp would not load the file"},
    {"missing tensor", "the indexer of the first layer", "deepseek32", without("blk.0.indexer.proj.weight"), "layer 0 has no indexer.proj.weight, and no layer before it whose choice it could share"},
    {"missing tensor", "a state's projection", "mamba", without("blk.1.ssm_x.weight"), "key mamba.ssm.group_count: missing"},

    {"duplicate", "a key", "llama", second_key("llama.block_count"), "key llama.block_count: appears twice"},
    {"duplicate", "a tensor", "llama", tensor("blk.1.attn_q.weight"), "tensor blk.1.attn_q.weight appears twice"},

    {"unknown key", "of the architecture", "llama", number("llama.attention.secret_heads", 7), "key llama.attention.secret_heads: unknown, and it may affect the size of the model"},
    {"unknown key", "of loops, which repeat the cache", "llama", number("llama.num_loops", 4), "key llama.num_loops: unknown"},
    {"unknown key", "with control characters", "llama", number("llama." + garbage, 7), "key llama.\\x1b[2J\\x07\\x0a\\xff\\xfe\\xe2\\x80\\xae: unknown"},
    {"unknown key", "of no architecture, which is free", "llama", number("somebody.note", 7), ""},
    {"unknown key", "of rope, which sizes nothing", "llama", real("llama.rope.scaling.factor", 8), ""},

    {"type of a value", "layers as a text", "llama", text("llama.block_count", "4"), "key llama.block_count: a whole number below 2^32 was expected, not \"4\""},
    {"type of a value", "heads as a real number", "llama", real("llama.attention.head_count", 32), "a whole number below 2^32 was expected, not 32"},
    {"type of a value", "experts as true", "qwen3moe", flag("qwen3moe.expert_count"), "a whole number below 2^32 was expected, not true"},
    {"type of a value", "a width that nothing else says as a text", "llama", text("llama.feed_forward_length", garbage), "key llama.feed_forward_length: a whole number below 2^32 was expected, not \"\\x1b[2J"},
    {"type of a value", "layers as a list", "llama", numbers("llama.block_count", {4}), "a whole number below 2^32 was expected, not a list of 1"},
    {"type of a value", "a negative width of a layer", "llama", list("llama.feed_forward_length", GgufWriter::i32, 1, GgufWriter::raw<std::uint32_t>(UINT32_MAX)), "-1 for layer 0 is not a whole number below 2^32"},
    {"type of a value", "no type", "llama", raw_key("llama.block_count", 99, "xxxx"), "99 is not a value type"},
    {"type of a value", "a list of lists", "llama", list("llama.x", GgufWriter::list, 1), "a list of lists, which GGUF does not allow"},
    {"type of a value", "neither true nor false", "llama", raw_key("llama.use_parallel_residual", GgufWriter::boolean, "\2"), "2 is neither true nor false"},
    {"type of a value", "an architecture that is a number", "llama", number("general.architecture", 7), "a short text was expected"},

    {"not a number", "NaN as a scale", "deepseek2", real("deepseek2.expert_weights_scale", std::numeric_limits<float>::quiet_NaN()), "a number was expected, not nan"},
    {"not a number", "infinity as a soft cap", "gemma2", real("gemma2.attn_logit_softcapping", std::numeric_limits<float>::infinity()), "a number was expected, not inf"},
    {"not a number", "NaN where nothing reads it", "llama", real("llama.rope.freq_base", std::numeric_limits<float>::quiet_NaN()), ""},

    {"text", "control characters in the model's name", "llama", text("general.name", garbage), ""},
    {"text", "an unknown architecture of control characters", "llama", text("general.architecture", garbage), "general.architecture \"\\x1b[2J"},
    {"text", "no architecture", "llama", without_key("general.architecture"), "general.architecture: missing"},
    {"text", "an empty architecture", "llama", text("general.architecture", ""), "general.architecture \"\" is not known"},
    {"text", "an architecture of a million letters", "llama", text("general.architecture", std::string(1'000'000, 'x')), "a short text was expected, not a text of 1000000 bytes"},
    {"text", "a name of a million letters", "llama", text("general.name", std::string(900'000, 'x')), ""},
    {"text", "control characters in a tensor's name", "llama", tensor(garbage), ""},
    {"text", "control characters in a layer's tensor", "llama", renamed("blk.1.attn_q.weight", "blk.1." + garbage), "layer 1 has attn_k.weight, but no attn_q.weight"},
    {"text", "a tensor's name of 200 letters", "llama", tensor(std::string(200, 'x')), "a name of 200 bytes; at most 127 are allowed"},
    {"text", "a tensor without a name", "llama", tensor(""), "a tensor without a name"},
    {"text", "a key of 70,000 letters", "llama", number(std::string(70'000, 'x'), 1), "a name of 70000 bytes; at most 65535 are allowed"},
    {"text", "a key without a name", "llama", number("", 1), "a key without a name"},
    {"text", "a text longer than the file", "llama", raw_key("general.name", GgufWriter::text, GgufWriter::raw<std::uint64_t>(all_bits)), "the file ends at byte"},

    {"size", "a list of 2^60 numbers", "llama", list("llama.x", GgufWriter::u64, std::uint64_t{1} << 60), "values are claimed, but only"},
    {"size", "a list of 2^60 texts", "llama", list("llama.x", GgufWriter::text, std::uint64_t{1} << 60), "texts"},
    {"size", "30,000 keys", "llama", many_keys(30'000), ""},
    {"size", "20,000 tensors that nothing explains", "llama", many_tensors(20'000), ""},
    {"size", "an alignment that is not a power of two", "llama", number("general.alignment", 33), "33 is not a power of two"},
    {"size", "an alignment of 2 GiB", "llama", number("general.alignment", 1u << 31), "is not a power of two up to"},
  };
}
// clang-format on

HostileFile file_of(const Row& row) {
  Gguf gguf = true_file(row.architecture);
  row.change(gguf);
  std::string bytes = put_together(gguf);
  const std::uint64_t size = bytes.size() + room_for_data;
  return {row.kind, std::string(row.architecture) + ": " + row.what, std::move(bytes), size, row.refusal};
}

// Changes not to keys and tensors but to the bytes around them.
std::vector<HostileFile> files_of_bytes() {
  const Gguf llama = true_file("llama");
  const std::string whole = put_together(llama);
  const auto claiming = [](std::uint64_t tensors, std::uint64_t keys) {
    GgufWriter writer;
    writer.claim_tensors(tensors);
    writer.claim_keys(keys);
    return writer.bytes();
  };
  const auto with_offset = [&](std::size_t tensor, std::uint64_t offset) {
    Gguf moved = *take_apart(whole);
    moved.tensors[tensor].offset = offset;
    return put_together(moved, true);
  };
  const auto hole = [](const std::string& bytes) { return bytes.size() + room_for_data; };
  // clang-format 14 crashes on this table.
  // clang-format off
  std::vector<HostileFile> files{
      {"bytes", "none", "", 0, "the file is empty"},
      {"bytes", "four", "GGUF", 4, "the file ends at byte 4"},
      {"bytes", "a version of the future", "GGUF" + GgufWriter::raw<std::uint32_t>(9) + whole.substr(8), 0,
       "GGUF version 9 is unknown"},
      {"bytes", "big-endian", "GGUF" + std::string("\0\0\0\3", 4) + whole.substr(8), 0, "big-endian"},
      {"bytes", "2^64 tensors", claiming(all_bits, 0), 0, "tensors are claimed"},
      {"bytes", "2^64 keys", claiming(0, all_bits), 0, "keys are claimed"},
      {"bytes", "262,144 tensors in a hole", claiming(262'144, 0), room_for_data, "a tensor without a name"},
      {"bytes", "nothing but a header in a hole", claiming(1, 65'536), room_for_data, "a key without a name"},
      {"bytes", "four million texts in a hole",
       GgufWriter()
           .key("k", GgufWriter::list,
                GgufWriter::raw<std::uint32_t>(GgufWriter::text) + GgufWriter::raw<std::uint64_t>(4'000'000))
           .bytes(),
       room_for_data, "key general.architecture: missing"},
      {"bytes", "cut off in the keys", whole.substr(0, 200), 0, "tensors are claimed, but only"},
      {"bytes", "cut off in the tensors", whole.substr(0, 1500), 0, "the file ends at byte 1500"},
      {"bytes", "without the data", whole, whole.size(), "is the download complete?"},
      {"offset", "beyond the file", with_offset(3, std::uint64_t{1} << 60), 0, "is the download complete?"},
      {"offset", "all bits set", with_offset(3, all_bits - 31), 0, "is the download complete?"},
      {"offset", "off the alignment", with_offset(3, 33), 0, "not a multiple of the alignment 32"},
      {"offset", "on top of another", with_offset(3, 0), 0, "overlap"},
  };
  // clang-format on
  for (HostileFile& file : files)
    if (file.size == 0 && file.what != "none" && !file.what.starts_with("cut")) file.size = hole(file.bytes);
  return files;
}

}  // namespace

std::vector<HostileFile> hostile_files() {
  std::vector<HostileFile> files = files_of_bytes();
  for (const Row& row : rows_of_keys_and_tensors()) files.push_back(file_of(row));
  return files;
}
