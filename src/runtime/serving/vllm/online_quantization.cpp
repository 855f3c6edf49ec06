#include "runtime/serving/vllm/online_quantization.hpp"

#include <algorithm>
#include <array>

#include "runtime/serving/sharding.hpp"
#include "runtime/serving/vllm/linear_layers.hpp"

namespace vramcalc::vllm {
namespace {

enum class Packs { nothing, experts, linear_layers };

struct Method {
  std::string_view name;
  Packs packs = Packs::nothing;
  std::uint32_t eighths = 128;
};

// vllm/model_executor/layers/quantization/__init__.py. Scales per tensor and channel are not counted.
constexpr std::array methods = {
    Method{"fp8",                          Packs::linear_layers, 64 },
    Method{"fp8_per_tensor",               Packs::linear_layers, 64 },
    Method{"fp8_per_channel",              Packs::linear_layers, 64 },
    Method{"fp8_per_block",                Packs::linear_layers, 64 },
    Method{"ptpc_fp8",                     Packs::linear_layers, 64 },
    Method{"int8_per_channel_weight_only", Packs::linear_layers, 64 },
    Method{"mxfp8",                        Packs::linear_layers, 66 }, // a scale of 8 bits per 32 values
    Method{"bitsandbytes",                 Packs::linear_layers, 36 }, // NF4, a scale of 32 bits per 64 values
    Method{"experts_int8",                 Packs::experts,       64 },
    Method{"awq",                          Packs::nothing,       128},
    Method{"awq_marlin",                   Packs::nothing,       128},
    Method{"auto_awq",                     Packs::nothing,       128},
    Method{"gptq",                         Packs::nothing,       128},
    Method{"gptq_marlin",                  Packs::nothing,       128},
    Method{"auto_gptq",                    Packs::nothing,       128},
    Method{"modelopt",                     Packs::nothing,       128},
    Method{"modelopt_fp4",                 Packs::nothing,       128},
    Method{"modelopt_mxfp8",               Packs::nothing,       128},
    Method{"modelopt_mixed",               Packs::nothing,       128},
    Method{"compressed-tensors",           Packs::nothing,       128},
    Method{"moe_wna16",                    Packs::nothing,       128},
    Method{"quark",                        Packs::nothing,       128},
    Method{"torchao",                      Packs::nothing,       128},
    Method{"inc",                          Packs::nothing,       128},
    Method{"mxfp4",                        Packs::nothing,       128},
    Method{"gpt_oss_mxfp4",                Packs::nothing,       128},
    Method{"deepseek_v4_fp8",              Packs::nothing,       128},
    Method{"humming",                      Packs::nothing,       128},
    Method{"fbgemm_fp8",                   Packs::nothing,       128},
    Method{"fp_quant",                     Packs::nothing,       128},
};

bool is_expert(Role role) {
  return serving::sharding_of(role, GroupedQueryAttention{}) == serving::Sharding::experts;
}

}  // namespace

std::uint32_t loaded_eighths_of_bits(std::string_view method, Role role) {
  constexpr std::uint32_t sixteen_bits = 128;
  if (method.empty()) return sixteen_bits;
  const auto found = std::ranges::find(methods, method, &Method::name);
  if (found == methods.end()) return sixteen_bits;
  const bool packs = found->packs == Packs::linear_layers ? is_linear_layer(role)
                                                          : found->packs == Packs::experts && is_expert(role);
  return packs ? found->eighths : sixteen_bits;
}

bool is_quantization_method(std::string_view method) {
  return std::ranges::find(methods, method, &Method::name) != methods.end();
}

}  // namespace vramcalc::vllm
