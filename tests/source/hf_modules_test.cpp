#include "source/hf_modules.hpp"

#include <string>

#include "catch.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/quantization.hpp"

namespace vramcalc::source {
namespace {

struct Row {
  const char* name;
  TensorKind kind;
  std::int32_t layer = -1;
  bool prediction = false;
};

std::string shown(const HfModule& module) {
  return tensor_name(module.kind, module.layer) + (module.prediction ? " (prediction)" : "") +
         (module.tower ? " (tower)" : "");
}

}  // namespace

TEST_CASE("modules of Hugging Face have roles and layers") {
  const Row rows[] = {
      {"model.embed_tokens.weight",                               Role::embedding},
      {"lm_head.weight",                                          Role::output},
      {"model.norm.weight",                                       Role::output_norm},
      {"model.language_model.embed_tokens.weight",                Role::embedding},
      {"language_model.lm_head.weight",                           Role::output},
      {"model.layers.0.self_attn.q_proj.weight",                  Role::q,0},
      {"model.layers.0.self_attn.q_proj.bias",                                                         {Role::q, Component::bias},0},
      {"model.layers.12.self_attn.o_proj.weight_scale_inv",                                                        Role::o,                                     12},
      {"model.layers.0.self_attn.q_norm.weight",Role::q_norm,0},
      {"model.layers.0.self_attn.qkv_proj.weight",                  Role::qkv,0},
      {"model.layers.3.self_attn.sinks",                                                         Role::attn_sinks,3},
      {"model.layers.0.mlp.gate_proj.qweight",                                                        Role::gate,                                             0},
      {"model.layers.0.mlp.up_proj.qzeros",Role::up,0},
      {"model.layers.0.mlp.down_proj.scales",                    Role::down,0},
      {"model.layers.0.mlp.down_proj.g_idx",                                                         Role::down,0},
      {"model.layers.0.mlp.gate_up_proj.weight",                                                        Role::up,             0},
      {"model.layers.5.mlp.gate.weight",                            Role::router,                                                                         5},
      {"model.layers.5.mlp.router.weight",                      Role::router,5},
      {"model.layers.5.mlp.router.bias",                                                         {Role::router, Component::bias},5},
      {"model.layers.5.mlp.gate.e_score_correction_bias",                                                        {Role::router_correction, Component::bias},5},
      {"model.layers.5.mlp.experts.17.gate_proj.weight",                  Role::expert_gate,5},
      {"model.layers.5.mlp.experts.17.down_proj.weight_scale_2",                        Role::expert_down,5},
      {"model.layers.5.mlp.experts.17.up_proj.weight_packed",                                                         Role::expert_up,5},
      {"model.layers.5.mlp.experts.gate_up_proj_blocks",                                                        Role::expert_gate_up,                                       5},
      {"model.layers.5.mlp.experts.gate_up_proj_scales",Role::expert_gate_up,5},
      {"model.layers.5.mlp.experts.gate_up_proj_bias",          {Role::expert_gate_up, Component::bias},5},
      {"model.layers.5.mlp.experts.down_proj",                                                         Role::expert_down,5},
      {"model.layers.5.mlp.shared_experts.down_proj.weight",                                                        Role::shared_down,                                                                  5},
      {"model.layers.5.mlp.shared_expert.up_proj.weight",Role::shared_up,5},
      {"model.layers.5.mlp.shared_expert_gate.weight",          Role::shared_router,5},
      {"model.layers.5.block_sparse_moe.experts.3.w2.weight",                                                         Role::expert_down,5},
      {"model.layers.5.block_sparse_moe.gate.weight",                                                        Role::router,                                                                  5},
      {"model.layers.5.block_sparse_moe.e_score_correction_bias",
       {Role::router_correction, Component::bias},
       5},
      {"model.layers.5.feed_forward.router.weight",                    Role::router,5},
      {"model.layers.5.feed_forward.shared_expert.gate_proj.weight",                                                         Role::shared_gate,5},
      {"model.layers.5.self_attn.q_a_proj.weight",                                                        Role::q_a,5},
      {"model.layers.5.self_attn.kv_a_proj_with_mqa.weight_scale_inv",                                                         Role::kv_a,                      5},
      {"model.layers.5.self_attn.kv_b_proj.weight",            Role::kv_b,5},
      {"model.layers.5.self_attn.indexer.wq_b.weight",                                                         Role::indexer_q_b,5},
      {"model.layers.5.self_attn.indexer.weights_proj.weight",                                                        Role::indexer_proj,                                               5},
      {"model.language_model.layers.1.linear_attn.in_proj_qkv.weight",Role::qkv,1},
      {"model.layers.1.linear_attn.in_proj_ba.weight", Role::ssm_ba,1},
      {"model.layers.1.linear_attn.out_proj.weight",                                                         Role::ssm_out,1},
      {"model.layers.1.linear_attn.A_log",                                                        {Role::ssm_a, Component::parameter},                                                                                                              1},
      {"model.layers.1.linear_attn.dt_bias",{Role::ssm_dt, Component::bias},1},
      {"model.layers.1.linear_attn.conv1d.weight",                Role::ssm_conv1d,1},
      {"backbone.layers.2.mixer.in_proj.weight",                                                         Role::ssm_in,2},
      {"backbone.layers.2.mixer.out_proj.weight",                                                        Role::ssm_out,2},
      {"backbone.layers.2.mixer.D",                                    {Role::ssm_d, Component::parameter},                                                    2},
      {"backbone.layers.7.mixer.q_proj.weight",            Role::q,7},
      {"backbone.layers.7.mixer.o_proj.k_scale",                                                         Role::o,7},
      {"backbone.layers.3.mixer.experts.4.up_proj.weight",                                                        Role::expert_up,3},
      {"backbone.layers.3.mixer.gate.weight",                                                           Role::router,                                                                                                                                       3},
      {"backbone.layers.3.mixer.shared_experts.up_proj.weight",            Role::shared_up,3},
      {"backbone.layers.3.norm.weight",                                                         Role::attn_norm,3},
      {"backbone.norm_f.weight",                                                        Role::output_norm                                         },
      {"backbone.embeddings.weight",Role::embedding},
      {"model.layers.4.conv.in_proj.weight",                      Role::shortconv_in,4},
      {"model.layers.4.conv.conv.weight",                                                         Role::shortconv,4},
      {"transformer.h.2.attn.c_attn.weight",                                                        Role::qkv,                                                                                                         2},
      {"transformer.h.2.mlp.c_proj.weight",Role::down,2},
      {"model.layers.61.self_attn.q_a_proj.weight",                 Role::q_a,61, true},
      {"model.layers.61.eh_proj.weight",                                                         Role::nextn_projection,61, true},
      {"model.layers.61.embed_tokens.weight",                                                        Role::nextn_embedding,61, true},
      {"model.layers.61.shared_head.head.weight",                                       Role::nextn_head,                                                                                                    61, true},
      {"model.layers.61.shared_head.norm.weight",                  Role::nextn_head_norm,61, true},
      {"mtp.layers.0.self_attn.q_proj.weight",                                                         Role::q,61, true},
      {"mtp.layers.0.mlp.experts.3.up_proj.weight",                                                        Role::expert_up,                                               61, true},
      {"mtp.fc.weight",Role::nextn_projection,61, true},
      {"mtp.norm.weight",   Role::nextn_head_norm,61, true},
      {"layers.3.ffn.experts.9.w1.scale",                                                         Role::expert_gate,3},
      {"layers.3.attn.wq_a.weight",                                                        Role::q_a,                                           3},
      {"layers.3.attn.compressor.wgate.weight",Role::other,3},
      {"model.layers.3.something.new.weight",                                                                            Role::other,                                                                                                                                                                                                                            3},
      {"something_else",                  Role::other         },
  };
  for (const Row& row : rows) {
    INFO(row.name);
    HfModule expected;
    expected.kind = row.kind;
    expected.layer = row.layer;
    expected.prediction = row.prediction;
    CHECK(shown(hf_module(row.name, 61)) == shown(expected));
  }
  for (const char* tower : {"visual.blocks.3.attn.qkv.weight", "model.visual.merger.mlp.0.weight",
                            "vision_tower.encoder.layers.0.x", "multi_modal_projector.linear.weight",
                            "model.embed_vision.embedding.weight"})
    CHECK(hf_module(tower, 61).tower);
}

TEST_CASE("headers of packed experts are one part per layer, scales included") {
  const Architecture model = Catalog().model("deepseek-r1-0528").architecture;
  std::vector<CheckpointTensor> tensors;
  for (const char* expert : {"0", "1"}) {
    const std::string name = std::string("model.layers.3.mlp.experts.") + expert + ".down_proj.";
    tensors.push_back({
        name + "weight", "U8", {7168, 1024},
            Bytes(7168 * 1024)
    });
    tensors.push_back({
        name + "weight_scale", "F8_E4M3", {7168, 128},
            Bytes(7168 * 128)
    });
    tensors.push_back({name + "weight_scale_2", "F32", {}, Bytes(4)});
    tensors.push_back({name + "input_scale", "F32", {}, Bytes(4)});
  }
  tensors.push_back({
      "model.layers.3.mlp.gate.weight", "BF16", {256, 7168},
        Bytes(2 * 256 * 7168)
  });
  tensors.push_back({
      "model.layers.61.eh_proj.weight", "BF16", {7168, 14336},
        Bytes(2 * 7168 * 14336)
  });
  tensors.push_back({"model.layers.3.unknown", "F32", {5}, Bytes(20)});
  Bytes total;
  for (const CheckpointTensor& tensor : tensors) total += tensor.bytes;
  const std::vector<CheckpointPart> parts = parts_of_headers(tensors, model);
  REQUIRE(parts.size() == 4);
  CHECK(bytes_of(parts) == total);
  for (const CheckpointPart& part : parts) {
    CHECK(part.packed == (part.kind == Role::expert_down));
    CHECK(part.prediction == (part.kind == Role::nextn_projection));
    if (part.kind == Role::expert_down) CHECK(part.bytes == Bytes(2 * (7168 * 1152 + 8)));
    if (part.kind == Role::other) CHECK(part.bytes == Bytes(20));
  }
}

}  // namespace vramcalc::source
