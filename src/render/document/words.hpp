#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "render/document.hpp"

// Words for the terms, verdicts and figures of reports.
namespace vramcalc::render {

// In the order of an answer.
inline constexpr std::array all_term_kinds = {
    TermKind::weights,        TermKind::kv_cache,      TermKind::recurrent_state,
    TermKind::compute_buffer, TermKind::output_buffer, TermKind::projector,
    TermKind::lora,           TermKind::draft_model,   TermKind::activation_peak,
    TermKind::cuda_graphs,    TermKind::non_torch,     TermKind::runtime_overhead};
static_assert(all_term_kinds.size() == term_kinds);

std::string_view term_title(TermKind kind);  // "KV cache"
std::string_view meaning(TermKind kind);     // empty: the title is enough
std::string_view meaning(Verdict verdict);
Ink ink_of(Verdict verdict);
Text verdict_text(Verdict verdict);

std::string speed_text(const Range& range);              // "9.6..12", "3,200..5,100"
std::string kld_text(const std::optional<double>& kld);  // "0.031"

// "RTX 4090" for "NVIDIA GeForce RTX 4090 (Ada)".
std::string short_name(std::string_view name);
Cell name_cell(std::string_view name);  // short on a narrow page

// "all of it on the GPU", "30 of 41 layers on the GPU, the experts of 4 layers in host memory"
std::string where_layers_lie(const LayerCounts& layers, bool on_several_gpus);

std::string listed(const std::vector<std::string>& parts);  // "38 great, 29 fits and 4 tight"

}  // namespace vramcalc::render
