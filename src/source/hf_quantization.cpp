#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/printable.hpp"
#include "source/hf_config.hpp"
#include "source/hf_fields.hpp"
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
constexpr std::array<std::string_view, 4> whole_linear_attention{"linear_attn", "linear_attn*", "linear_attn.*",
                                                                 "linear_attn..*"};

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
    return {fmt::format("fp8, a scale for {} x {} values", block[0], block[1]), packing};
  }
  if (in.text("activation_scheme") == "static") packing.layout.matrix_bytes = 4;
  return {"fp8, a scale per matrix", packing};
}

NamedPacking fbgemm_fp8(const HfFields& in) {
  Packing packing = packing_of(in, 8);
  packing.layout.scale_rows = 1;
  packing.layout.scale_bytes = 4;
  return {"fp8, a scale per row", packing};
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
  return {fmt::format("awq, {} bits in groups of {}", bits, group), packing};
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
          packing};
}

NamedPacking bitsandbytes(const HfFields& in) {
  if (in.flag("load_in_8bit") == true || in.flag("_load_in_8bit") == true) {
    Packing packing = packing_of(in, 8);
    packing.layout.scale_rows = 1;
    packing.layout.scale_bytes = 4;
    return {"bitsandbytes, 8 bits, a scale per row", packing};
  }
  Packing packing = groups(in, 4, 64);
  packing.layout.values_per_element = 2;
  packing.layout.scale_bytes = in.flag("bnb_4bit_use_double_quant") == true ? 1 : 4;
  packing.layout.matrix_bytes = 64;  // the table of the 16 values that four bits encode
  return {fmt::format("bitsandbytes, {}, blocks of 64", in.text("bnb_4bit_quant_type").value_or("fp4")),
          packing};
}

NamedPacking mxfp4(const HfFields& in) {
  Packing packing = groups(in, 4, 32);
  packing.layout.scale_bytes = 1;
  return {"mxfp4, blocks of 32", packing};
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
  return {fmt::format("nvfp4, blocks of {}", packing.layout.scale_columns), packing};
}

NamedPacking modelopt(const HfFields& in) {
  const std::string algorithm = in.text("quant_algo").value_or("");
  if (algorithm == "NVFP4" || algorithm == "FP4") return nvfp4(in);
  if (algorithm == "FP8") {
    Packing packing = packing_of(in, 8);
    packing.layout.scale_bytes = 4;
    packing.layout.matrix_bytes = 4;
    return {"modelopt fp8, a scale per matrix", packing};
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
          packing};
}

// MLX (mlx-lm 0.28 convert, models/*.py sanitize; mlx nn.quantize): prediction layers and the head of tied
// models are dropped; every linear layer and embedding, in groups of inputs that each have a scale
// and, in the affine mode, a bias of 16 bits. Single modules may have their own number of bits or be dense;
// only routers, in many repositories, are read here.
struct RouterBits {
  std::uint32_t bits = 0;  // 0: like the rest
  bool packed = true;
  bool others = false;  // some module other than a router differs too
};

bool is_router(std::string_view module) {
  return module.ends_with("mlp.gate") || module.ends_with("router") || module.ends_with("moe.gate") ||
         module.ends_with("feed_forward.gate") || module.ends_with("shared_expert_gate") ||
         module.ends_with("router.proj") || module.ends_with("mixer.gate");
}

RouterBits router_bits(const HfFields& in, std::uint32_t bits) {
  RouterBits found;
  for (const auto& [module, value] : in.items()) {
    const bool skipped = value.is_boolean() && !value.get<bool>() && module.find('.') != std::string::npos;
    if (!value.is_object() && !skipped) continue;
    if (skipped) in.take(module);
    const HfFields way = skipped ? HfFields(value) : in.inner(module);
    const std::uint32_t own = skipped ? 16 : small(way, "bits", bits, 16);
    for (const char* same : {"group_size", "mode"}) way.take(same);
    if (!is_router(module)) found.others = found.others || own != bits;
    if (is_router(module) && !module.ends_with("shared_expert_gate")) {
      found.packed = !skipped;
      found.bits = skipped ? 0 : own;
    }
  }
  return found;
}

NamedPacking mlx(const HfFields& in) {
  const std::uint32_t bits = small(in, "bits", 4, 16);
  const std::string mode = in.text("mode").value_or("affine");
  const RouterBits routers = router_bits(in, bits);
  if (routers.others) return {fmt::format("mlx, {} bits mixed with others", bits), std::nullopt};
  Packing packing = groups(in, bits, small(in, "group_size", 64));
  if (mode == "affine")
    packing.layout.zero_point_bits = 16;
  else
    packing.layout.scale_bytes = 1;
  packing.trunk_only = true;
  packing.layout.word_bytes = 4;
  for (const PackedPart part : {PackedPart::embedding, PackedPart::output, PackedPart::other})
    packing.layout.parts.add(part);
  if (routers.packed) packing.layout.parts.add(PackedPart::router);
  if (routers.bits != 0) {
    packing.others[0] = packing.layout;
    packing.others[0].parts = {PackedPart::router};
    packing.others[0].value_bits = routers.bits;
  }
  return {fmt::format("mlx, {} bits in groups of {}", bits, packing.layout.scale_columns), packing};
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
  if (is_mixed(in))
    return NamedPacking{fmt::format("{}, mixed with others", printable(method, 40)), std::nullopt};
  NamedPacking packing = found->read(in);
  if (const auto bits = first_weights(in).number("num_bits");
      packing.packing && bits.value_or(packing.packing->layout.value_bits) != packing.packing->layout.value_bits)
    return NamedPacking{fmt::format("{} of {} bits", printable(method, 40), *bits), std::nullopt};
  sparsity(in);
  if (packing.packing) refuse_unread(inner, understood, file, ignored);
  return packing;
}

}  // namespace vramcalc::source
