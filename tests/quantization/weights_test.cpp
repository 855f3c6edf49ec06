#include "vramcalc/weights.hpp"

#include <algorithm>

#include "catch.hpp"
#include "measured_types.hpp"
#include "runtime/llama_cpp/device_bytes.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::test {
namespace {

ClassifiedTensors classified(const std::string& model) {
  MeasuredModel measured = measured_model(model);
  return {std::move(measured.tensors), std::move(measured.facts)};
}

std::string refusal(const ClassifiedTensors& tensors, const char* name, std::optional<bool> imatrix) {
  try {
    weights_of(tensors, file_type(name), {imatrix});
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::unsupported);
    return error.what();
  }
  return {};
}

ElementType type_of(const ClassifiedTensors& tensors, const Weights& weights, std::string_view name) {
  for (std::size_t i = 0; i < weights.types.size(); ++i)
    if (tensors.tensors()[i].name == name) return weights.types[i];
  throw std::runtime_error("no such tensor");
}

// The type of a matrix with this row length, as one of many in a dense model.
ElementType type_of_row(const char* name, std::uint64_t row) {
  const ClassifiedTensors tensors({tensor_named("blk.0.attn_gate.weight", {row, 64})},
                                  {"llama", 32, 32, 0, 32});
  return weights_of(tensors, file_type(name), {true}).types.front();
}

}  // namespace

TEST_CASE("the older release numbers only attn_v, out of all tensors that count as V") {
  const ClassifiedTensors tensors = classified("qwen3-next-80b-a3b");  // 36 attn_qkv and 12 attn_v
  REQUIRE(tensors.v_count() == 48);
  const auto type_of_v = [&](std::uint32_t number, QuantizerRelease release) {
    const Weights weights = weights_of(tensors, file_type("Q4_K_M"), {std::nullopt, release});
    return type_of(tensors, weights, "blk." + std::to_string(4 * number + 3) + ".attn_v.weight");
  };
  for (std::uint32_t number = 0; number < 12; ++number) {
    INFO("attn_v " << number << " of 12");
    const auto more_bits = [](std::uint32_t of_48) {
      return of_48 < 6 || of_48 >= 42 || (of_48 - 6) % 3 == 2;
    };
    const auto expected = [](bool more) { return more ? ElementType::q6_K : ElementType::q4_K; };
    CHECK(type_of_v(number, QuantizerRelease::before_fused_qkv_rules) == expected(more_bits(number)));
    CHECK(type_of_v(number, QuantizerRelease::v0_5_0) == expected(more_bits(4 * number + 3)));
  }
}

TEST_CASE("rows that are not a multiple of the block use the fallback type") {
  struct Expected {
    const char* file_type;
    const char* at_2880;  // a multiple of 32 and 64, not of 256
    const char* at_2896;  // of 16
  };
  const Expected table[] = {
      {"IQ1_S",   "iq4_nl", "f16" },
      {"IQ2_XXS", "iq4_nl", "f16" },
      {"IQ3_XXS", "iq4_nl", "f16" },
      {"IQ3_S",   "iq4_nl", "f16" },
      {"IQ4_XS",  "iq4_nl", "f16" },
      {"Q2_K",    "q4_0",   "f16" },
      {"Q3_K_S",  "q4_0",   "f16" },
      {"TQ1_0",   "q4_0",   "f16" },
      {"TQ2_0",   "q4_0",   "f16" },
      {"Q4_K_M",  "q5_0",   "f16" },
      {"Q5_K_M",  "q5_1",   "f16" },
      {"Q6_K",    "q8_0",   "f16" },
      {"Q4_0",    "q4_0",   "f16" },
      {"IQ4_NL",  "iq4_nl", "f16" },
      {"Q8_0",    "q8_0",   "f16" },
      {"Q2_0",    "q2_0",   "f16" },
      {"F16",     "f16",    "f16" },
      {"BF16",    "bf16",   "bf16"},
  };
  for (const Expected& expected : table) {
    CAPTURE(expected.file_type);
    CHECK(to_string(type_of_row(expected.file_type, 2880)) == expected.at_2880);
    CHECK(to_string(type_of_row(expected.file_type, 2896)) == expected.at_2896);
  }
  CHECK(to_string(type_of_row("Q2_0", 2912)) == "q4_0");  // of 32, not of 64
  CHECK_THROWS_AS(type_of_row("Q1_0", 2880), Error);
  CHECK(to_string(type_of_row("Q1_0", 2944)) == "q1_0");  // of 128
}

