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

// A file with rope_freqs.weight, or with factors for short and for long contexts.
Architecture with_rope_table(Architecture a, std::uint32_t length,
                             Architecture::RopeTable kind = Architecture::RopeTable::freqs) {
  a.rope_table = kind;
  a.rope_table_length = length;
  return a;
}

// Multi-token-prediction layers come after the others in the file. Graphs and caches ignore them, but they
// count when layers are spread over devices and when tensor types are chosen.
Architecture with_prediction(Architecture a, const Attention& attention, const FeedForward& feed_forward,
                             std::uint32_t layers = 1) {
  a.mtp.emplace();
  a.mtp->layers = layers;
  a.mtp->in_file = MultiTokenPrediction::InFile::kept;
  for (std::uint32_t i = 0; i < layers; ++i) a.blocks.push_back({attention, feed_forward, true});
  return a;
}

Architecture with_prediction(const Architecture& a) {
  return with_prediction(a, a.blocks.back().attention, a.blocks.back().feed_forward);
}

constexpr auto long_short = Architecture::RopeTable::factors_long_short;

// Every `period`-th layer, counted from `full`, sees everything; the others see a window.
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
  return with_rope_table(a, 64);
}

Architecture phi_3() {
  GroupedQueryAttention part = gqa(32, 32, 96);
  part.fused_qkv = true;
  DenseFeedForward ffn = dense(8192);
  ffn.fused_gate_up = true;
  Architecture a = model("phi3", {32064, 3072, 32}, part, ffn);
  a.graph.scales_query = a.graph.residual_first_feed_forward = true;
  return with_rope_table(a, 48, long_short);
}

Architecture phi_3_moe() {
  GroupedQueryAttention part = gqa(32, 8, 128);
  part.qkv_bias = part.output_bias = true;
  Architecture a = model("phimoe", {32064, 4096, 32}, part, moe(16, 2, 6400));
  a.norm = NormKind::layer;
  a.output_bias = true;
  a.graph.scales_query = a.graph.residual_first_feed_forward = a.graph.norms_by_rms = true;
  return with_rope_table(a, 64, long_short);
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
  return with_prediction(a);
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
  return with_rope_table(model("apertus", {131072, 4096, 32}, with_norm(gqa(32, 8, 128)),
                               ungated(21504, Activation::xielu, false)),
                         64);
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
  return with_prediction(a);
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
  Architecture with = with_prediction(a);
  std::get<LatentAttention>(with.blocks.back().attention).indexer = Indexer{32, 128, 2048};
  return with;
}

Architecture minicpm_3() {
  LatentAttention part = mla(40, 768, 256, 64, 32, 64);
  part.absorbed = false;
  Architecture a = model("minicpm3", {73448, 2560, 62}, part, dense(6400));
  a.scales_embedding = a.scales_residual = a.graph.scales_final_hidden = true;
  return with_rope_table(a, 16, long_short);
}

Architecture ernie_4_5_moe() {
  MixtureOfExperts ffn = moe(64, 6, 1536);
  ffn.correction_bias = true;
  ffn.shared_width = 3072;
  Architecture a = model("ernie4_5-moe", {103424, 2560, 28}, gqa(20, 4, 128), ffn);
  a.blocks[0].feed_forward = dense(12288);
  return a;
}

constexpr auto after_final_norm = GraphTraits::RowSelection::after_final_norm;

Mamba1 mamba_1(std::uint32_t inner, std::uint32_t rank) {
  Mamba1 part;
  part.inner = inner;
  part.state = 16;
  part.conv_kernel = 4;
  part.dt_rank = rank;
  return part;
}

Mamba2 mamba_2(std::uint32_t heads, std::uint32_t head_dim, std::uint32_t state, std::uint32_t groups) {
  Mamba2 part;
  part.heads = heads;
  part.head_dim = head_dim;
  part.state = state;
  part.groups = groups;
  part.conv_kernel = 4;
  return part;
}

