#include "render/document/words.hpp"

#include <fmt/format.h>

#include <array>

#include "render/numbers.hpp"

namespace vramcalc::render {
namespace {

// Makers and brands that a short name can omit.
constexpr std::array<std::string_view, 7> brands = {
    "NVIDIA GeForce ", "NVIDIA Tesla ", "NVIDIA ", "AMD Instinct ", "AMD Radeon ", "AMD ", "Apple "};

std::string_view without_brand(std::string_view name) {
  for (const std::string_view brand : brands) {
    if (name.starts_with(brand)) return name.substr(brand.size());
  }
  return name;
}

}  // namespace

std::string_view term_title(TermKind kind) {
  switch (kind) {
    case TermKind::weights: return "weights";
    case TermKind::kv_cache: return "KV cache";
    case TermKind::recurrent_state: return "recurrent state";
    case TermKind::compute_buffer: return "compute";
    case TermKind::output_buffer: return "output";
    case TermKind::projector: return "projector";
    case TermKind::lora: return "LoRA";
    case TermKind::draft_model: return "draft model";
    case TermKind::activation_peak: return "activations";
    case TermKind::cuda_graphs: return "CUDA graphs";
    case TermKind::non_torch: return "libraries";
    case TermKind::runtime_overhead: return "runtime";
  }
  return "other";
}

std::string_view meaning(TermKind kind) {
  switch (kind) {
    case TermKind::recurrent_state: return "state that does not grow with the context";
    case TermKind::compute_buffer: return "buffers for one batch";
    case TermKind::activation_peak: return "room for the largest batch";
    case TermKind::non_torch: return "NCCL, cuBLAS and others outside PyTorch";
    case TermKind::runtime_overhead: return "the driver's context and libraries";
    default: return "";
  }
}

std::string_view meaning(Verdict verdict) {
  switch (verdict) {
    case Verdict::great: return "needs at most two thirds of it";
    case Verdict::fits: return "even the high end fits";
    case Verdict::tight: return "only the low end fits";
    case Verdict::offload: return "only with parts in host memory";
    case Verdict::no: return "";
  }
  return "";
}

Ink ink_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::great: return Ink::green;
    case Verdict::fits: return Ink::cyan;
    case Verdict::tight: return Ink::yellow;
    case Verdict::offload: return Ink::yellow;
    case Verdict::no: return Ink::red;
  }
  return Ink::plain;
}

Text verdict_text(Verdict verdict) { return {std::string(to_string(verdict)), ink_of(verdict)}; }

std::string speed_text(const Range& range) {
  const auto figure = [](double tokens) {
    return tokens < 9.95 ? decimal(tokens, 1) : grouped(static_cast<std::uint64_t>(tokens + 0.5));
  };
  return fmt::format("{}..{}", figure(range.low), figure(range.high));
}

std::string kld_text(const std::optional<double>& kld) {
  return kld ? decimal(*kld, *kld < 0.1 ? 3 : 2) : "-";
}

std::string short_name(std::string_view name) {
  name = without_brand(name);
  return std::string(name.substr(0, name.find(" (")));
}

Cell name_cell(std::string_view name) { return {Text(std::string(name)), short_name(name)}; }

std::string where_layers_lie(const LayerCounts& layers, bool on_several_gpus) {
  if (layers.whole) return on_several_gpus ? "all of it on the GPUs" : "all of it on the GPU";
  std::string text;
  if (layers.on_gpus < layers.all)
    text =
        fmt::format("{} of {} layers on the GPU{}", layers.on_gpus, layers.all, on_several_gpus ? "s" : "");
  if (layers.without_experts > 0)
    text += fmt::format("{}the experts of {} layers in host memory", text.empty() ? "" : ", ",
                        layers.without_experts);
  if (layers.in_parts == 0) return text;
  if (!text.empty()) text += ", ";
  return text + (layers.in_parts == 1 ? "a part of one layer elsewhere"
                                      : fmt::format("parts of {} layers elsewhere", layers.in_parts));
}

std::string listed(const std::vector<std::string>& parts) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += i + 1 == parts.size() ? " and " : ", ";
    out += parts[i];
  }
  return out;
}

}  // namespace vramcalc::render
