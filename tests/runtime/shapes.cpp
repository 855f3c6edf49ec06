#include "runtime/shapes.hpp"

#include <functional>
#include <map>

#include "vramcalc/error.hpp"

namespace vramcalc::measured {
namespace {

struct Size {
  std::uint32_t vocab, hidden, layers;
};

GroupedQueryAttention gqa(std::uint32_t heads, std::uint32_t kv_heads, std::uint32_t head) {
  GroupedQueryAttention part;
  part.heads = heads;
  part.kv_heads = kv_heads;
  part.key_length = part.value_length = head;
  return part;
}

GroupedQueryAttention with_norm(GroupedQueryAttention part, QkNorm kind = QkNorm::per_head) {
  part.qk_norm = kind;
  return part;
}

DenseFeedForward dense(std::uint32_t width) {
  DenseFeedForward part;
  part.width = width;
  return part;
}

DenseFeedForward ungated(std::uint32_t width, Activation activation, bool bias) {
  DenseFeedForward part = dense(width);
  part.gated = false;
  part.activation = activation;
  part.bias = bias;
  return part;
}

MixtureOfExperts moe(std::uint32_t experts, std::uint32_t used, std::uint32_t width) {
  MixtureOfExperts part;
  part.experts = experts;
  part.experts_used = used;
  part.width = width;
  part.normalize_weights = true;
  return part;
}

Architecture model(const std::string& gguf_name, Size size, const Attention& attention,
                   const FeedForward& feed_forward) {
  Architecture a;
  a.gguf_name = gguf_name;
  a.vocab_size = size.vocab;
  a.hidden_size = size.hidden;
  a.blocks.assign(size.layers, Block{attention, feed_forward});
  return a;
}

// Every `period`-th layer, counted from `full`, sees everything; the others a window.
void set_windows(Architecture& a, std::uint32_t window, std::size_t period, std::size_t full) {
  for (std::size_t i = 0; i < a.blocks.size(); ++i) {
    if (i % period != full) std::get<GroupedQueryAttention>(a.blocks[i].attention).window = Window{window};
  }
}

GroupedQueryAttention& attention(Block& block) { return std::get<GroupedQueryAttention>(block.attention); }

Architecture gemma_2() {
  Architecture a = model("gemma2", {256000, 3584, 42}, gqa(16, 8, 256), dense(14336));
  set_windows(a, 4096, 2, 1);
  a.wiring = Wiring::sandwich;
  a.scales_embedding = a.softcaps_logits = a.softcaps_attention = a.graph.scales_query = true;
  return a;
}

Architecture gemma_3() {
  Architecture a = model("gemma3", {262144, 5376, 62}, with_norm(gqa(32, 16, 128)), dense(21504));
  set_windows(a, 1024, 6, 5);
  a.wiring = Wiring::sandwich;
  a.scales_embedding = a.graph.scales_query = true;
  return a;
}

Architecture cohere_2() {
  Architecture a = model("cohere2", {256000, 4096, 32}, gqa(32, 8, 128), dense(14336));
  set_windows(a, 4096, 4, 3);
  for (Block& block : a.blocks) attention(block).rope = attention(block).window.has_value();
  a.wiring = Wiring::parallel;
  a.norm = NormKind::layer_without_bias;
  a.scales_logits = true;
  return a;
}

Architecture olmo_2() {
  Architecture a =
      model("olmo2", {100352, 4096, 32}, with_norm(gqa(32, 32, 128), QkNorm::per_layer), dense(11008));
  a.wiring = Wiring::post_norm;
  return a;
}

Architecture exaone_4() {
  Architecture a = model("exaone4", {102400, 5120, 64}, with_norm(gqa(40, 8, 128)), dense(27392));
  set_windows(a, 4096, 4, 3);
  for (Block& block : a.blocks) attention(block).rope = attention(block).window.has_value();
  a.wiring = Wiring::post_norm;
  return a;
}

Architecture phi_3() {
  GroupedQueryAttention part = gqa(32, 32, 96);
  part.fused_qkv = true;
  DenseFeedForward ffn = dense(8192);
  ffn.fused_gate_up = true;
  Architecture a = model("phi3", {32064, 3072, 32}, part, ffn);
  a.graph.scales_query = a.graph.residual_first_feed_forward = true;
  return a;
}

Architecture phi_3_moe() {
  GroupedQueryAttention part = gqa(32, 8, 128);
  part.qkv_bias = part.output_bias = true;
  Architecture a = model("phimoe", {32064, 4096, 32}, part, moe(16, 2, 6400));
  a.norm = NormKind::layer;
  a.output_bias = true;
  a.graph.scales_query = a.graph.residual_first_feed_forward = true;
  return a;
}

Architecture starcoder_2() {
  GroupedQueryAttention part = gqa(36, 4, 128);
  part.qkv_bias = part.output_bias = true;
  Architecture a = model("starcoder2", {49152, 4608, 32}, part, ungated(18432, Activation::gelu, true));
  a.norm = NormKind::layer;
  return a;
}

Architecture falcon() {
  GroupedQueryAttention part = gqa(71, 1, 64);
  part.fused_qkv = true;
  Architecture a = model("falcon", {65024, 4544, 32}, part, ungated(18176, Activation::gelu, false));
  a.norm = NormKind::layer;
  a.wiring = Wiring::parallel;
  a.graph.parallel_residual_last = true;
  return a;
}

Architecture gpt_neox() {
  GroupedQueryAttention part = gqa(64, 64, 96);
  part.fused_qkv = part.qkv_bias = part.output_bias = true;
  Architecture a = model("gptneox", {50432, 6144, 44}, part, ungated(24576, Activation::gelu, true));
  a.norm = NormKind::layer;
  a.wiring = Wiring::parallel;
  a.graph.parallel_feed_forward_norm = true;
  return a;
}

Architecture gpt_oss() {
  GroupedQueryAttention part = gqa(64, 8, 64);
  part.qkv_bias = part.output_bias = part.sinks = true;
  MixtureOfExperts ffn = moe(32, 4, 2880);
  ffn.normalize_weights = false;
  ffn.router_bias = ffn.expert_bias = true;
  ffn.gating = ExpertGating::softmax_after_selection;
  ffn.activation = Activation::swiglu_oai;
  Architecture a = model("gpt-oss", {201088, 2880, 24}, part, ffn);
  set_windows(a, 128, 2, 1);
  a.graph.row_selection = GraphTraits::RowSelection::before_final_norm;
  return a;
}

Architecture glm_4_5_air() {
  GroupedQueryAttention part = gqa(96, 8, 128);
  part.qkv_bias = true;
  MixtureOfExperts ffn = moe(128, 8, 1408);
  ffn.correction_bias = true;
  ffn.gating = ExpertGating::sigmoid;
  ffn.normalize_weights = false;
  ffn.shared_width = 1408;
  Architecture a = model("glm4moe", {151552, 4096, 46}, part, ffn);
  a.blocks[0].feed_forward = dense(10944);
  return a;
}

Architecture qwen_2(Size size, const GroupedQueryAttention& part, std::uint32_t width) {
  GroupedQueryAttention biased = part;
  biased.qkv_bias = true;
  return model("qwen2", size, biased, dense(width));
}

Architecture seed_oss() {
  GroupedQueryAttention part = gqa(80, 8, 128);
  part.qkv_bias = true;
  return model("seed_oss", {155136, 5120, 64}, part, dense(27648));
}

Architecture apertus() {
  return model("apertus", {131072, 4096, 32}, with_norm(gqa(32, 8, 128)),
               ungated(21504, Activation::xielu, false));
}

LatentAttention mla(std::uint32_t heads, std::uint32_t q_rank, std::uint32_t kv_rank, std::uint32_t nope,
                    std::uint32_t rope, std::uint32_t value) {
  LatentAttention part;
  part.heads = heads;
  part.q_lora_rank = q_rank;
  part.kv_lora_rank = kv_rank;
  part.qk_nope_head_dim = nope;
  part.qk_rope_head_dim = rope;
  part.v_head_dim = value;
  return part;
}

MixtureOfExperts deepseek_moe(std::uint32_t experts, std::uint32_t used, std::uint32_t width,
                              std::uint32_t shared) {
  MixtureOfExperts part = moe(experts, used, width);
  part.gating = ExpertGating::sigmoid;
  part.scale_weights = true;
  part.shared_width = shared;
  return part;
}

Architecture deepseek_2_lite() {
  Architecture a =
      model("deepseek2", {102400, 2048, 27}, mla(16, 0, 512, 128, 64, 128), deepseek_moe(64, 6, 1408, 2816));
  a.blocks[0].feed_forward = dense(10944);
  return a;
}

Architecture deepseek_3() {
  MixtureOfExperts ffn = deepseek_moe(256, 8, 2048, 2048);
  ffn.correction_bias = true;
  Architecture a = model("deepseek2", {129280, 7168, 61}, mla(128, 1536, 512, 128, 64, 128), ffn);
  for (std::size_t i = 0; i < 3; ++i) a.blocks[i].feed_forward = dense(18432);
  return a;
}

Architecture deepseek_3_2() {
  Architecture a = deepseek_3();
  a.gguf_name = "deepseek32";
  for (Block& block : a.blocks) {
    auto& part = std::get<LatentAttention>(block.attention);
    part.indexer = Indexer{64, 128, 2048};
    part.sparse = true;
  }
  return a;
}

Architecture glm_5_2() {
  MixtureOfExperts ffn = deepseek_moe(256, 8, 2048, 2048);
  ffn.correction_bias = true;
  LatentAttention part = mla(64, 2048, 512, 192, 64, 256);
  part.sparse = true;
  Architecture a = model("glm-dsa", {154880, 6144, 78}, part, ffn);
  for (std::size_t i = 0; i < a.blocks.size(); ++i) {
    if (i < 3) a.blocks[i].feed_forward = dense(12288);
    if (i < 2 || i % 4 == 2)
      std::get<LatentAttention>(a.blocks[i].attention).indexer = Indexer{32, 128, 2048};
  }
  return a;
}

Architecture minicpm_3() {
  LatentAttention part = mla(40, 768, 256, 64, 32, 64);
  part.absorbed = false;
  Architecture a = model("minicpm3", {73448, 2560, 62}, part, dense(6400));
  a.scales_embedding = a.scales_residual = a.graph.scales_final_hidden = true;
  return a;
}

Architecture ernie_4_5_moe() {
  MixtureOfExperts ffn = moe(64, 6, 1536);
  ffn.correction_bias = true;
  ffn.shared_width = 3072;
  Architecture a = model("ernie4_5-moe", {103424, 2560, 28}, gqa(20, 4, 128), ffn);
  a.blocks[0].feed_forward = dense(12288);
  return a;
}

const std::map<std::string, std::function<Architecture()>>& shapes() {
  static const std::map<std::string, std::function<Architecture()>> table = {
      {"apertus-8b", apertus},
      {"command-r7b", cohere_2},
      {"deepseek-v2-lite", deepseek_2_lite},
      {"deepseek-v3", deepseek_3},
      {"deepseek-v3.2", deepseek_3_2},
      {"ernie-4.5-21b-a3b", ernie_4_5_moe},
      {"exaone-4.0-32b", exaone_4},
      {"falcon-7b", falcon},
      {"gemma-2-9b", gemma_2},
      {"gemma-3-27b", gemma_3},
      {"glm-4.5-air", glm_4_5_air},
      {"glm-5.2", glm_5_2},
      {"gpt-neox-20b", gpt_neox},
      {"gpt-oss-20b", gpt_oss},
      {"internlm2.5-7b",
       [] {
         return model("internlm2", {92544, 4096, 32}, gqa(32, 8, 128), dense(14336));
       }},
      {"llama-3.1-8b",
       [] {
         return model("llama", {128256, 4096, 32}, gqa(32, 8, 128), dense(14336));
       }},
      {"llama-3.3-70b",
       [] {
         return model("llama", {128256, 8192, 80}, gqa(64, 8, 128), dense(28672));
       }},
      {"minicpm3-4b", minicpm_3},
      {"mixtral-8x7b",
       [] {
         return model("llama", {32000, 4096, 32}, gqa(32, 8, 128), moe(8, 2, 14336));
       }},
      {"olmo2-7b", olmo_2},
      {"phi-3.5-mini", phi_3},
      {"phi-3.5-moe", phi_3_moe},
      {"qwen2.5-0.5b",
       [] {
         return qwen_2({151936, 896, 24}, gqa(14, 2, 64), 4864);
       }},
      {"qwen2.5-7b",
       [] {
         return qwen_2({152064, 3584, 28}, gqa(28, 4, 128), 18944);
       }},
      {"qwen3-30b-a3b",
       [] {
         return model("qwen3moe", {151936, 2048, 48}, with_norm(gqa(32, 4, 128)), moe(128, 8, 768));
       }},
      {"qwen3-8b",
       [] {
         return model("qwen3", {151936, 4096, 36}, with_norm(gqa(32, 8, 128)), dense(12288));
       }},
      {"seed-oss-36b", seed_oss},
      {"starcoder2-7b", starcoder_2},
  };
  return table;
}

}  // namespace

Architecture shape_of(const std::string& model) {
  const auto found = shapes().find(model);
  if (found == shapes().end())
    throw Error(ErrorCode::unknown_name, model + ": no shape of this name is measured");
  return found->second();
}

std::vector<std::string> known_shapes() {
  std::vector<std::string> names;
  for (const auto& entry : shapes()) names.push_back(entry.first);
  return names;
}

}  // namespace vramcalc::measured
