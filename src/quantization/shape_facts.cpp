#include <algorithm>
#include <array>
#include <variant>

#include "vramcalc/model.hpp"
#include "vramcalc/weights.hpp"

namespace vramcalc {
namespace {

struct Heads {
  std::uint32_t heads = 0;
  std::uint32_t kv_heads = 0;
};

// What a GGUF says about a layer's KV heads: converters of hybrids with Mamba, convolutions or Kimi Delta
// Attention write a list with zeros; those with Gated DeltaNet or lightning attention write one number for
// all layers.
enum class Says { nothing, none, heads };

struct HeadsOfAttention {
  Heads& heads;

  Says take(std::uint32_t query, std::uint32_t kv) const {
    heads = {query, kv};
    return Says::heads;
  }
  Says operator()(const GroupedQueryAttention& a) const { return take(a.heads, a.kv_heads); }
  Says operator()(const BlockSparseAttention& a) const {
    return take(a.attention.heads, a.attention.kv_heads);
  }
  Says operator()(const ParallelMamba2Attention& a) const {
    return take(a.attention.heads, a.attention.kv_heads);
  }
  Says operator()(const CrossAttention& a) const { return take(a.attention.heads, a.attention.kv_heads); }
  Says operator()(const LatentAttention& a) const { return take(a.heads, a.absorbed ? 1 : a.heads); }
  Says operator()(const CompressedAttention& a) const { return take(a.heads, 1); }
  Says operator()(const GatedDeltaNet&) const { return Says::nothing; }
  Says operator()(const LightningAttention&) const { return Says::nothing; }
  Says operator()(const NoAttention&) const { return Says::none; }
  Says operator()(const KimiDeltaAttention&) const { return Says::none; }
  Says operator()(const Mamba1&) const { return Says::none; }
  Says operator()(const Mamba2&) const { return Says::none; }
  Says operator()(const ShortConvolution&) const { return Says::none; }
};

Heads heads_of_first_layer(const std::vector<Block>& blocks) {
  Heads heads;
  for (const Block& block : blocks)
    if (std::visit(HeadsOfAttention{heads}, block.attention) != Says::nothing) break;
  return heads;
}

std::uint32_t experts_of(const Block& block) {
  const auto* moe = std::get_if<MixtureOfExperts>(&block.feed_forward);
  return moe == nullptr ? 0 : moe->experts;
}

bool is_in_file(const Architecture& architecture, const Block& block) {
  return !block.mtp || keeps_mtp(architecture);
}

struct LargeModel {
  std::string_view architecture;
  std::uint32_t layers;
};

// Models that llama.cpp 0.5.0 treats as 70B (src/models/, load_arch_hparams): with many query heads per KV
// head, V is small and worth more bits.
constexpr std::array large_models{
    LargeModel{"llama",       80},
    LargeModel{"llama-embed", 80},
    LargeModel{"qwen2",       80},
    LargeModel{"deci",        80},
    LargeModel{"olmo",        80},
    LargeModel{"jais2",       68},
};

}  // namespace

ShapeFacts shape_facts(const Architecture& architecture) {
  const Heads heads = heads_of_first_layer(architecture.blocks);
  ShapeFacts facts{architecture.gguf_name, heads.heads, heads.kv_heads, 0, 0};
  for (const Block& block : architecture.blocks) {
    facts.experts = std::max(facts.experts, experts_of(block));
    if (is_in_file(architecture, block)) ++facts.block_count;
  }
  return facts;
}

std::uint32_t gqa(const ShapeFacts& facts) { return facts.kv_heads == 0 ? 0 : facts.heads / facts.kv_heads; }

bool like_70b(const ShapeFacts& facts) {
  const bool listed = std::any_of(large_models.begin(), large_models.end(), [&](const LargeModel& each) {
    return each.architecture == facts.gguf_architecture && each.layers == facts.block_count;
  });
  // Llama 65B has one KV head per query head, and a model with 8 experts is of another kind.
  const bool llama = facts.gguf_architecture.starts_with("llama");
  return listed && !(llama && (facts.heads == facts.kv_heads || facts.experts == 8));
}

}  // namespace vramcalc
