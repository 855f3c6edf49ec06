#include "runtime/llama_cpp/server_command.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "model/shell_word.hpp"
#include "runtime/llama_cpp/drafting.hpp"

namespace vramcalc::llama_cpp {
namespace {

std::string target_of(const TensorOverride& moved) {
  return moved.place.is_host() ? "CPU" : fmt::format("CUDA{}", moved.place.gpu_index());
}

// One pattern for a run of layers that differ only in their numbers.
std::string pattern_of_layers(const TensorOverride& first, const std::vector<std::uint32_t>& layers) {
  const std::string one = pattern_of(first);
  if (layers.size() == 1) return one;
  const std::string number = fmt::format("blk\\.{}\\.", *first.layer);
  return fmt::format("blk\\.({})\\.{}", fmt::join(layers, "|"), one.substr(number.size()));
}

bool are_alike(const TensorOverride& a, const TensorOverride& b) {
  return a.part == b.part && a.place == b.place && a.part != TensorOverride::Part::named && a.layer &&
         b.layer;
}

std::string overrides_of(const std::vector<TensorOverride>& overrides) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < overrides.size();) {
    std::vector<std::uint32_t> layers;
    std::size_t end = i;
    for (; end < overrides.size() && are_alike(overrides[i], overrides[end]); ++end)
      layers.push_back(*overrides[end].layer);
    texts.push_back(layers.empty() ? pattern_of(overrides[i]) : pattern_of_layers(overrides[i], layers));
    texts.back() += "=" + target_of(overrides[i]);
    i = std::max(end, i + 1);
  }
  return fmt::format("{}", fmt::join(texts, ","));
}

// The experts of the first layers have their own flag (-ncmoe).
std::optional<std::size_t> first_layers_without_experts(const std::vector<TensorOverride>& overrides) {
  if (overrides != experts_on_host(static_cast<std::uint32_t>(overrides.size()))) return std::nullopt;
  return overrides.size();
}

std::string moved_of(const Placement& placement) {
  if (placement.overrides.empty()) return "";
  if (const auto layers = first_layers_without_experts(placement.overrides))
    return fmt::format(" -ncmoe {}", *layers);
  return fmt::format(" -ot {}", shell_word(overrides_of(placement.overrides)));
}

std::string flags_of(const ContextParams& params) {
  const ContextParams plain;
  std::string text;
  const auto add = [&](bool differs, std::string flag) {
    if (differs) text += " " + std::move(flag);
  };
  add(params.parallel.has_value(), fmt::format("-np {}", params.parallel.value_or(0)));
  add(params.kv_unified.has_value(), params.kv_unified.value_or(false) ? "-kvu" : "-no-kvu");
  add(params.cache_type_k != plain.cache_type_k, fmt::format("-ctk {}", to_string(params.cache_type_k)));
  add(params.cache_type_v != plain.cache_type_v, fmt::format("-ctv {}", to_string(params.cache_type_v)));
  add(params.flash_attention != plain.flash_attention,
      params.flash_attention == FlashAttention::on ? "-fa on" : "-fa off");
  add(params.batch != plain.batch, fmt::format("-b {}", params.batch));
  add(params.ubatch != plain.ubatch, fmt::format("-ub {}", params.ubatch));
  add(params.swa_full, "--swa-full");
  add(!params.kv_offload, "-nkvo");
  return text;
}

}  // namespace

// -fit off keeps llama-server from changing this placement.
std::string server_command(const std::string& file, const std::string& draft, const Options& options,
                           std::uint64_t context, const LayerCounts& layers, const Placement& placement) {
  std::string text = fmt::format("llama-server -m {} -c {} -ngl {}", shell_path(file), context,
                                 layers.on_gpus == layers.all ? "all" : std::to_string(layers.on_gpus));
  if (!placement.split.empty()) text += fmt::format(" -ts {:g}", fmt::join(placement.split, ","));
  text += moved_of(placement);
  if (!draft.empty()) text += " -md " + shell_path(draft);
  return text + flags_of(options.context) + drafting_flags(options) + " -fit off";
}

}  // namespace vramcalc::llama_cpp
