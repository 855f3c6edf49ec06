#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>

#include "model/printable.hpp"
#include "source/hf_config.hpp"
#include "source/hf_fields.hpp"
#include "source/hf_modules.hpp"
#include "vramcalc/error.hpp"

// Reads a checkpoint's quantization_config (transformers 4.57, utils/quantization_config.py;
// compressed-tensors 0.12; modelopt 0.37). Each method is a row of a table.
namespace vramcalc::source {
namespace {

using nlohmann::json;

// ---- which matrices

struct Exclusion {
  std::string_view in_pattern;
  PackedPart part;
};
// Substrings of the module names and patterns under modules_to_not_convert, ignore and exclude_modules.
constexpr std::array exclusions{
    Exclusion{"self_attn.o_proj",                PackedPart::attention_output},
    Exclusion{"self_attn.q",                     PackedPart::attention       },
    Exclusion{"self_attn.k",                     PackedPart::attention       },
    Exclusion{"linear_attn.in_proj_qkv",         PackedPart::linear_attention},
    Exclusion{"linear_attn.out_proj",            PackedPart::linear_attention},
    Exclusion{"mixer.in_proj",                   PackedPart::linear_attention},
    Exclusion{"indexer",                         PackedPart::indexer         },
    Exclusion{"shared_expert",                   PackedPart::shared_experts  },
    Exclusion{"shared_mlp",                      PackedPart::shared_experts  },
    Exclusion{"mlp.experts",                     PackedPart::experts         },
    Exclusion{"block_sparse_moe.experts",        PackedPart::experts         },
    Exclusion{"mlp.(gate|up|gate_up|down)_proj", PackedPart::feed_forward    },
};

template <std::size_t Count>
bool ends_with_one_of(std::string_view pattern, const std::array<std::string_view, Count>& endings) {
  return std::ranges::any_of(endings, [&](std::string_view ending) { return pattern.ends_with(ending); });
}

constexpr std::array<std::string_view, 7> whole_attention{
    "self_attn", "self_attn*", "self_attn.*", "attention", "attn", "attn.*", "self_attn..*"};
constexpr std::array<std::string_view, 4> whole_linear_attention{"linear_attn", "linear_attn*",
                                                                 "linear_attn.*", "linear_attn..*"};

// "re:.*\\.self_attn\\.q_proj$" → ".*.self_attn.q_proj"
std::string without_escapes(std::string pattern) {
  std::erase_if(pattern, [](char c) { return c == '\\' || c == '$'; });
  return pattern.starts_with("re:") ? pattern.substr(3) : pattern;
}

void exclude(const std::string& pattern, PartSet& parts) {
  if (ends_with_one_of(pattern, whole_linear_attention)) {
    parts.remove(PackedPart::linear_attention);
  } else if (ends_with_one_of(pattern, whole_attention)) {
    parts.remove(PackedPart::attention);
    parts.remove(PackedPart::attention_output);
  }
  for (const Exclusion& each : exclusions)
    if (pattern.find(each.in_pattern) != std::string::npos) parts.remove(each.part);
}

// The layer of a pattern that is a whole layer: "model.layers.0*", "model.layers.2.*".
std::optional<std::uint32_t> whole_layer(std::string_view pattern) {
  const std::size_t at = pattern.rfind("layers.");
  if (at == pattern.npos || !pattern.ends_with('*')) return std::nullopt;
  std::string_view number = pattern.substr(at + 7);
  number.remove_suffix(number.ends_with(".*") ? 2 : 1);
  std::uint32_t layer = 0;
  const auto [end, code] = std::from_chars(number.data(), number.data() + number.size(), layer);
  const bool good = code == std::errc() && end == number.data() + number.size();
  return good ? std::optional(layer) : std::nullopt;
}

// The first layers, all of which the lists name.
std::uint32_t first_layers_left_alone(const HfFields& in) {
  std::set<std::uint32_t> layers;
  for (const char* key : {"modules_to_not_convert", "ignore", "exclude_modules", "ignored_layers"})
    for (const std::string& pattern : in.texts(key))
      if (const auto layer = whole_layer(without_escapes(pattern))) layers.insert(*layer);
  std::uint32_t first = 0;
  while (layers.contains(first)) ++first;
  return first;
}

PartSet quantized_parts(const HfFields& in) {
  PartSet parts{PackedPart::attention,        PackedPart::attention_output, PackedPart::indexer,
                PackedPart::linear_attention, PackedPart::feed_forward,     PackedPart::experts,
                PackedPart::shared_experts};
  for (const char* key :
       {"modules_to_not_convert", "ignore", "exclude_modules", "ignored_layers", "llm_int8_skip_modules"})
    for (const std::string& pattern : in.texts(key)) exclude(without_escapes(pattern), parts);
  return parts;
}

Packing packing_of(const HfFields& in, std::uint32_t bits) {
  Packing packing;
  packing.layout.parts = quantized_parts(in);
  packing.plain_first_layers = first_layers_left_alone(in);
  packing.layout.value_bits = bits;
  return packing;
}

std::uint32_t small(const HfFields& in, std::string_view key, std::uint32_t otherwise,
                    std::uint32_t most = 1u << 20) {
  if (const json* whole = in.find(key); whole != nullptr && *whole == -1)
    in.take(key);  // a group is a whole row
  const auto value = in.number(key);
  return value && *value > 0 && *value <= most ? static_cast<std::uint32_t>(*value) : otherwise;
}

// ---- the methods

NamedPacking fp8(const HfFields& in) {
  Packing packing = packing_of(in, 8);
  packing.layout.scale_bytes = 4;
  const std::vector<std::uint64_t> block = in.numbers("weight_block_size");
  if (block.size() == 2 && block[0] <= 4096 && block[1] <= 4096) {
    packing.layout.scale_rows = static_cast<std::uint32_t>(block[0]);
    packing.layout.scale_columns = static_cast<std::uint32_t>(block[1]);
    return {fmt::format("fp8, a scale for {} x {} values", block[0], block[1]), packing, "FP8"};
  }
  if (in.text("activation_scheme") == "static") packing.layout.matrix_bytes = 4;
  return {"fp8, a scale per matrix", packing, "FP8-static"};
}

NamedPacking fbgemm_fp8(const HfFields& in) {
  Packing packing = packing_of(in, 8);
  packing.layout.scale_rows = 1;
  packing.layout.scale_bytes = 4;
  return {"fp8, a scale per row", packing, "FP8-dynamic"};
}

Packing groups(const HfFields& in, std::uint32_t bits, std::uint32_t group) {
  Packing packing = packing_of(in, bits);
  packing.layout.scale_rows = 1;
  packing.layout.scale_columns = group;
  packing.layout.scale_bytes = 2;
  return packing;
}

// Four-bit values in 32-bit words; pages count the values but not scales and zero points.
NamedPacking awq(const HfFields& in) {
  const std::uint32_t bits = small(in, "bits", small(in, "w_bit", 4, 16), 16);
  const std::uint32_t group = small(in, "group_size", small(in, "q_group_size", 128));
  Packing packing = groups(in, bits, group);
  packing.layout.zero_point_bits = bits;
  packing.layout.scales_counted = false;
  return {fmt::format("awq, {} bits in groups of {}", bits, group), packing, "AWQ"};
}

NamedPacking gptq(const HfFields& in) {
  if (in.flag("lm_head") == true) in.reject("lm_head");  // packed too
  const std::uint32_t bits = small(in, "bits", 4, 16);
  const std::uint32_t group = small(in, "group_size", 0);  // -1: the whole row
  Packing packing = groups(in, bits, group);
  packing.layout.zero_point_bits = bits;
  packing.layout.input_bytes = 4;  // g_idx
  packing.layout.scales_counted = false;
  return {group == 0 ? fmt::format("gptq, {} bits", bits)
                     : fmt::format("gptq, {} bits in groups of {}", bits, group),
          packing, bits == 8 ? "GPTQ-Int8" : "GPTQ"};
}

NamedPacking bitsandbytes(const HfFields& in) {
  if (in.flag("load_in_8bit") == true || in.flag("_load_in_8bit") == true) {
    Packing packing = packing_of(in, 8);
    packing.layout.scale_rows = 1;
    packing.layout.scale_bytes = 4;
    return {"bitsandbytes, 8 bits, a scale per row", packing, "bnb-INT8"};
  }
  Packing packing = groups(in, 4, 64);
  packing.layout.values_per_element = 2;
  packing.layout.scale_bytes = in.flag("bnb_4bit_use_double_quant") == true ? 1 : 4;
  packing.layout.matrix_bytes = 64;  // the table of the 16 values that four bits encode
  return {fmt::format("bitsandbytes, {}, blocks of 64", in.text("bnb_4bit_quant_type").value_or("fp4")),
          packing, "bnb-NF4"};
}

NamedPacking mxfp4(const HfFields& in) {
  Packing packing = groups(in, 4, 32);
  packing.layout.scale_bytes = 1;
  return {"mxfp4, blocks of 32", packing, "MXFP4"};
}

// compressed-tensors: groups of modules, each with its own scheme.
HfFields first_weights(const HfFields& in) {
  const HfFields groups = in.inner("config_groups");
  for (const auto& [name, group] : groups.items()) return groups.inner(name).inner("weights");
  return groups;
}

NamedPacking nvfp4(const HfFields& in) {
  Packing packing = groups(in, 4, small(in, "group_size", small(first_weights(in), "group_size", 16)));
  packing.layout.values_per_element = 2;
  packing.layout.scale_bytes = 1;
  packing.layout.matrix_bytes = 8;  // weight_scale_2 and input_scale
  return {fmt::format("nvfp4, blocks of {}", packing.layout.scale_columns), packing, "NVFP4"};
}

NamedPacking modelopt(const HfFields& in) {
  const std::string algorithm = in.text("quant_algo").value_or("");
  if (algorithm == "NVFP4" || algorithm == "FP4") return nvfp4(in);
  if (algorithm == "FP8") {
    Packing packing = packing_of(in, 8);
    packing.layout.scale_bytes = 4;
    packing.layout.matrix_bytes = 4;
    return {"modelopt fp8, a scale per matrix", packing, "FP8-static"};
  }
  return {fmt::format("modelopt {}", printable(algorithm, 40)), std::nullopt};
}

bool has_groups_that_differ(const HfFields& in) {
  const json* groups = in.find("config_groups");
  if (groups == nullptr || !groups->is_object()) return false;
  const auto weights = [](const json& group) {
    return group.is_object() ? group.value("weights", json()) : json();
  };
  return std::ranges::any_of(*groups,
                             [&](const json& group) { return weights(group) != weights(groups->front()); });
}

Packing compressed(const HfFields& in, const HfFields& weights, std::uint32_t bits) {
  Packing packing = packing_of(in, bits);
  const std::string strategy = weights.text("strategy").value_or("tensor");
  packing.layout.scale_bytes = 2;
  if (strategy != "tensor") packing.layout.scale_rows = 1;
  if (strategy == "group" || strategy == "tensor_group")
    packing.layout.scale_columns = small(weights, "group_size", 128);
  const std::vector<std::uint64_t> block = weights.numbers("block_structure");
  if (strategy == "block" && block.size() == 2 && block[0] <= 4096 && block[1] <= 4096) {
    packing.layout.scale_rows = static_cast<std::uint32_t>(block[0]);
    packing.layout.scale_columns = static_cast<std::uint32_t>(block[1]);
  }
  return packing;
}

std::string compressed_format(const HfFields& weights, const PackedLayout& layout, bool words) {
  const bool is_float = weights.text("type") == "float";
  if (layout.value_bits == 4 && !is_float) return layout.scale_columns == 32 ? "INT4" : "W4A16";
  if (layout.value_bits != 8) return "";
  if (!is_float) return words ? "W8A16" : "W8A8";
  if (layout.scale_columns != 0) return "FP8";
  return layout.scale_rows == 0 ? "FP8-static" : "FP8-dynamic";
}

NamedPacking compressed_tensors(const HfFields& in) {
  const HfFields weights = first_weights(in);
  const std::uint32_t bits = small(weights, "num_bits", 0, 16);
  const std::string format = in.text("format").value_or("");
  if (bits == 0) return {"compressed-tensors", std::nullopt};
  if (bits == 4 && weights.text("type") == "float") return nvfp4(in);
  Packing packing = compressed(in, weights, bits);
  if (format == "pack-quantized") {
    packing.layout.matrix_bytes = 8;  // the shape
    packing.layout.matrix_elements = 16;
  }
  return {fmt::format("compressed-tensors, {} bits, {}", bits,
                      printable(weights.text("strategy").value_or("tensor"), 40)),
          packing, compressed_format(weights, packing.layout, format == "pack-quantized")};
}

// MLX (mlx-lm 0.28 convert, models/*.py sanitize; mlx nn.quantize): prediction layers and the head of tied
// models are dropped; every linear layer and embedding, in groups of inputs that each have a scale
// and, in the affine mode, a bias of 16 bits. Single modules may have their own number of bits or be dense.
struct MlxWay {
  std::uint32_t bits = 0;  // 16: dense
  std::uint32_t group = 0;
  std::string mode;
  friend bool operator==(const MlxWay&, const MlxWay&) = default;
};

PackedLayout mlx_layout(const MlxWay& way, PartSet parts) {
  PackedLayout layout;
  layout.parts = parts;
  layout.value_bits = way.bits;
  layout.word_bytes = 4;
  layout.scale_rows = 1;
  layout.scale_columns = way.group;
  layout.scale_bytes = way.mode == "affine" ? 2 : 1;
  layout.zero_point_bits = way.mode == "affine" ? 16 : 0;
  return layout;
}

// The modules of one part that differ from the rest.
struct MlxPart {
  PackedPart part = PackedPart::other;
  std::vector<MlxWay> ways;
  std::map<Role, std::set<std::int32_t>> layers;  // of each role
};

std::optional<PackedPart> part_of_module(const HfModule& module, const std::string& name) {
  if (name.find("linear_attn") != std::string::npos) return PackedPart::linear_attention;
  return packed_part_of(module.kind.role);
}

// Whether the modules are all of the part: each of its matrices, in the same layers.
bool is_whole_part(const MlxPart& part) {
  const auto has = [&](Role role) { return part.layers.contains(role); };
  const auto alike = [&](const auto& each) { return each.second == part.layers.begin()->second; };
  if (part.ways.size() != 1 || !std::ranges::all_of(part.layers, alike)) return false;
  switch (part.part) {
    case PackedPart::attention: return has(Role::qkv) || (has(Role::q) && has(Role::k) && has(Role::v));
    case PackedPart::feed_forward: return has(Role::up) && has(Role::down);
    case PackedPart::experts:
      return has(Role::expert_down) && (has(Role::expert_up) || has(Role::expert_gate_up));
    case PackedPart::shared_experts: return has(Role::shared_up) && has(Role::shared_down);
    case PackedPart::router:
    case PackedPart::attention_output:
    case PackedPart::embedding:
    case PackedPart::output: return true;
    default: return false;
  }
}

std::optional<MlxWay> own_way(const HfFields& in, const std::string& module, const json& value,
                              const MlxWay& usual) {
  const bool skipped = value.is_boolean() && !value.get<bool>() && module.find('.') != std::string::npos;
  if (skipped) {
    in.take(module);
    return MlxWay{16, usual.group, usual.mode};
  }
  if (!value.is_object()) return std::nullopt;
  const HfFields way = in.inner(module);
  const std::string mode = way.text("mode").value_or(usual.mode);
  return MlxWay{small(way, "bits", usual.bits, 16), small(way, "group_size", usual.group), mode};
}

std::map<PackedPart, MlxPart> differing_parts(const HfFields& in, const MlxWay& usual, bool& unknown) {
  std::map<PackedPart, MlxPart> parts;
  for (const auto& [name, value] : in.items()) {
    const std::optional<MlxWay> way = own_way(in, name, value, usual);
    if (!way || *way == usual || name.ends_with("shared_expert_gate")) continue;
    const HfModule module = hf_module(name + ".weight", 0);
    const std::optional<PackedPart> part = part_of_module(module, name);
    if (module.tower) continue;
    if (!part) {
      unknown = true;
      continue;
    }
    MlxPart& entry = parts[*part];
    entry.part = *part;
    if (std::ranges::find(entry.ways, *way) == entry.ways.end()) entry.ways.push_back(*way);
    entry.layers[module.kind.role].insert(module.layer);
  }
  return parts;
}

constexpr PartSet mlx_parts{PackedPart::attention,      PackedPart::attention_output,
                            PackedPart::indexer,        PackedPart::linear_attention,
                            PackedPart::feed_forward,   PackedPart::experts,
                            PackedPart::shared_experts, PackedPart::router,
                            PackedPart::embedding,      PackedPart::output,
                            PackedPart::other};

Packing mlx_packing(const MlxWay& way) {
  Packing packing;
  packing.layout = mlx_layout(way, mlx_parts);
  packing.trunk_only = true;
  return packing;
}

// False if there are more layouts than a packing has.
bool set_apart(Packing& packing, const MlxPart& part) {
  const MlxWay& way = part.ways.front();
  if (way.bits == 16) {
    packing.layout.parts.remove(part.part);
    return true;
  }
  for (PackedLayout& other : packing.others) {
    const PackedLayout same = mlx_layout(way, other.parts);
    if (!other.parts.empty() && same != other) continue;
    other = same;
    other.parts.add(part.part);
    return true;
  }
  return false;
}

PackingRange mlx_range(const MlxWay& usual, const std::map<PackedPart, MlxPart>& parts) {
  MlxWay least = usual, most = usual;
  for (const auto& [name, part] : parts)
    for (const MlxWay& way : part.ways) {
      if (way.bits < least.bits) least = way;
      if (way.bits > most.bits) most = way;
    }
  return {mlx_packing(least), mlx_packing(most), fmt::format("every module in {} bits", least.bits),
          fmt::format("every module in {} bits", most.bits)};
}

std::string mlx_format(const MlxWay& way) {
  return way.mode == "affine" ? fmt::format("MLX-{}bit", way.bits) : "MLX-" + way.mode;
}

NamedPacking mlx(const HfFields& in) {
  const MlxWay usual{small(in, "bits", 4, 16), small(in, "group_size", 64),
                     in.text("mode").value_or("affine")};
  bool unknown = false;
  const std::map<PackedPart, MlxPart> parts = differing_parts(in, usual, unknown);
  NamedPacking named{fmt::format("mlx, {} bits in groups of {}", usual.bits, usual.group), mlx_packing(usual),
                     mlx_format(usual)};
  for (const auto& [name, part] : parts) {
    if (!is_whole_part(part) || !set_apart(*named.packing, part)) unknown = true;
    for (const auto& [role, layers] : part.layers) named.layers_of_parts[name] = layers.size();
  }
  const bool only_routers = parts.empty() || (parts.size() == 1 && parts.contains(PackedPart::router));
  if (unknown || !only_routers) named.scheme = fmt::format("mlx, {} bits mixed with others", usual.bits);
  named.range = mlx_range(usual, parts);
  if (unknown) named.packing.reset();
  return named;
}

struct Method {
  std::string_view name;
  NamedPacking (*read)(const HfFields&);
};
constexpr std::array methods{
    Method{"fp8",                fp8               },
    Method{"fbgemm_fp8",         fbgemm_fp8        },
    Method{"awq",                awq               },
    Method{"gptq",               gptq              },
    Method{"bitsandbytes",       bitsandbytes      },
    Method{"mxfp4",              mxfp4             },
    Method{"modelopt",           modelopt          },
    Method{"modelopt_fp4",       modelopt          },
    Method{"compressed-tensors", compressed_tensors},
    Method{"mlx",                mlx               },
};

// bitsandbytes wrote no method at first; hf_quant_config.json of modelopt has an algorithm alone, MLX
// nothing.
std::string method_of(const HfFields& in) {
  if (const auto method = in.text("quant_method")) return *method;
  if (in.has("quant_algo")) return "modelopt";
  if (in.has("bits") && in.has("group_size")) return "mlx";
  return in.has("load_in_4bit") || in.has("load_in_8bit") ? "bitsandbytes" : "";
}

// One layout cannot give the size if some matrices are packed differently or listed individually.
bool is_mixed(const HfFields& in) {
  const json* listed = in.find("quantized_layers");
  const json* dynamic = in.find("dynamic");
  const json* extra = in.find("extra_config");
  const auto lists = [](const json* value) {
    return value != nullptr && value->is_object() && !value->empty();
  };
  return in.text("quant_algo") == "MIXED_PRECISION" || in.has("moe_quant_algo") || lists(listed) ||
         lists(dynamic) || lists(extra) || has_groups_that_differ(in);
}

// What checkpoints of several algorithms may be: the experts at least are in the smallest of them.
void set_range_of_mix(const json& quantization, NamedPacking& named) {
  const std::string text = quantization.dump();
  if (text.find("NVFP4") == std::string::npos) return;
  Packing least;
  least.layout.parts = {PackedPart::attention,        PackedPart::attention_output, PackedPart::indexer,
                        PackedPart::linear_attention, PackedPart::feed_forward,     PackedPart::experts,
                        PackedPart::shared_experts};
  least.layout.value_bits = 4;
  least.layout.scale_rows = 1;
  least.layout.scale_columns = 16;
  least.layout.scale_bytes = 1;
  least.layout.matrix_bytes = 8;
  least.trunk_only = true;
  Packing most = least;
  most.layout.parts = {PackedPart::experts};
  most.trunk_only = false;
  named.range = PackingRange{least, most, "every linear layer in 4 bits", "only the experts in 4 bits"};
  named.format = "NVFP4";
}

// vLLM's kv_cache_dtype "auto" follows what the checkpoint asks for (compressed-tensors kv_cache_scheme,
// modelopt kv_cache_quant_algo).
std::string kv_cache_quantization(const HfFields& in) {
  const std::string algorithm =
      in.text("kv_cache_quant_algo").value_or(in.text("kv_cache_scheme").value_or(""));
  if (algorithm == "FP8") return "fp8";
  if (algorithm == "NVFP4") return "nvfp4";
  if (in.find("kv_cache_scheme") == nullptr || !in.find("kv_cache_scheme")->is_object()) return "";
  const HfFields scheme = in.inner("kv_cache_scheme");
  return scheme.number("num_bits") == 8 && scheme.text("type") == "float" ? "fp8" : "";
}

// compressed-tensors: dense weights are stored as they are.
void sparsity(const HfFields& in) {
  const json* object = in.find("sparsity_config");
  if (object != nullptr && object->is_object() && HfFields(*object).text("format") == "dense")
    in.take("sparsity_config");
}

// How weights were made, or how activations and caches are treated; nothing about stored sizes.
constexpr std::array stored_alike{
    "quant_method", "quant_algo", "producer", "fmt", "scale_fmt", "dequantize", "format",
    "quantization_status", "activation_scheme", "activation_scale_ub", "kv_cache_scheme",
    "kv_cache_quant_algo", "kv_cache_quant_method", "global_compression_ratio", "global_sparsity",
    "sparsity_structure", "ignore", "provider", "quantized_layers", "transform_config",
    // in a group of compressed-tensors
    "targets", "input_activations", "output_activations", "observer", "observer_kwargs", "actorder",
    "symmetric", "dynamic", "type", "strategy", "format",
    // AWQ, GPTQ, AutoRound
    "zero_point", "backend", "do_fuse", "exllama_config", "use_exllama", "desc_act", "sym", "static_groups",
    "true_sequential", "damp_percent", "damp_auto_increment", "dataset", "checkpoint_format", "meta",
    "pack_dtype", "model_file_base_name", "is_marlin_format", "max_input_length", "model_seqlen",
    "module_name_preceding_first_block", "batch_size", "cache_block_outputs", "block_name_to_quantize",
    "to_quant_block_names", "quant_block_list", "quantizer", "packing_format", "iters", "nsamples", "seqlen",
    "lr", "minmax_lr", "data_type", "amp", "low_gpu_mem_usage", "gradient_accumulate_steps",
    "enable_quanted_input", "enable_minmax_tuning",
    // bitsandbytes
    "load_in_4bit", "load_in_8bit", "llm_int8_enable_fp32_cpu_offload", "llm_int8_has_fp16_weight",
    "llm_int8_threshold", "bnb_4bit_compute_dtype", "bnb_4bit_quant_storage", "bnb_4bit_quant_type"};

void refuse_unread(const json& quantization, const UnderstoodKeys& understood, const std::string& file,
                   const std::vector<std::string>& ignored) {
  std::vector<std::string> unread = not_understood(quantization, understood);
  std::erase_if(unread, [&](const std::string& path) {
    const std::string key = path.substr(path.rfind('.') + 1);
    return std::ranges::find(stored_alike, key) != stored_alike.end() && !understood.was_misread(path);
  });
  refuse_not_understood(unread, understood, file + ": quantization_config", ignored,
                        "what the packed weights take");
}

}  // namespace

std::optional<NamedPacking> read_quantization(const json& quantization, const std::string& file,
                                              const std::vector<std::string>& ignored) {
  if (!quantization.is_object())
    throw Error(ErrorCode::bad_file, fmt::format("{}: quantization_config: an object was expected, not {}",
                                                 file, quantization.type_name()));
  const json& inner = quantization.contains("quantization") && quantization.at("quantization").is_object()
                          ? quantization.at("quantization")
                          : quantization;
  UnderstoodKeys understood;
  const HfFields in(inner, &understood);
  const std::string method = method_of(in);
  if (method.empty()) return std::nullopt;
  const auto found = std::ranges::find(methods, method, &Method::name);
  if (found == methods.end()) return NamedPacking{printable(method, 40), std::nullopt};
  if (is_mixed(in)) {
    NamedPacking mixed{fmt::format("{}, mixed with others", printable(method, 40)), std::nullopt};
    set_range_of_mix(inner, mixed);
    mixed.kv_cache_quantization = kv_cache_quantization(in);
    return mixed;
  }
  NamedPacking packing = found->read(in);
  packing.kv_cache_quantization = kv_cache_quantization(in);
  if (const auto bits = first_weights(in).number("num_bits");
      packing.packing &&
      bits.value_or(packing.packing->layout.value_bits) != packing.packing->layout.value_bits)
    return NamedPacking{fmt::format("{} of {} bits", printable(method, 40), *bits), std::nullopt};
  sparsity(in);
  if (packing.packing) refuse_unread(inner, understood, file, ignored);
  return packing;
}

}  // namespace vramcalc::source