TEST_CASE("an importance matrix is used if a file type requires one") {
  const ClassifiedTensors tensors = classified("llama-3.1-8b");
  struct Expected {
    const char* file_type;
    bool imatrix;
    bool refused;
  };
  const Expected table[] = {
      {"IQ1_S",   true,  true },
      {"IQ1_M",   true,  true },
      {"IQ2_XXS", true,  true },
      {"IQ2_XS",  true,  true },
      {"IQ2_S",   true,  true },
      {"IQ2_M",   true,  true },
      {"Q2_K_S",  true,  true },
      {"IQ3_XXS", true,  true },
      {"IQ3_XS",  true,  true },
      {"IQ3_S",   false, false},
      {"IQ3_M",   false, false},
      {"Q2_K",    false, false},
      {"IQ4_XS",  false, false},
      {"Q4_0",    false, false},
      {"Q4_K_M",  false, false},
      {"Q8_0",    false, false},
  };
  for (const Expected& expected : table) {
    CAPTURE(expected.file_type);
    CHECK(weights_of(tensors, file_type(expected.file_type)).imatrix == expected.imatrix);
    CHECK(weights_of(tensors, file_type(expected.file_type), {true}).imatrix);
    CHECK(!refusal(tensors, expected.file_type, false).empty() == expected.refused);
  }
}

TEST_CASE("a refusal names the tensor, its type and what to do") {
  const ClassifiedTensors llama = classified("llama-3.1-8b");
  CHECK(refusal(llama, "IQ2_XXS", false) ==
        "llama-quantize refuses IQ2_XXS for this model without an importance matrix: blk.0.attn_q.weight "
        "would be iq2_xxs; "
        "allow one or choose another file type");
  CHECK(refusal(llama, "IQ2_XXS", true).empty());
  const ClassifiedTensors gpt_oss = classified("gpt-oss-20b");
  for (std::optional<bool> imatrix : {std::optional<bool>(), std::optional(false), std::optional(true)})
    CHECK(refusal(gpt_oss, "Q1_0", imatrix).find("rows of 2880 elements, which q1_0 cannot store") !=
          std::string::npos);
}

TEST_CASE("whether a file type needs an importance matrix agrees with the measured models") {
  std::vector<ClassifiedTensors> models;
  for (const auto& path : measured_models()) {
    const MeasuredModel model = read_measured_model(path);
    models.emplace_back(model.tensors, model.facts);
  }
  for (const FileType& type : file_types()) {
    if (type.name == "Q1_0") {  // refused for the length of rows
      CHECK(type.needs_imatrix == ImatrixNeed::never);
      continue;
    }
    const auto refused =
        static_cast<std::size_t>(std::ranges::count_if(models, [&](const ClassifiedTensors& tensors) {
          return !refusal(tensors, type.name.data(), false).empty();
        }));
    CAPTURE(type.name, refused);
    CHECK((type.needs_imatrix == ImatrixNeed::always) == (refused == models.size()));
    CHECK((type.needs_imatrix == ImatrixNeed::never) == (refused == 0));
  }
}

// ---- older releases