GroupedQueryAttention without_rope(GroupedQueryAttention part) {
  part.rope = false;
  return part;
}

Architecture mamba() { return model("mamba", {50280, 2560, 64}, mamba_1(5120, 160), NoFeedForward{}); }

Architecture jamba() {
  Mamba1 part = mamba_1(8192, 256);
  part.inner_norms = true;
  MixtureOfExperts ffn = moe(16, 2, 14336);
  ffn.normalize_weights = false;
  Architecture a = model("jamba", {65536, 4096, 32}, part, dense(14336));
  for (std::size_t i = 0; i < a.blocks.size(); ++i) {
    if (i % 8 == 4) a.blocks[i].attention = without_rope(gqa(32, 8, 128));
    if (i % 2 == 1) a.blocks[i].feed_forward = ffn;
  }
  a.graph.residual_first_attention = a.graph.residual_first_feed_forward = true;
  return a;
}

Architecture falcon_h1() {
  ParallelMamba2Attention part{gqa(12, 2, 128), mamba_2(24, 128, 256, 1)};
  part.mamba.norm = false;
  return model("falcon-h1", {130048, 3072, 44}, part, dense(12288));
}

Architecture granite_4_h() {
  MixtureOfExperts ffn = moe(64, 6, 512);
  ffn.shared_width = 1024;
  Architecture a = model("granitehybrid", {100352, 1536, 40}, mamba_2(48, 64, 128, 1), ffn);
  for (const std::size_t i : {5u, 15u, 25u, 35u}) a.blocks[i].attention = gqa(12, 4, 128);
  a.scales_embedding = a.scales_residual = a.scales_logits = a.graph.expands_embedding = true;
  return a;
}

// A layer for each letter: M Mamba, * attention, - dense, E experts.
Architecture nemotron(const std::string& name, Size size, const std::string& pattern, const Mamba2& mamba,
                      const GroupedQueryAttention& attention, const FeedForward& feed_forward) {
  Architecture a = model(name, size, mamba, NoFeedForward{});
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '*') a.blocks[i] = {attention, NoFeedForward{}};
    if (pattern[i] == '-' || pattern[i] == 'E') a.blocks[i] = {NoAttention{}, feed_forward};
  }
  a.wiring = Wiring::single;
  a.graph.row_selection = after_final_norm;
  return a;
}

Architecture nemotron_h() {
  return nemotron("nemotron_h", {131072, 4096, 52}, "M-M-M-M*-M-M-M-M-M*-M-M-M-M-M*-M-M-M-M-M*-M-M-M-M-M-",
                  mamba_2(128, 64, 128, 8), without_rope(gqa(32, 8, 128)),
                  ungated(21504, Activation::relu_squared, false));
}

Architecture nemotron_3_nano() {
  MixtureOfExperts ffn = deepseek_moe(128, 6, 1856, 3712);
  ffn.correction_bias = true;
  ffn.gated = false;
  ffn.activation = Activation::relu_squared;
  return nemotron("nemotron_h_moe", {131072, 2688, 52},
                  "MEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEMEM*EMEMEMEME", mamba_2(64, 64, 128, 8),
                  without_rope(gqa(32, 2, 128)), ffn);
}

Architecture lfm_2() {
  Architecture a = model("lfm2", {65536, 2048, 16}, ShortConvolution{3}, dense(8192));
  for (const std::size_t i : {2u, 5u, 8u, 10u, 12u, 14u}) a.blocks[i].attention = with_norm(gqa(32, 8, 64));
  a.graph.residual_first_attention = a.graph.residual_first_feed_forward = true;
  return a;
}

