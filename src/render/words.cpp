#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "render/sections.hpp"

namespace vramcalc::render {
namespace {

// Makers and brands that a name is recognized without.
constexpr std::array<std::string_view, 7> brands = {
    "NVIDIA GeForce ", "NVIDIA Tesla ", "NVIDIA ", "AMD Instinct ", "AMD Radeon ", "AMD ", "Apple "};

}  // namespace

std::uint64_t asked_context(const Settings& settings) { return settings.demand.tokens; }

std::string runtime_title(const Settings& settings) {
  const std::string& version = settings.release.empty() ? settings.runtime_version : settings.release;
  return version.empty() ? settings.runtime : settings.runtime + ' ' + version;
}

std::string settings_text(const Settings& settings, const Style& style) {
  std::string text = runtime_title(settings);
  if (!settings.tool.empty()) text = settings.tool + " of " + text;
  const bool usual_backend = settings.backend == Backend::cuda || settings.backend == Backend::rocm;
  if (!usual_backend) text.append(dot(style)).append(title(settings.backend));
  for (const std::string& what : settings.unusual) text.append(dot(style)).append(what);
  return text;
}

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
    case TermKind::runtime_overhead: return "runtime";
  }
  return "other";
}

namespace {

std::string_view meaning(TermKind kind) {
  switch (kind) {
    case TermKind::recurrent_state: return "state that does not grow with the context";
    case TermKind::compute_buffer: return "buffers for one batch";
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

std::string meanings(const std::vector<std::string>& parts, const Style& style) {
  return parts.empty() ? "" : paint(flow(parts, {dot(style), 2, 2}, style), Ink::dim, style);
}

}  // namespace

std::string terms_legend(const Estimate& estimate, const Style& style) {
  std::vector<std::string> parts;
  for (const TermKind kind :
       {TermKind::recurrent_state, TermKind::compute_buffer, TermKind::runtime_overhead})
    if (estimate.gpu_term(kind).high > Bytes(0))
      parts.push_back(fmt::format("{}: {}", term_title(kind), meaning(kind)));
  return meanings(parts, style);
}

std::string verdicts_legend(std::span<const Verdict> verdicts, const Style& style) {
  std::vector<std::string> parts = {"usable: what a program can get"};
  for (const Verdict verdict : {Verdict::great, Verdict::fits, Verdict::tight, Verdict::offload})
    if (std::ranges::find(verdicts, verdict) != verdicts.end())
      parts.push_back(fmt::format("{}: {}", to_string(verdict), meaning(verdict)));
  return meanings(parts, style);
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

std::string_view without_brand(std::string_view name) {
  for (const std::string_view brand : brands) {
    if (name.starts_with(brand)) return name.substr(brand.size());
  }
  return name;
}

std::string short_name(std::string_view name) {
  name = without_brand(name);
  if (const std::size_t bracket = name.find(" ("); bracket != std::string_view::npos)
    name = name.substr(0, bracket);
  return std::string(name);
}

std::string speed_text(const Range& range) {
  const auto figure = [](double tokens) { return decimal(tokens, tokens < 10 ? 1 : 0); };
  return fmt::format("{}..{}", figure(range.low), figure(range.high));
}

std::string room_line(const Room& room, const Style& style) {
  if (room.sequences < 2) return {};
  return wrap(fmt::format("room for {} sequences of {} tokens at once ({})", room.sequences,
                          grouped(room.tokens), room.flags),
              2, 4, style);
}

std::string warning_lines(const std::vector<std::string>& warnings, const Style& style) {
  std::string out;
  for (const std::string& warning : warnings)
    out += paint(wrap("warning: " + warning, 0, 2, style), Ink::yellow, style);
  return out;
}

}  // namespace vramcalc::render