namespace {

// Phi-4: 40 layers, fused QKV and fused gate and up.
ClassifiedTensors phi_4() {
  std::vector<Tensor> tensors{tensor_named("token_embd.weight", {5120, 100352}),
                              tensor_named("output_norm.weight", {5120}),
                              tensor_named("output.weight", {5120, 100352})};
  for (std::int32_t i = 0; i < 40; ++i) {
    const std::string block = "blk." + std::to_string(i) + ".";
    tensors.push_back(tensor_named(block + "attn_norm.weight", {5120}));
    tensors.push_back(tensor_named(block + "attn_qkv.weight", {5120, 7680}));
    tensors.push_back(tensor_named(block + "attn_output.weight", {5120, 5120}));
    tensors.push_back(tensor_named(block + "ffn_norm.weight", {5120}));
    tensors.push_back(tensor_named(block + "ffn_up.weight", {5120, 35840}));
    tensors.push_back(tensor_named(block + "ffn_down.weight", {17920, 5120}));
  }
  return {
      std::move(tensors), {"phi3", 40, 10, 0, 40}
  };
}

std::string types_of_group(const ClassifiedTensors& tensors, const Weights& weights, std::string_view part) {
  std::map<ElementType, int> counts;
  for (std::size_t i = 0; i < weights.types.size(); ++i)
    if (tensors.tensors()[i].name.find(part) != std::string::npos) ++counts[weights.types[i]];
  std::string result;
  for (const auto& [type, count] : counts)
    result += (result.empty() ? "" : " ") + std::string(to_string(type)) + "*" + std::to_string(count);
  return result;
}

}  // namespace

TEST_CASE("fused QKV before and after it counted as V") {
  struct Expected {
    const char* file_type;
    const char* before;
    const char* since;
  };
  const Expected table[] = {
      {"Q2_K",   "q2_K*40", "q4_K*40"        },
      {"Q3_K_S", "q3_K*40", "q3_K*40"        },
      {"Q3_K_M", "q4_K*40", "q4_K*38 q5_K*2" },
      {"Q3_K_L", "q4_K*40", "q5_K*40"        },
      {"IQ3_M",  "q4_K*40", "q4_K*40"        },
      {"Q4_K_S", "q4_K*40", "q4_K*36 q5_K*4" },
      {"Q4_K_M", "q5_K*40", "q4_K*20 q6_K*20"},
      {"Q5_K_M", "q6_K*40", "q5_K*20 q6_K*20"},
      {"Q6_K",   "q6_K*40", "q6_K*40"        },
  };
  ClassifiedTensors tensors = phi_4();
  for (const Expected& expected : table) {
    CAPTURE(expected.file_type);
    const auto qkv = [&](QuantizerRelease release) {
      return types_of_group(tensors, weights_of(tensors, file_type(expected.file_type), {{}, release}),
                            "attn_qkv");
    };
    if (std::string_view(expected.file_type) == "Q2_K")  // 40 heads on 10
      CHECK(gqa(tensors.facts()) == 4);
    CHECK(qkv(QuantizerRelease::before_fused_qkv_rules) == expected.before);
    CHECK(qkv(QuantizerRelease::v0_5_0) == expected.since);
  }
}

TEST_CASE("20 q6_K matrices make a published phi-4 Q5_K_M larger than one by 0.5.0") {
  const ClassifiedTensors tensors = phi_4();
  const auto bytes = [&](QuantizerRelease release) {
    return weights_of(tensors, file_type("Q5_K_M"), {{}, release}).tensor_bytes;
  };
  CHECK(bytes(QuantizerRelease::before_fused_qkv_rules) - bytes(QuantizerRelease::v0_5_0) ==
        Bytes(104'448'000));
}