Architecture llama_4() {
  MixtureOfExperts ffn = moe(16, 1, 8192);
  ffn.normalize_weights = false;
  ffn.gating = ExpertGating::sigmoid;
  ffn.chooses_by_logits = ffn.weighs_inputs = true;
  ffn.shared_width = 8192;
  Architecture a = model("llama4", {202048, 5120, 48}, gqa(40, 8, 128), ffn);
  set_windows(a, 8192, 4, 3);
  for (Block& block : a.blocks) {
    GroupedQueryAttention& part = attention(block);
    part.rope = part.qk_unit_norm = part.window.has_value();
    part.temperature = !part.rope;
  }
  return with_rope_table(a, 64);
}

GatedDeltaNet delta_net(std::uint32_t value_heads, bool fused) {
  GatedDeltaNet part;
  part.key_heads = 16;
  part.value_heads = value_heads;
  part.key_head_dim = part.value_head_dim = 128;
  part.conv_kernel = 4;
  part.fused_beta_alpha = fused;
  return part;
}

Architecture qwen_hybrid(const std::string& name, Size size, const GatedDeltaNet& linear,
                         GroupedQueryAttention full, const FeedForward& feed_forward) {
  full.qk_norm = QkNorm::per_head;
  full.output_gate = true;
  Architecture a = model(name, size, linear, feed_forward);
  for (std::size_t i = 3; i < a.blocks.size(); i += 4) a.blocks[i].attention = full;
  a.graph.row_selection = after_final_norm;
  a.graph.expands_attention_input = true;
  a.graph.position_components = linear.fused_beta_alpha ? 1 : 4;
  return linear.fused_beta_alpha ? a : with_prediction(a, full, feed_forward);
}

MixtureOfExperts qwen_moe(std::uint32_t experts, std::uint32_t used) {
  MixtureOfExperts part = moe(experts, used, 512);
  part.shared_width = 512;
  part.shared_gate = true;
  return part;
}

Architecture kimi_linear() {
  KimiDeltaAttention part;
  part.heads = 32;
  part.head_dim = 128;
  part.conv_kernel = 4;
  MixtureOfExperts ffn = deepseek_moe(256, 8, 1024, 1024);
  ffn.correction_bias = true;
  LatentAttention full = mla(32, 0, 512, 128, 64, 128);
  full.rope = false;
  Architecture a = model("kimi-linear", {163840, 2304, 27}, part, ffn);
  for (std::size_t i = 3; i < 27; i += 4) a.blocks[i].attention = full;
  a.blocks[26].attention = full;
  a.blocks[0].feed_forward = dense(9216);
  a.graph.expands_attention_input = a.graph.reserves_one_sequence = true;
  return a;
}

Architecture mimo_2() {
  MixtureOfExperts ffn = moe(256, 8, 2048);
  ffn.gating = ExpertGating::sigmoid;
  ffn.correction_bias = true;
  GroupedQueryAttention part = gqa(64, 8, 192);
  part.value_length = 128;
  Architecture a = model("mimo2", {152576, 4096, 48}, part, ffn);
  a.blocks[0].feed_forward = dense(16384);
  for (std::size_t i = 0; i < a.blocks.size(); ++i) {
    if (i == 0 || i % 6 == 5) {
      attention(a.blocks[i]).kv_heads = 4;
    } else {
      attention(a.blocks[i]).window = Window{128};
      attention(a.blocks[i]).sinks = true;
    }
  }
  return with_prediction(a, a.blocks[1].attention, dense(16384), 3);
}

// The layers from `first` on read the caches of the last two layers before: windowed ones the second to last.
void share_caches(Architecture& a, std::uint32_t first) {
  for (std::size_t i = first; i < a.blocks.size(); ++i) {
    attention(a.blocks[i]).reuses_cache_of = first - (attention(a.blocks[i]).window ? 2 : 1);
  }
}

