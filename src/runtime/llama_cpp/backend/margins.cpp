#include "runtime/llama_cpp/backend/margins.hpp"

#include <algorithm>
#include <variant>

namespace vramcalc::llama_cpp {
namespace {

// The host's graph is the same on every backend.
constexpr Margin margin_of_host{20, 20};

// Builds with inputs for mixed batches are newer than any source that was read. On the CPU, where figures of
// one are known (tests/measured/newer_engine.tsv), their graph is that of 0.5.0 with these inputs, but for
// indexers, which need much less, and for further rows that are fetched for each token. On GPUs nothing was
// measured.
constexpr Margin margin_of_newer{20, 20}, margin_of_indexers{600, 20}, margin_of_further_rows{20, 200};

bool has_indexer(const Architecture& architecture) {
  return std::ranges::any_of(architecture.blocks, [](const Block& block) {
    const auto* part = std::get_if<LatentAttention>(&block.attention);
    return part != nullptr && part->indexer;
  });
}

Margin margin_of_newer_build(const Architecture& architecture) {
  if (has_indexer(architecture)) return margin_of_indexers;
  const bool further_rows = architecture.per_layer_input || architecture.token_types > 0;
  return further_rows ? margin_of_further_rows : margin_of_newer;
}

// Parts of architectures that were not measured with Metal and Vulkan.
bool is_unmeasured(const Architecture& architecture) {
  if (architecture.attention_residual_scores || architecture.hyper_connections) return true;
  return std::ranges::any_of(architecture.blocks, [](const Block& block) {
    return std::holds_alternative<CompressedAttention>(block.attention) ||
           std::holds_alternative<LightningAttention>(block.attention);
  });
}

// Vulkan multiplies no matrix that is repeated over several streams of a cache, as absorbed latent attention
// does, and leaves that to the host; and how it orders the choice of cells was not found out. The experts of
// Mistral 4 need a precision that it lacks.
bool is_uncertain_on_vulkan(const Architecture& architecture, const GraphSettings& settings) {
  if (architecture.gguf_name == "mistral4") return true;
  return std::ranges::any_of(architecture.blocks, [&](const Block& block) {
    const auto* latent = std::get_if<LatentAttention>(&block.attention);
    return latent != nullptr && latent->absorbed && (latent->sparse || settings.streams > 1);
  });
}

// CUDA was measured with all placements, Metal and Vulkan with everything on one device.
bool was_measured(Backend backend, const PlacedGraph& about) {
  if (is_like_cuda(backend)) return true;
  const DeviceMap& where = about.where;
  if (where.devices != 1 || !where.everything_on_devices() || where.overridden) return false;
  if (!about.settings.cache_on_device || is_unmeasured(about.architecture)) return false;
  return backend == Backend::metal || !is_uncertain_on_vulkan(about.architecture, about.settings);
}

bool has_delta_rule(const Architecture& architecture) {
  return std::ranges::any_of(architecture.blocks, [](const Block& block) {
    return std::holds_alternative<GatedDeltaNet>(block.attention) ||
           std::holds_alternative<KimiDeltaAttention>(block.attention);
  });
}

}  // namespace

bool has_known_graphs(const ReleaseRules& rules, Backend backend) {
  if (is_like_cuda(backend)) return rules.copies_cache_on_cuda == Applies::yes;
  return (backend == Backend::metal || backend == Backend::vulkan) && is_newest(rules);
}

bool may_repack(Backend backend, const DeviceMap& where) {
  return backend == Backend::metal && (!where.everything_on_devices() || where.overridden);
}

// How far logs of older builds exceed the graphs of their rules: nine of ten since January 2026 have them to
// the byte. The delta rule as a graph of many operations was not read.
Margin margin_for(const Bounds& bounds, const ReleaseRules& rules, const PlacedGraph& about, bool host) {
  if (rules.mixed_inputs != Applies::no) return margin_of_newer_build(about.architecture);
  constexpr Margin of_older_device{10, 30}, of_older_host{10, 10}, of_uncertain_host{100, 100};
  // Logs of unknown builds around 0.5.0 have 0.1 to 1.4 % more than its own code reserves.
  constexpr Margin of_logs_of_vulkan{5, 20};
  constexpr Margin of_repacked_device{100, 300}, of_repacked_host{100, 100};
  constexpr std::uint32_t unknown_operations = 1000;
  if (has_known_graphs(rules, bounds.backend) && was_measured(bounds.backend, about))
    return bounds.backend == Backend::vulkan && !host ? of_logs_of_vulkan : Margin{};
  const bool measured = is_like_cuda(bounds.backend) && rules.room_for_embeddings == Applies::yes;
  if (may_repack(bounds.backend, about.where)) return host ? of_repacked_host : of_repacked_device;
  if (host && bounds.backend == Backend::vulkan && is_uncertain_on_vulkan(about.architecture, about.settings))
    return of_uncertain_host;
  if (host) return measured ? of_older_host : margin_of_host;
  Margin margin = about.where.devices > 1 ? bounds.with_several_gpus : bounds.margin;
  if (measured) margin = of_older_device;
  if (rules.fused_delta_rule == Applies::no && has_delta_rule(about.architecture))
    margin.above = unknown_operations;
  return margin;
}

}  // namespace vramcalc::llama_cpp