TEST_CASE("Falcon spends its bits elsewhere") {
  // Like Falcon 40B: 60 layers, 128 query heads and 8 KV heads.
  std::vector<Tensor> list{tensor_named("output.weight", {8192, 65024})};
  for (std::int32_t i = 0; i < 60; ++i) {
    const std::string block = "blk." + std::to_string(i) + ".";
    list.push_back(tensor_named(block + "attn_output.weight", {8192, 8192}));
    list.push_back(tensor_named(block + "ffn_down.weight", {32768, 8192}));
  }
  struct Expected {
    const char* file_type;
    const char* output;
    const char* attn_output;
    const char* ffn_down;
  };
  const Expected falcon[] = {
      {"Q2_K",    "q8_0", "q2_K*60",    "q3_K*60"               },
      {"Q3_K_M",  "q8_0", "q3_K*60",    "q3_K*30 q4_K*27 q5_K*3"},
      {"Q3_K_L",  "q8_0", "q4_K*60",    "q4_K*60"               },
      {"Q4_K_S",  "q8_0", "q4_K*60",    "q4_K*60"               },
      {"Q4_K_M",  "q8_0", "q4_K*60",    "q4_K*30 q5_K*27 q6_K*3"},
      {"Q5_K_M",  "q8_0", "q5_K*60",    "q5_K*30 q6_K*30"       },
      {"Q6_K",    "q8_0", "q6_K*60",    "q6_K*60"               },
      {"IQ3_XXS", "q8_0", "iq3_xxs*60", "iq3_xxs*60"            },
      {"IQ3_M",   "q8_0", "iq3_s*60",   "q4_K*7 iq3_s*53"       },
      {"IQ2_XXS", "q8_0", "iq2_xxs*60", "q2_K*7 iq2_xxs*53"     },
  };
  const Expected others[] = {
      {"Q2_K",    "q6_K", "q3_K*60",    "q3_K*60"          },
      {"Q3_K_M",  "q6_K", "q4_K*60",    "q4_K*57 q5_K*3"   },
      {"Q3_K_L",  "q6_K", "q5_K*60",    "q5_K*60"          },
      {"Q4_K_S",  "q6_K", "q4_K*60",    "q4_K*53 q5_K*7"   },
      {"Q4_K_M",  "q6_K", "q4_K*60",    "q4_K*30 q6_K*30"  },
      {"Q5_K_M",  "q6_K", "q5_K*60",    "q5_K*30 q6_K*30"  },
      {"Q6_K",    "q6_K", "q6_K*60",    "q6_K*60"          },
      {"IQ3_XXS", "q5_K", "iq3_s*60",   "iq3_xxs*60"       },
      {"IQ3_M",   "q6_K", "q4_K*60",    "q4_K*7 iq3_s*53"  },
      {"IQ2_XXS", "q5_K", "iq2_xxs*60", "q2_K*7 iq2_xxs*53"},
  };
  const auto check = [&](const char* architecture, std::span<const Expected> table) {
    const ClassifiedTensors tensors(list, {architecture, 128, 8, 0, 60});
    for (const Expected& expected : table) {
      CAPTURE(architecture, expected.file_type);
      const Weights weights = weights_of(tensors, file_type(expected.file_type), {true});
      CHECK(to_string(weights.types.front()) == expected.output);
      CHECK(types_of_group(tensors, weights, "attn_output") == expected.attn_output);
      CHECK(types_of_group(tensors, weights, "ffn_down") == expected.ffn_down);
    }
  };
  check("falcon", falcon);
  check("llama", others);
}

TEST_CASE("MXFP4_MOE applies to three-dimensional tensors, and in Ling 3 only to experts") {
  struct Expected {
    const char* architecture;
    const char* k_b;
    const char* experts;
    const char* shared;
  };
  const Expected table[] = {
      {"deepseek2",   "mxfp4", "mxfp4", "q8_0"},
      {"bailingmoe3", "q8_0",  "mxfp4", "q8_0"}
  };
  for (const Expected& expected : table) {
    CAPTURE(expected.architecture);
    const ClassifiedTensors tensors({tensor_named("blk.0.attn_k_b.weight", {128, 512, 64}),
                                     tensor_named("blk.0.ffn_up_exps.weight", {512, 512, 16}),
                                     tensor_named("blk.0.ffn_up_shexp.weight", {512, 512})},
                                    {expected.architecture, 64, 1, 16, 1});
    const Weights weights = weights_of(tensors, file_type("MXFP4_MOE"));
    CHECK(to_string(weights.types[0]) == expected.k_b);
    CHECK(to_string(weights.types[1]) == expected.experts);
    CHECK(to_string(weights.types[2]) == expected.shared);
  }
}