Architecture gemma_3n() {
  GroupedQueryAttention part = with_norm(gqa(8, 2, 256));
  part.value_norm = true;
  Architecture a = model("gemma3n", {262144, 2048, 35}, part, dense(16384));
  set_windows(a, 512, 5, 4);
  share_caches(a, 20);
  a.wiring = Wiring::sandwich;
  a.scales_embedding = a.softcaps_logits = true;
  a.per_layer_input = PerLayerInput{256, 262144};
  a.alternating_updates = AlternatingUpdates{4, 64};
  a.graph.row_selection = GraphTraits::RowSelection::in_last_block;
  return a;
}

Architecture gemma_4(Size size, std::uint32_t heads, std::uint32_t kv_heads, std::uint32_t width,
                     std::uint32_t window) {
  GroupedQueryAttention part = with_norm(gqa(heads, kv_heads, 256));
  part.value_norm = true;
  Architecture a = model("gemma4", size, part, dense(width));
  set_windows(a, window, 6, 5);
  for (std::size_t i = 5; i < a.blocks.size(); i += 6) {
    attention(a.blocks[i]).key_length = attention(a.blocks[i]).value_length = 512;
  }
  a.wiring = Wiring::sandwich;
  a.scales_embedding = a.softcaps_logits = a.layer_output_scale = true;
  a.graph.row_selection = after_final_norm;
  a.graph.plain_rope_in_windows = true;
  return with_rope_table(a, 256);
}

Architecture gemma_4_31b() {
  Architecture a = gemma_4({262144, 5376, 60}, 32, 16, 21504, 1024);
  for (std::size_t i = 5; i < a.blocks.size(); i += 6) {
    attention(a.blocks[i]).kv_heads = 4;
    attention(a.blocks[i]).key_is_value = true;
  }
  return a;
}

Architecture gemma_4_e4b() {
  Architecture a = gemma_4({262144, 2560, 42}, 8, 2, 10240, 512);
  share_caches(a, 24);
  a.per_layer_input = PerLayerInput{256, 262144};
  return a;
}

Architecture minimax_m3() {
  BlockSparseAttention sparse{with_norm(gqa(64, 4, 128)), 4, 128, 16, 128};
  MixtureOfExperts ffn = deepseek_moe(128, 4, 3072, 3072);
  ffn.correction_bias = true;
  ffn.activation = Activation::swiglu_oai;
  Architecture a = model("minimax-m3", {200064, 6144, 60}, sparse, ffn);
  for (std::size_t i = 0; i < 3; ++i) a.blocks[i] = {sparse.attention, dense(12288)};
  return a;
}

Architecture encoder(const std::string& name, std::uint32_t vocab, const GroupedQueryAttention& part,
                     const DenseFeedForward& ffn) {
  Architecture a = model(name, {vocab, 768, 12}, part, ffn);
  a.wiring = Wiring::encoder;
  a.norm = NormKind::layer;
  a.embedding_norm = true;
  a.causal = a.has_output = a.final_norm = false;
  a.token_types = 2;
  return a;
}

Architecture bge_base() {
  GroupedQueryAttention part = without_rope(gqa(12, 12, 64));
  part.qkv_bias = part.output_bias = true;
  Architecture a = encoder("bert", 30522, part, ungated(3072, Activation::gelu, true));
  a.position_embeddings = 512;
  a.graph.pooling = GraphTraits::Pooling::one_token;
  return a;
}

Architecture nomic_embed() {
  GroupedQueryAttention part = gqa(12, 12, 64);
  part.fused_qkv = true;
  Architecture a = encoder("nomic-bert", 30528, part, dense(3072));
  a.graph.pooling = GraphTraits::Pooling::mean;
  return a;
}

