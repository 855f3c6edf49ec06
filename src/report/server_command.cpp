#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "model/shell_word.hpp"
#include "report/report.hpp"

namespace vramcalc::report {
namespace {

// A name as files have it.
std::string file_of(const ModelSummary& summary, const PlannedLoad& load) {
  if (summary.stored && !summary.stored->files.empty()) return summary.stored->files.front();
  return fmt::format("{}-{}.gguf", summary.model.id, load.quantization);
}

std::string target_of(const TensorOverride& moved) {
  return moved.place.is_host() ? "CPU" : fmt::format("CUDA{}", moved.place.gpu_index());
}

// The patterns of a run of layers that differ in their numbers only, as one.
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

// The experts of the first layers have a flag of their own.
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

std::string workload_of(const Workload& workload) {
  const Workload plain;
  std::string text;
  const auto add = [&](bool differs, std::string flag) {
    if (differs) text += " " + std::move(flag);
  };
  add(workload.parallel.has_value(), fmt::format("-np {}", workload.parallel.value_or(0)));
  add(workload.kv_unified.has_value(), workload.kv_unified.value_or(false) ? "-kvu" : "-no-kvu");
  add(workload.cache_type_k != plain.cache_type_k, fmt::format("-ctk {}", to_string(workload.cache_type_k)));
  add(workload.cache_type_v != plain.cache_type_v, fmt::format("-ctv {}", to_string(workload.cache_type_v)));
  add(workload.flash_attention != plain.flash_attention,
      workload.flash_attention == FlashAttention::on ? "-fa on" : "-fa off");
  add(workload.batch != plain.batch, fmt::format("-b {}", workload.batch));
  add(workload.ubatch != plain.ubatch, fmt::format("-ub {}", workload.ubatch));
  add(workload.swa_full, "--swa-full");
  add(!workload.kv_offload, "-nkvo");
  return text;
}

}  // namespace

// What is found here is not to be changed again: -fit off.
std::string server_command(const ModelSummary& summary, const Question& question, const PlannedLoad& load) {
  std::string text =
      fmt::format("llama-server -m {} -c {} -ngl {}", shell_path(file_of(summary, load)), load.context,
                  load.layers == load.all_layers ? "all" : std::to_string(load.layers));
  if (!load.placement.split.empty()) text += fmt::format(" -ts {:g}", fmt::join(load.placement.split, ","));
  text += moved_of(load.placement);
  return text + workload_of(question.workload) + " -fit off";
}

}  // namespace vramcalc::report