TEST_CASE("kv_b of old DeepSeek files has the default type") {
  const ClassifiedTensors tensors(
      {tensor_named("output.weight", {2048, 1024}), tensor_named("blk.0.attn_kv_b.weight", {512, 4096})},
      {"deepseek2", 16, 1, 64, 1});
  const auto type = [&](QuantizerRelease release) {
    return to_string(weights_of(tensors, file_type("Q2_K"), {{}, release}).types.back());
  };
  CHECK(type(QuantizerRelease::before_fused_qkv_rules) == "q2_K");
  CHECK(type(QuantizerRelease::v0_5_0) == "q4_K");
}

// ---- variants and native types

TEST_CASE("variants have q8_0 for embedding and output, and the base's types otherwise") {
  struct Expected {
    const char* name;
    const char* base;
  };
  const Expected table[] = {
      {"Q2_K_L",  "Q2_K"  },
      {"Q3_K_XL", "Q3_K_L"},
      {"Q4_K_L",  "Q4_K_M"},
      {"Q5_K_L",  "Q5_K_M"},
      {"Q6_K_L",  "Q6_K"  }
  };
  for (const char* model : {"llama-3.1-8b", "gemma-2-9b", "gemma-3n-e4b", "falcon-7b"})
    for (const Expected& expected : table) {
      CAPTURE(model, expected.name);
      const ClassifiedTensors tensors = classified(model);
      Weights base = weights_of(tensors, file_type(expected.base));
      for (std::size_t i = 0; i < base.types.size(); ++i) {
        const std::string& name = tensors.tensors()[i].name;
        if (name == "output.weight" || name == "token_embd.weight" || name == "per_layer_token_embd.weight")
          base.types[i] = ElementType::q8_0;
      }
      CHECK(weights_of(tensors, file_type(expected.name)).types == base.types);
      CHECK(file_type(expected.name).derived_from == expected.base);
      CHECK(file_type(expected.name).ftype == file_type(expected.base).ftype);
    }
}

namespace {

// gpt-oss with the experts' matrices in mxfp4, as in its checkpoint.
ClassifiedTensors native_gpt_oss(std::uint32_t layers, std::uint64_t experts) {
  const MeasuredModel measured = measured_model("gpt-oss-20b");
  std::vector<Tensor> tensors;
  for (const Tensor& tensor : measured.tensors)
    if (tensor.layer < 0) tensors.push_back(tensor);
  for (std::uint32_t i = 0; i < layers; ++i)
    for (Tensor tensor : measured.tensors) {
      if (tensor.layer != 0) continue;
      const bool of_experts = tensor.name.find("_exps") != std::string::npos;
      const bool router = tensor.name.find("ffn_gate_inp") != std::string::npos;
      tensor.name = "blk." + std::to_string(i) + tensor.name.substr(5);
      tensor.layer = static_cast<std::int32_t>(i);
      if (of_experts && tensor.shape.rank() == 3) {
        tensor.shape = {2880, 2880, experts};
        tensor.native_type = ElementType::mxfp4;
      } else if (of_experts || (router && tensor.shape.rank() == 2)) {
        tensor.shape = {2880, experts};
      } else if (router) {
        tensor.shape = {experts};
      }
      tensors.push_back(std::move(tensor));
    }
  ShapeFacts facts = measured.facts;
  facts.experts = static_cast<std::uint32_t>(experts);
  facts.block_count = layers;
  return {std::move(tensors), std::move(facts)};
}

}  // namespace