const std::map<std::string, std::function<Architecture()>>& shapes() {
  static const std::map<std::string, std::function<Architecture()>> table = {
      {"apertus-8b",              apertus        },
      {"bge-base",                bge_base       },
      {"command-r7b",             cohere_2       },
      {"deepseek-v2-lite",        deepseek_2_lite},
      {"deepseek-v3",             deepseek_3     },
      {"deepseek-v3.2",           deepseek_3_2   },
      {"ernie-4.5-21b-a3b",       ernie_4_5_moe  },
      {"exaone-4.0-32b",          exaone_4       },
      {"falcon-7b",               falcon         },
      {"falcon-h1-7b",            falcon_h1      },
      {"gemma-2-9b",              gemma_2        },
      {"gemma-3-27b",             gemma_3        },
      {"gemma-3n-e4b",            gemma_3n       },
      {"gemma-4-31b",             gemma_4_31b    },
      {"gemma-4-e4b",             gemma_4_e4b    },
      {"glm-4.5-air",             glm_4_5_air    },
      {"glm-5.2",                 glm_5_2        },
      {"gpt-neox-20b",            gpt_neox       },
      {"gpt-oss-20b",             gpt_oss        },
      {"granite-4.0-h-tiny",      granite_4_h    },
      {"internlm2.5-7b",
       [] {
         return model("internlm2", {92544, 4096, 32}, gqa(32, 8, 128), dense(14336));
       }                                         },
      {"jamba-1.5-mini",          jamba          },
      {"kimi-linear-48b-a3b",     kimi_linear    },
      {"lfm2-1.2b",               lfm_2          },
      {"llama-3.1-8b",
       [] {
         return with_rope_table(model("llama", {128256, 4096, 32}, gqa(32, 8, 128), dense(14336)), 64);
       }                                         },
      {"llama-3.3-70b",
       [] {
         return with_rope_table(model("llama", {128256, 8192, 80}, gqa(64, 8, 128), dense(28672)), 64);
       }                                         },
      {"llama-4-scout",           llama_4        },
      {"mamba-2.8b",              mamba          },
      {"mimo-v2-flash",           mimo_2         },
      {"minicpm3-4b",             minicpm_3      },
      {"minimax-m3",              minimax_m3     },
      {"mixtral-8x7b",
       [] {
         return model("llama", {32000, 4096, 32}, gqa(32, 8, 128), moe(8, 2, 14336));
       }                                         },
      {"nemotron-3-nano-30b-a3b", nemotron_3_nano},
      {"nemotron-h-8b",           nemotron_h     },
      {"nomic-embed-text-v1.5",   nomic_embed    },
      {"olmo2-7b",                olmo_2         },
      {"phi-3.5-mini",            phi_3          },
      {"phi-3.5-moe",             phi_3_moe      },
      {"qwen2.5-0.5b",
       [] {
         return qwen_2({151936, 896, 24}, gqa(14, 2, 64), 4864);
       }                                         },
      {"qwen2.5-7b",
       [] {
         return qwen_2({152064, 3584, 28}, gqa(28, 4, 128), 18944);
       }                                         },
      {"qwen3-30b-a3b",
       [] {
         return model("qwen3moe", {151936, 2048, 48}, with_norm(gqa(32, 4, 128)), moe(128, 8, 768));
       }                                         },
      {"qwen3-8b",
       [] {
         return model("qwen3", {151936, 4096, 36}, with_norm(gqa(32, 8, 128)), dense(12288));
       }                                         },
      {"qwen3-next-80b-a3b",
       [] {
         return qwen_hybrid("qwen3next", {151936, 2048, 48}, delta_net(32, true), gqa(16, 2, 256),
                            qwen_moe(512, 10));
       }                                         },
      {"qwen3.5-27b",
       [] {
         return qwen_hybrid("qwen35", {248320, 5120, 64}, delta_net(48, false), gqa(24, 4, 256),
                            dense(17408));
       }                                         },
      {"qwen3.5-35b-a3b",
       [] {
         return qwen_hybrid("qwen35moe", {248320, 2048, 40}, delta_net(32, false), gqa(16, 2, 256),
                            qwen_moe(256, 8));
       }                                         },
      {"seed-oss-36b",            seed_oss       },
      {"starcoder2-7b",           starcoder_2    },
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
