#include "fuzz/gguf_mutator.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "source/gguf_writer.hpp"

namespace vramcalc::fuzz {
namespace {

constexpr std::array<std::uint32_t, 13> value_bytes{1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

std::size_t below(Random& random, std::size_t count) { return count == 0 ? 0 : random() % count; }

template <class List>
auto& any_of(Random& random, List& list) {
  return list[below(random, list.size())];
}

std::uint64_t interesting(Random& random, std::uint64_t known) {
  constexpr std::array<std::uint64_t, 42> numbers{
      0,        1,          2,          3,          4,         5,         6,        7,        8,
      15,       16,         31,         32,         33,        63,        64,       96,       127,
      128,      192,        255,        256,        257,       511,       512,      1023,     1024,
      1025,     4095,       4096,       32767,      65535,     65536,     1u << 20, 1u << 24, INT32_MAX,
      1u << 31, UINT32_MAX, 1ull << 32, 1ull << 40, INT64_MAX, UINT64_MAX};
  switch (random() % 8) {
    case 0: return known + 1;
    case 1: return known - 1;
    case 2: return known * 2;
    case 3: return known / 2;
    case 4: return known ^ (std::uint64_t{1} << random() % 64);
    default: return any_of(random, numbers);
  }
}

std::uint64_t value_of(const GgufKey& key) {
  std::uint64_t value = 0;
  if (key.type < value_bytes.size())
    std::memcpy(&value, key.value.data(), std::min<std::size_t>(value_bytes[key.type], key.value.size()));
  return value;
}

std::string raw(std::uint32_t type, std::uint64_t value) {
  return GgufWriter::raw<std::uint64_t>(value).substr(0, value_bytes[type]);
}

bool is_number(std::uint32_t type) { return type < value_bytes.size() && value_bytes[type] > 0; }

void set_number(GgufKey& key, Random& random) {
  if (!is_number(key.type)) return;
  std::uint64_t value = interesting(random, value_of(key));
  if (key.type == GgufWriter::f32 && random() % 2 == 0) value = 0x7fc00000;  // not a number
  if (key.type == GgufWriter::boolean) value &= random() % 8 == 0 ? 3u : 1u;
  key.value = raw(key.type, value);
}

void set_type(GgufKey& key, Random& random) {
  const std::uint64_t value = value_of(key);
  key.type = static_cast<std::uint32_t>(random() % 15);
  if (is_number(key.type)) {
    key.value = raw(key.type, value);
  } else {
    key.value.clear();
    GgufWriter::string(key.value, random() % 2 == 0 ? "x" : "\x1b[31m\n\xff\xe2\x80\xae");
    if (key.type == GgufWriter::list)
      key.value = GgufWriter::raw<std::uint32_t>(GgufWriter::u32) + GgufWriter::raw<std::uint64_t>(0);
  }
}

// A list with one number per layer, all equal except one.
void make_list(GgufKey& key, Random& random) {
  if (!is_number(key.type)) return;
  const std::size_t count = below(random, 9);
  std::string list = GgufWriter::raw<std::uint32_t>(key.type) + GgufWriter::raw<std::uint64_t>(count);
  const std::size_t odd = below(random, 9);
  for (std::size_t i = 0; i < count; ++i)
    list += i == odd ? raw(key.type, interesting(random, value_of(key))) : key.value;
  key.type = GgufWriter::list;
  key.value = std::move(list);
}

void change_list(GgufKey& key, Random& random) {
  constexpr std::size_t head = 12;
  if (key.type != GgufWriter::list || key.value.size() < head) return;
  std::uint32_t type = 0;
  std::uint64_t count = 0;
  std::memcpy(&type, key.value.data(), sizeof(type));
  std::memcpy(&count, key.value.data() + sizeof(type), sizeof(count));
  if (!is_number(type) || count == 0) return;
  if (random() % 4 == 0) {  // one fewer
    key.value.resize(key.value.size() - value_bytes[type]);
    key.value.replace(4, 8, GgufWriter::raw<std::uint64_t>(count - 1));
    return;
  }
  const std::size_t at = head + below(random, static_cast<std::size_t>(count)) * value_bytes[type];
  const std::uint64_t value = type == GgufWriter::boolean ? random() % 2 : interesting(random, random() % 64);
  if (at + value_bytes[type] <= key.value.size()) key.value.replace(at, value_bytes[type], raw(type, value));
}

void set_text(GgufKey& key, Random& random) {
  constexpr std::array<std::string_view, 6> texts{"",
                                                  "llama",
                                                  "\x1b[2J\x07",
                                                  "\xff\xfe",
                                                  "\xe2\x80\xae"
                                                  "evil",
                                                  "a;touch x"};
  if (key.type != GgufWriter::text) return;
  key.value.clear();
  GgufWriter::string(key.value, any_of(random, texts));
}

std::string architecture_of(const Gguf& gguf) {
  for (const GgufKey& key : gguf.keys)
    if (key.name == "general.architecture" && key.value.size() > 8) return key.value.substr(8);
  return {};
}

// The same file under another architecture.
void rename_architecture(Gguf& gguf, Random& random) {
  constexpr std::array<std::string_view, 36> names{
      "llama",     "qwen2",     "qwen3",       "qwen3moe",      "gemma2",     "gemma3",
      "gemma3n",   "gemma4",    "deepseek2",   "deepseek32",    "deepseek4",  "glm4moe",
      "glm-dsa",   "gpt-oss",   "mimo2",       "olmo2",         "phi3",       "command-r",
      "cohere2",   "bert",      "nomic-bert",  "mamba",         "mamba2",     "jamba",
      "falcon-h1", "lfm2",      "kimi-linear", "kimi-k3",       "minimax-01", "minimax-m3",
      "qwen3next", "qwen35moe", "nemotron_h",  "granitehybrid", "step35",     "modern-bert"};
  const std::string from = architecture_of(gguf), to(any_of(random, names));
  if (from.empty()) return;
  for (GgufKey& key : gguf.keys) {
    if (key.name.starts_with(from + '.')) key.name.replace(0, from.size(), to);
    if (key.name != "general.architecture") continue;
    key.value.clear();
    GgufWriter::string(key.value, to);
  }
}

void mutate_key(Gguf& gguf, Random& random) {
  if (gguf.keys.empty()) return;
  const std::size_t at = below(random, gguf.keys.size());
  GgufKey& key = gguf.keys[at];
  switch (random() % 16) {
    case 0: gguf.keys.erase(gguf.keys.begin() + static_cast<std::ptrdiff_t>(at)); return;
    case 1: gguf.keys.push_back(key); return;
    case 2: key.name = any_of(random, gguf.keys).name; return;
    case 3: key.name += static_cast<char>(random()); return;
    case 4: return set_type(key, random);
    case 5:
    case 6: return make_list(key, random);
    case 7:
    case 8: return change_list(key, random);
    case 9: return set_text(key, random);
    case 10: return rename_architecture(gguf, random);
    default: return set_number(key, random);
  }
}

// "blk.3.attn_q.weight" → "3", "attn_q.weight"
struct TensorName {
  std::string layer, part;
};
std::optional<TensorName> split_name(const std::string& name) {
  if (!name.starts_with("blk.")) return std::nullopt;
  const std::size_t dot = name.find('.', 4);
  if (dot == std::string::npos) return std::nullopt;
  return TensorName{name.substr(4, dot - 4), name.substr(dot + 1)};
}

void rename_layer(GgufTensor& tensor, Random& random) {
  constexpr std::array<std::string_view, 10> layers{
      "0", "1", "2", "3", "511", "512", "999999", "4294967295", "99999999999999999999", "-1"};
  const auto name = split_name(tensor.name);
  tensor.name = "blk." + std::string(any_of(random, layers)) + '.' + (name ? name->part : tensor.name);
}

void rename_part(Gguf& gguf, GgufTensor& tensor, Random& random) {
  constexpr std::array<std::string_view, 40> parts{"attn_q.weight",         "attn_k.weight",
                                                   "attn_v.weight",         "attn_qkv.weight",
                                                   "attn_output.weight",    "attn_gate.weight",
                                                   "attn_q_norm.weight",    "attn_sinks.weight",
                                                   "attn_kv_a_mqa.weight",  "attn_kv_b.weight",
                                                   "attn_k_b.weight",       "attn_q_a.weight",
                                                   "attn_output_a.weight",  "indexer.proj.weight",
                                                   "indexer.q_proj.weight", "ssm_in.weight",
                                                   "ssm_x.weight",          "ssm_ba.weight",
                                                   "ssm_beta.weight",       "ssm_conv1d_q.weight",
                                                   "ssm_conv1d.weight",     "ssm_norm.weight",
                                                   "shortconv.conv.weight", "attn_norm_2.weight",
                                                   "attn_norm.weight",      "ffn_norm.weight",
                                                   "ffn_down.weight",       "ffn_up.weight",
                                                   "ffn_gate.weight",       "ffn_gate_inp.weight",
                                                   "ffn_down_exps.weight",  "ffn_gate_up_exps.weight",
                                                   "ffn_down_shexp.weight", "ffn_gate_tid2eid.weight",
                                                   "exp_probs_b.bias",      "nextn.eh_proj.weight",
                                                   "laurel_l.weight",       "layer_output_scale.weight",
                                                   "attn_res_score.weight", "attn_q.bias"};
  const auto name = split_name(tensor.name);
  if (!name || random() % 4 == 0) {
    tensor.name = any_of(random, gguf.tensors).name;
    return;
  }
  tensor.name = "blk." + name->layer + '.' + std::string(any_of(random, parts));
}

// The same part in every layer, or all of one layer.
void drop_alike(Gguf& gguf, const std::string& like, Random& random) {
  const auto wanted = split_name(like);
  if (!wanted) return;
  const bool layer = random() % 2 == 0;
  std::erase_if(gguf.tensors, [&](const GgufTensor& each) {
    const auto name = split_name(each.name);
    return name && (layer ? name->layer == wanted->layer : name->part == wanted->part);
  });
}

void copy_layer(Gguf& gguf, const std::string& like, Random& random) {
  const auto wanted = split_name(like);
  if (!wanted) return;
  const std::string to = std::to_string(random() % 6);
  std::erase_if(gguf.tensors, [&](const GgufTensor& each) {
    const auto name = split_name(each.name);
    return name && name->layer == to && to != wanted->layer;
  });
  const std::size_t count = gguf.tensors.size();
  for (std::size_t i = 0; i < count; ++i) {
    const auto name = split_name(gguf.tensors[i].name);
    if (!name || name->layer != wanted->layer || to == wanted->layer) continue;
    GgufTensor copy = gguf.tensors[i];
    copy.name = "blk." + to + '.' + name->part;
    gguf.tensors.push_back(std::move(copy));
  }
}

void change_dimensions(GgufTensor& tensor, Random& random) {
  switch (random() % 6) {
    case 0: tensor.dimensions.push_back(interesting(random, 1)); return;
    case 1:
      if (!tensor.dimensions.empty()) tensor.dimensions.pop_back();
      return;
    case 2: std::reverse(tensor.dimensions.begin(), tensor.dimensions.end()); return;
    default: break;
  }
  if (tensor.dimensions.empty()) return;
  std::uint64_t& dimension = any_of(random, tensor.dimensions);
  dimension = interesting(random, dimension);
}

void mutate_tensor(Gguf& gguf, Random& random) {
  if (gguf.tensors.empty()) return;
  const std::size_t at = below(random, gguf.tensors.size());
  GgufTensor& tensor = gguf.tensors[at];
  switch (random() % 12) {
    case 0:
    case 1: gguf.tensors.erase(gguf.tensors.begin() + static_cast<std::ptrdiff_t>(at)); return;
    case 2: gguf.tensors.push_back(tensor); return rename_layer(gguf.tensors.back(), random);
    case 3: gguf.tensors.push_back(tensor); return rename_part(gguf, gguf.tensors.back(), random);
    case 4: return rename_layer(tensor, random);
    case 5: return rename_part(gguf, tensor, random);
    case 6: return drop_alike(gguf, std::string(tensor.name), random);
    case 7: return copy_layer(gguf, std::string(tensor.name), random);
    case 8: tensor.type = static_cast<std::uint32_t>(random() % 48); return;
    case 9: tensor.offset = interesting(random, tensor.offset); return;
    default: return change_dimensions(tensor, random);
  }
}

// A number of the shape wherever it stands, so that keys and tensors still agree.
void replace_everywhere(Gguf& gguf, Random& random) {
  std::uint64_t from = 0;
  if (random() % 2 == 0 && !gguf.tensors.empty()) {
    const GgufTensor& tensor = any_of(random, gguf.tensors);
    if (!tensor.dimensions.empty()) from = any_of(random, tensor.dimensions);
  } else if (!gguf.keys.empty()) {
    from = value_of(any_of(random, gguf.keys));
  }
  const std::uint64_t to = interesting(random, from);
  for (GgufKey& key : gguf.keys)
    if (is_number(key.type) && key.type != GgufWriter::f32 && key.type != GgufWriter::boolean &&
        value_of(key) == from)
      key.value = raw(key.type, to);
  for (GgufTensor& tensor : gguf.tensors)
    for (std::uint64_t& dimension : tensor.dimensions)
      if (dimension == from) dimension = to;
}

}  // namespace

void mutate(Gguf& gguf, Random& random) {
  for (std::size_t left = 1 + below(random, 3); left > 0; --left) {
    switch (random() % 8) {
      case 0: replace_everywhere(gguf, random); break;
      case 1:
      case 2:
      case 3: mutate_tensor(gguf, random); break;
      default: mutate_key(gguf, random); break;
    }
  }
}

}  // namespace vramcalc::fuzz