TEST_CASE("gpt-oss files of every type keep the experts in mxfp4") {
  struct Expected {
    const char* file_type;
    double gibibytes;
  };
  // unsloth/gpt-oss-120b-GGUF, sizes as ailocalcheck.com lists them in GiB
  const Expected table[] = {
      {"Q3_K_S", 58.27},
      {"Q2_K",   58.27},
      {"Q4_0",   58.32},
      {"Q3_K_M", 58.33},
      {"Q4_1",   58.41},
      {"Q4_K_S", 58.45},
      {"Q4_K_M", 58.46},
      {"Q5_K_S", 58.56},
      {"Q5_K_M", 58.57},
      {"Q6_K",   58.94},
      {"Q8_0",   59.03},
      {"F16",    60.88},
  };
  const ClassifiedTensors tensors = native_gpt_oss(36, 128);
  for (const Expected& expected : table) {
    CAPTURE(expected.file_type);
    const Weights weights = weights_of(tensors, file_type(expected.file_type));
    CHECK(weights.keeps_native);
    CHECK(type_of(tensors, weights, "blk.0.ffn_down_exps.weight") == ElementType::mxfp4);
    CHECK(static_cast<double>(weights.tensor_bytes.count()) / static_cast<double>(GiB) ==
          Approx(expected.gibibytes).margin(0.03));
  }
}

TEST_CASE("with --allow-requantize native tensors are quantized as in the measured files") {
  const ClassifiedTensors native = native_gpt_oss(24, 32);
  const ClassifiedTensors plain = classified("gpt-oss-20b");
  for (const char* name : {"Q4_K_M", "Q8_0", "IQ4_XS", "MXFP4_MOE"}) {
    CAPTURE(name);
    const QuantizeOptions requantize{{}, QuantizerRelease::v0_5_0, true};
    CHECK(weights_of(native, file_type(name), requantize).tensor_bytes ==
          weights_of(plain, file_type(name)).tensor_bytes);
  }
  const Weights kept = weights_of(native, file_type("MXFP4_MOE"));
  CHECK(kept.tensor_bytes == weights_of(plain, file_type("MXFP4_MOE")).tensor_bytes);
  CHECK(!weights_of(plain, file_type("MXFP4_MOE")).keeps_native);
}

// ---- bytes

TEST_CASE("tensor, device and host bytes") {
  struct Expected {
    ElementType type;
    Shape shape;
    std::uint64_t tensor, device, host;
  };
  const Expected table[] = {
      {ElementType::f32,   {4096},           16384,     16384,     16384    },
      {ElementType::f32,   {3},              12,        128,       32       },
      {ElementType::q4_K,  {4096, 4096},     9437184,   9437184,   9437184  },
      {ElementType::q8_0,  {2880, 10},       30600,     30848,     30624    }, // 10 rows of 3060 bytes, and 192 more elements
      {ElementType::q6_K,  {256, 3},         630,       896,       640      }, // 630 + 210
      {ElementType::mxfp4, {2880, 2880, 32}, 141004800, 141004928, 141004800},
      {ElementType::f16,   {1000, 3},        6000,      6016,      6016     }, // not quantized: no row padding
  };
  for (const Expected& expected : table) {
    CAPTURE(to_string(expected.type), expected.shape.row());
    CHECK(tensor_bytes(expected.type, expected.shape) == Bytes(expected.tensor));
    CHECK(llama_cpp::device_bytes(expected.type, expected.shape) == Bytes(expected.device));
    CHECK(llama_cpp::host_bytes(expected.type, expected.shape) == Bytes(expected.host));
  }
}

TEST_CASE("the parts of the weights add up") {
  for (const auto& path : measured_models()) {
    const MeasuredModel model = read_measured_model(path);
    const ClassifiedTensors tensors(model.tensors, model.facts);
    for (const char* name : {"Q4_K_M", "IQ2_XXS", "Q8_0", "F16"}) {
      CAPTURE(model.name, name);
      const Weights weights = weights_of(tensors, file_type(name));
      Bytes sum, padded;
      for (std::size_t i = 0; i < weights.types.size(); ++i) {
        sum += tensor_bytes(weights.types[i], model.tensors[i].shape);
        padded += llama_cpp::host_bytes(weights.types[i], model.tensors[i].shape);
      }
      CHECK(weights.tensor_bytes == sum);
      CHECK(weights.padded_bytes == padded);
      CHECK(weights.bits_per_weight() ==
            Approx(8.0 * static_cast<double>(sum.count()) / static_cast<double>(weights.elements)));
    }
  }
}

