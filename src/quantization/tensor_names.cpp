#include "quantization/tensor_names.hpp"

#include <algorithm>
#include <array>

namespace vramcalc {
namespace {

struct NamedCategory {
  std::string_view part;
  TensorCategory category;
};

// The first part found decides; experts (ffn_up_exps) and fused matrices (ffn_gate_up_exps) go with their
// kind.
constexpr std::array categories{
    NamedCategory{"attn_qkv.weight", TensorCategory::qkv},
    NamedCategory{"attn_kv_b.weight", TensorCategory::kv_b},
    NamedCategory{"attn_v.weight", TensorCategory::v},
    NamedCategory{"attn_k.weight", TensorCategory::k},
    NamedCategory{"attn_q.weight", TensorCategory::q},
    NamedCategory{"attn_output.weight", TensorCategory::attn_output},
    NamedCategory{"ffn_up", TensorCategory::ffn_up},
    NamedCategory{"ffn_gate", TensorCategory::ffn_gate},
    NamedCategory{"ffn_down", TensorCategory::ffn_down},
};

// Small or sensitive matrices that keep the type of the converted file.
constexpr std::array<std::string_view, 35> kept_parts{
    "_norm.weight",
    "ffn_gate_inp.weight",
    "ffn_gate_tid2eid.weight",  // routers
    "altup",
    "laurel",
    "per_layer_model_proj",  // Gemma 3n and 4
    "ssm_conv1d",
    "shortconv.conv.weight",  // convolutions
    "indexer.k_proj.weight",
    "indexer.q_proj.weight",  // MiniMax-M3
    "time_mix_first.weight",
    "time_mix_w0.weight",
    "time_mix_w1.weight",  // RWKV
    "time_mix_w2.weight",
    "time_mix_v0.weight",
    "time_mix_v1.weight",
    "time_mix_v2.weight",
    "time_mix_a0.weight",
    "time_mix_a1.weight",
    "time_mix_a2.weight",
    "time_mix_g1.weight",
    "time_mix_g2.weight",
    "time_mix_decay_w1.weight",
    "time_mix_decay_w2.weight",
    "time_mix_lerp_fused.weight",
    "attn_rel_b.weight",  // T5
    ".position_embd",
    "sam.pos_embd",
    "sam.neck.",
    "sam.net_",
    ".rel_pos",
    ".patch_embd",
    ".patch_merger",  // vision
    "a.rvq.codebook",
    "mm.a.code_embd",  // audio
};
constexpr std::array<std::string_view, 2> kept_names{"position_embd.weight", "token_types.weight"};

// Of the kept ones, those that the converter writes as F32 although they are matrices.
constexpr std::array<std::string_view, 14> f32_parts{
    "_norm.weight",
    "ffn_gate_inp",
    "position_embd.weight",
    "token_types.weight",
    "ssm_conv1d",
    "shortconv.conv.weight",
    "time_mix_first.weight",
    "time_mix_w1.weight",
    "time_mix_w2.weight",
    "time_mix_decay_w",
    "time_mix_lerp_fused.weight",
    "altup_correct_coef",
    "altup_predict_coef",
    "indexer.",
};

template <typename Parts>
bool contains_any(std::string_view name, const Parts& parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [name](std::string_view part) { return name.find(part) != std::string_view::npos; });
}

}  // namespace

TensorCategory category_of_name(std::string_view name) {
  if (name == "output.weight") return TensorCategory::output;
  if (name == "token_embd.weight" || name == "per_layer_token_embd.weight") return TensorCategory::embedding;
  for (const NamedCategory& each : categories)
    if (name.find(each.part) != std::string_view::npos) return each.category;
  return TensorCategory::other;
}

bool is_kept_by_name(std::string_view name) {
  return !name.ends_with("weight") ||
         std::find(kept_names.begin(), kept_names.end(), name) != kept_names.end() ||
         contains_any(name, kept_parts);
}

ElementType converted_type(std::string_view name, unsigned rank) {
  const bool f32 = rank < 2 || !name.ends_with(".weight") || contains_any(name, f32_parts);
  return f32 ? ElementType::f32 : ElementType::f16;
}

}  // namespace vramcalc
