#include "quantization/role_rules.hpp"

#include "catch.hpp"
#include "vramcalc/weights.hpp"

namespace vramcalc {
namespace {

TensorKind kind_of(const char* name) { return tensor_named(name, {}).kind; }

}  // namespace

TEST_CASE("a role determines the category of a tensor and whether it is quantized") {
  using enum TensorCategory;
  struct Expected {
    const char* name;
    TensorCategory category;
    bool kept;
  };
  const Expected table[] = {
      {"output.weight",                   output,      false},
      {"token_embd.weight",               embedding,   false},
      {"per_layer_token_embd.weight",     embedding,   false},
      {"output_norm.weight",              other,       true },
      {"token_embd_norm.weight",          other,       true },
      {"position_embd.weight",            other,       true },
      {"token_types.weight",              other,       true },
      {"blk.0.attn_qkv.weight",           qkv,         false},
      {"blk.0.attn_qkv.bias",             other,       true },
      {"blk.0.attn_kv_b.weight",          kv_b,        false},
      {"blk.0.attn_kv_a_mqa.weight",      other,       false},
      {"blk.0.attn_k_b.weight",           other,       false},
      {"blk.0.attn_v_b.weight",           other,       false},
      {"blk.0.attn_q_b.weight",           other,       false},
      {"blk.0.attn_v.weight",             v,           false},
      {"blk.0.attn_k.weight",             k,           false},
      {"blk.0.attn_q.weight",             q,           false},
      {"blk.0.attn_k_norm.weight",        other,       true },
      {"blk.0.attn_output.weight",        attn_output, false},
      {"blk.0.attn_gate.weight",          other,       false},
      {"blk.0.ffn_up.weight",             ffn_up,      false},
      {"blk.0.ffn_up_exps.weight",        ffn_up,      false},
      {"blk.0.ffn_gate_up_exps.weight",   ffn_gate,    false},
      {"blk.0.ffn_down_shexp.weight",     ffn_down,    false},
      {"blk.0.ffn_down_exps.bias",        other,       true },
      {"blk.0.ffn_gate_inp.weight",       ffn_gate,    true },
      {"blk.0.ffn_gate_inp_shexp.weight", ffn_gate,    false},
      {"blk.0.ffn_gate_tid2eid.weight",   ffn_gate,    true },
      {"blk.0.exp_probs_b.bias",          other,       true },
      {"blk.0.ssm_conv1d.weight",         other,       true },
      {"blk.0.ssm_conv1d_q.weight",       other,       true },
      {"blk.0.shortconv.conv.weight",     other,       true },
      {"blk.0.shortconv.in_proj.weight",  other,       false},
      {"blk.0.ssm_in.weight",             other,       false},
      {"blk.0.ssm_dt.weight",             other,       false},
      {"blk.0.ssm_a",                     other,       true },
      {"blk.0.indexer.proj.weight",       other,       false},
      {"blk.0.indexer.attn_k.weight",     k,           false},
      {"blk.0.indexer.k_proj.weight",     other,       true },
      {"blk.0.laurel_l.weight",           other,       true },
      {"altup_proj.weight",               other,       true },
      {"per_layer_model_proj.weight",     other,       true },
      {"blk.0.nextn.eh_proj.weight",      other,       false},
  };
  for (const Expected& expected : table) {
    CAPTURE(expected.name);
    CHECK(category_of(kind_of(expected.name)) == expected.category);
    CHECK(kept_type(kind_of(expected.name), 2).has_value() == expected.kept);
  }
}

TEST_CASE("tensors that are not quantized have the type of the converted file") {
  struct Expected {
    const char* name;
    unsigned rank;
    ElementType type;
  };
  const Expected table[] = {
      {"blk.0.attn_norm.weight",          1, ElementType::f32},
      {"blk.0.attn_q_norm.weight",        2, ElementType::f32},
      {"blk.0.ffn_gate_inp.weight",       2, ElementType::f32},
      {"blk.0.ffn_down_exps.bias",        2, ElementType::f32},
      {"position_embd.weight",            2, ElementType::f32},
      {"blk.0.ssm_conv1d.weight",         2, ElementType::f32},
      {"blk.0.altup_correct_coef.weight", 2, ElementType::f32},
      {"blk.0.indexer.k_proj.weight",     2, ElementType::f32},
      {"blk.0.altup_router.weight",       2, ElementType::f16},
      {"blk.0.laurel_l.weight",           2, ElementType::f16},
      {"altup_proj.weight",               3, ElementType::f16},
      {"per_layer_model_proj.weight",     2, ElementType::f16},
      {"rope_freqs.weight",               1, ElementType::f32},
  };
  for (const Expected& expected : table) {
    CAPTURE(expected.name);
    CHECK(kept_type(kind_of(expected.name), expected.rank) == expected.type);
  }
}

TEST_CASE("a trailing dimension of one does not make a matrix") {
  const ClassifiedTensors tensors(
      {tensor_named("blk.0.ssm_norm.weight", {3072, 1}), tensor_named("blk.0.ssm_in.weight", {256, 1})},
      {"granitehybrid", 0, 0, 0, 1});
  for (const ClassifiedTensor& each : tensors.classified()) CHECK(each.kept == ElementType::f32);
}

}  // namespace vramcalc