TEST_CASE("the order of the tensors does not matter") {
  MeasuredModel model = measured_model("mixtral-8x7b");
  const ClassifiedTensors forward(model.tensors, model.facts);
  std::reverse(model.tensors.begin(), model.tensors.end());
  const ClassifiedTensors backward(model.tensors, model.facts);
  for (const FileType& type : file_types()) {
    CAPTURE(type.name);
    auto types = weights_of(backward, type).types;
    std::reverse(types.begin(), types.end());
    CHECK(weights_of(forward, type).types == types);
    CHECK(element_types(forward.tensors(), forward.facts(), type) == weights_of(forward, type).types);
  }
}

TEST_CASE("a tensor outside the model's layers is refused") {
  CHECK_THROWS_AS(
      ClassifiedTensors({tensor_named("blk.4.ffn_down_exps.weight", {256, 256, 8})}, {"llama", 32, 8, 8, 4}),
      Error);
  CHECK_NOTHROW(
      ClassifiedTensors({tensor_named("blk.4.ffn_down.weight", {256, 256})}, {"llama", 32, 8, 0, 4}));
}

// ---- the file

TEST_CASE("the size of published files is that of tensors, tensor list and tokenizer") {
  struct Expected {
    const char* model;
    std::uint64_t published;
    TokenizerFacts tokenizer;
  };
  using Kind = TokenizerFacts::Kind;
  // Q4_K_M files on Hugging Face (bartowski, Qwen)
  const Expected table[] = {
      {"llama-3.1-8b",  4'920'739'232,  {Kind::bpe, 128'256, 280'147, {}}},
      {"qwen2.5-7b",    4'683'074'240,  {Kind::bpe, 152'064, 151'387, {}}},
      {"qwen3-8b",      5'027'783'488,  {Kind::bpe, 151'936, 151'387, {}}},
      {"llama-3.3-70b", 42'520'393'152, {Kind::bpe, 128'256, 280'147, {}}},
  };
  Architecture architecture;
  architecture.gguf_name = "llama";
  for (const Expected& expected : table) {
    CAPTURE(expected.model);
    const ClassifiedTensors tensors = classified(expected.model);
    const Weights weights = weights_of(tensors, file_type("Q4_K_M"));
    const Amount file = file_bytes(tensors, weights, metadata_bytes(architecture, expected.tokenizer));
    CHECK(file.low.count() <= expected.published);
    CHECK(expected.published <= file.high.count());
    CHECK(static_cast<double>(file.best.count()) ==
          Approx(static_cast<double>(expected.published)).epsilon(0.0001));

    // The vocabulary size identifies the tokenizer.
    const Amount unknown =
        metadata_bytes(architecture, {Kind::unknown, expected.tokenizer.vocab_size, {}, {}});
    CHECK(unknown == metadata_bytes(architecture, expected.tokenizer));
  }
}

TEST_CASE("metadata by kind of tokenizer agrees with published files less their tensors") {
  struct Expected {
    const char* what;
    TokenizerFacts tokenizer;
    double megabytes;
  };
  using Kind = TokenizerFacts::Kind;
  const Expected table[] = {
      {"Llama 2",  {Kind::spm, 32'000, {}, {}},       0.75},
      {"Gemma 2",  {Kind::spm, 256'000, {}, {}},      6.06},
      {"Gemma 3",  {Kind::spm, 262'144, {}, {}},      6.56},
      {"Llama 3",  {Kind::bpe, 128'256, 280'147, {}}, 7.85},
      {"Qwen 2.5", {Kind::bpe, 152'064, 151'387, {}}, 5.96},
  };
  for (const Expected& expected : table) {
    CAPTURE(expected.what);
    const Amount bytes = metadata_bytes({}, expected.tokenizer);
    CHECK(static_cast<double>(bytes.best.count()) / 1e6 == Approx(expected.megabytes).epsilon(0.06));
    CHECK(static_cast<double>(bytes.low.count()) / 1e6 < expected.megabytes);
    CHECK(static_cast<double>(bytes.high.count()) / 1e6 > expected.megabytes);
  }
  CHECK(metadata_bytes({}, {Kind::bpe, 1, 1, 7'840'000}) == Amount::exactly(Bytes(7'840'000)));
}

TEST_CASE("the vocabulary size identifies the tokenizer, together with the architecture if two share it") {
  struct Expected {
    const char* gguf_name;
    std::uint32_t tokens;
    double megabytes;  // of published files, less their tensors
  };
  const Expected table[] = {
      {"llama",  128'256, 7.83}, // bartowski/Llama-3.2-1B-Instruct-GGUF Q4_K_M: 807,694,464 bytes
      {"qwen3",  151'936, 5.96}, // Qwen/Qwen3-4B-GGUF Q4_K_M: 2,497,280,256
      {"gemma2", 256'000, 6.06},
      {"gemma3", 262'144, 6.53}, // ggml-org/gemma-3-1b-it-GGUF Q4_K_M: 806,058,240
      {"llama",  32'000,  0.75},
  };
  for (const Expected& expected : table) {
    CAPTURE(expected.gguf_name, expected.tokens);
    Architecture architecture;
    architecture.gguf_name = expected.gguf_name;
    architecture.vocab_size = expected.tokens;
    const Amount bytes = metadata_bytes(architecture, {});
    CHECK(static_cast<double>(bytes.best.count()) / 1e6 == Approx(expected.megabytes).epsilon(0.06));
  }
  Architecture gemma4;
  gemma4.gguf_name = "gemma4";  // BPE with 514,906 merges
  gemma4.vocab_size = 262'144;
  CHECK(metadata_bytes(gemma4, {}).best > Bytes(14'000'000));

  // For an unknown vocabulary the interval includes every kind of tokenizer.
  Architecture other;
  other.gguf_name = "llama";
  other.vocab_size = 100'003;
  const Amount any = metadata_bytes(other, {});
  for (const auto kind : {TokenizerFacts::Kind::bpe, TokenizerFacts::Kind::spm}) {
    const Amount bytes = metadata_bytes(other, {kind, 100'003, {}, {}});
    CHECK(any.low <= bytes.low);
    CHECK(bytes.high <= any.high);
  }
}

// The bytes are those of tests/measured/packed_checkpoints.tsv, read from published headers.
TEST_CASE("a checkpoint is stored in the format in which its publisher packed it") {
  struct Expected {
    const char* model;
    std::uint64_t bytes;
  };
  for (const Expected& expected : {
           Expected{"deepseek-r1-0528-nvfp4-v2", 413306995616},
           Expected{"qwen3-8b-awq",              6098479104  }
  }) {
    CAPTURE(expected.model);
    const Model model = Catalog().model(expected.model);
    ModelWeights weights(model, nullptr);
    const CheckpointFormat format{model.packed->scheme, model.packed->packing.value(), model.variant_of};
    const Weights& stored = weights.stored(format);
    CHECK(stored.tensor_bytes == Bytes(expected.bytes));
    CHECK(stored.elements == parameters_of(model.architecture).total());
    CHECK(&weights.stored(format) == &stored);
  }
}

TEST_CASE("a file is its header padded to 32, then every tensor padded to 32") {
  const ClassifiedTensors tensors(
      {tensor_named("output_norm.weight", {3}), tensor_named("output.weight", {256, 2})},
      {"llama", 1, 1, 0, 0});
  // 8 + 18 + 4 + 8 + 4 + 8 and 8 + 13 + 4 + 16 + 4 + 8
  CHECK(tensors.tensor_info_bytes() == Bytes(50 + 53));
  const Weights weights = weights_of(tensors, file_type("Q6_K"));
  CHECK(weights.tensor_bytes == Bytes(12 + 420));
  CHECK(file_bytes(tensors, weights, Amount::exactly(Bytes(1))).best == Bytes(128 + 32 + 448));
  CHECK(file_bytes(tensors, weights, Amount::exactly(Bytes(2))).best == Bytes(160 + 32 + 448));
}

}  // namespace vramcalc::test
