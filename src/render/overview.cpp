#include <fmt/format.h>

#include <algorithm>

#include "render/sections.hpp"
#include "render/table.hpp"

// The order is the reader's: what is it, what does it take, where does it run; then the tables behind the
// answer.
namespace vramcalc::render {
namespace {

Figures figures_for(const OverviewReport& report, const Style& style) {
  return {style.units, decimals_for(report.estimate.gpu_total().best, style.units),
          report.settings.rounds_to};
}

std::string needs(const OverviewReport& report, const Figures& figures) {
  const std::uint64_t context = asked_context(report.settings);
  const std::uint64_t whole = report.summary.model.architecture.context_length;
  const std::string total = figures.with_unit(report.estimate.gpu_total().best);
  if (report.full_context) {
    return fmt::format("{} needs {} at {} tokens, {} at the full {}", report.settings.quantization, total,
                       grouped(context), figures.with_unit(report.full_context->gpu_total().best),
                       grouped(whole));
  }
  return fmt::format("{} needs {} at {}{} tokens", report.settings.quantization, total,
                     context == whole ? "the full " : "", grouped(context));
}

std::string kv_cache_growth(const OverviewReport& report) {
  if (report.kv_bytes_per_token == Bytes(0)) return "no KV cache that grows with the context";
  return fmt::format("KV cache {} bytes a token", grouped(report.kv_bytes_per_token.count()));
}

std::string growth_and_headroom(const OverviewReport& report, const Figures& figures, const Style& style) {
  std::vector<std::string> parts;
  if (report.full_context) {
    const Bytes now = report.estimate.gpu_total().best, full = report.full_context->gpu_total().best;
    parts.push_back(fmt::format("full context adds {} ({})",
                                figures.with_unit(full > now ? full - now : Bytes(0)),
                                kv_cache_growth(report)));
  } else {
    parts.push_back(kv_cache_growth(report));
  }
  parts.push_back(fmt::format("{} {} recommended for headroom",
                              figures.rounded(report.estimate.recommended()), unit_name(figures.units)));
  parts.push_back(settings_text(report.settings, style));
  return flow(parts, {dot(style), 2, 2}, style);
}

std::string why_not(const OverviewReport& report, const HardwareRow& row, const Figures& figures) {
  if (!row.best_quantization.empty()) return fmt::format("; {} would fit", row.best_quantization);
  std::string text;
  for (const QuantizationRow& smallest : report.quantizations) {
    if (smallest.name == report.smallest)
      text = fmt::format("; even {} takes {}", smallest.name, figures.with_unit(smallest.at_context.best));
  }
  if (row.needed > 0) text += fmt::format("; {} such GPUs would hold it", row.needed);
  return text;
}

std::string asked_hardware(const OverviewReport& report, const Figures& figures, const Style& style) {
  if (!report.asked_hardware) return {};
  const HardwareRow& row = *report.asked_hardware;
  std::string text = fmt::format("{} ({}): {}", row.name, figures.with_unit(row.usable),
                                 paint(std::string(to_string(row.verdict)), ink_of(row.verdict), style));
  if (row.verdict == Verdict::no || row.verdict == Verdict::offload) {
    text += why_not(report, row, figures);
  } else {
    if (row.max_context) text += fmt::format(", up to {} tokens", grouped(*row.max_context));
    if (!row.best_quantization.empty())
      text += fmt::format("; the best that fits is {}", row.best_quantization);
  }
  return wrap(text, 0, 2, style);
}

std::string headline(const OverviewReport& report, const Figures& figures, const Style& style) {
  return paint(wrap(needs(report, figures), 0, 2, style), Ink::bold, style) +
         terms_line(report.estimate, figures, style) + growth_and_headroom(report, figures, style) +
         asked_hardware(report, figures, style) + warning_lines(report.warnings, style);
}

std::string rule_of_thumb(const OverviewReport& report, const Figures& figures, const Style& style) {
  if (!report.rule_of_thumb || !report.rule_of_thumb->differs) return {};
  const RuleOfThumb& rule = *report.rule_of_thumb;
  std::string text =
      fmt::format("The rule of thumb of model cards says {}", figures.with_unit(rule.at_context.best));
  if (rule.at_full_context)
    text += fmt::format(", and {} at full context", figures.with_unit(rule.at_full_context->best));
  text += fmt::format(", instead of {}", figures.with_unit(report.estimate.gpu_total().best));
  if (rule.at_full_context && report.full_context)
    text += fmt::format(" and {}", figures.with_unit(report.full_context->gpu_total().best));
  if (!rule.why.empty()) text += ": " + rule.why;
  return wrap(text + " (--rule-of-thumb).", 0, 0, style);
}

std::string other_quantizer(const OverviewReport& report, const Figures& figures, const Style& style) {
  if (!report.other_quantizer) return {};
  const OtherQuantizer& other = *report.other_quantizer;
  const bool older = other.release == QuantizerRelease::before_fused_qkv_rules;
  return wrap(
      fmt::format("Files quantized {} hold {} of tensors instead of {} (--quantizer {}).",
                  older ? "up to late 2025" : "by llama.cpp 0.5.0", figures.with_unit(other.tensor_bytes),
                  figures.with_unit(report.estimate.tensor_bytes), to_string(other.release)),
      0, 0, style);
}

std::string without_mtp(const OverviewReport& report, const Figures& figures, const Style& style) {
  if (!report.tensor_bytes_without_mtp) return {};
  return wrap(fmt::format("Files converted without the prediction layers hold {} of tensors instead of {} (--no-mtp).",
                          figures.with_unit(*report.tensor_bytes_without_mtp),
                          figures.with_unit(report.estimate.tensor_bytes)),
              0, 0, style);
}

const QuantizationRow* row_named(const OverviewReport& report, std::string_view name) {
  const auto found = std::find_if(report.quantizations.begin(), report.quantizations.end(),
                                  [&](const QuantizationRow& row) { return row.name == name; });
  return found == report.quantizations.end() ? nullptr : &*found;
}

// "best Q4_K_M (404.9 GB)", where there is one.
void choose(std::vector<std::string>& parts, const OverviewReport& report, std::string_view what,
            std::string_view name, const Figures& figures) {
  if (name.empty()) return;
  const QuantizationRow* row = row_named(report, name);
  parts.push_back(row == nullptr
                      ? fmt::format("{} {}", what, name)
                      : fmt::format("{} {} ({})", what, name, figures.with_unit(row->at_context.best)));
}

std::string choices(const OverviewReport& report, const Figures& figures, const Style& style) {
  std::vector<std::string> parts;
  choose(parts, report, "best", report.best, figures);
  choose(parts, report, "better", report.better, figures);
  choose(parts, report, "smallest", report.smallest, figures);
  return parts.empty() ? "" : flow(parts, {dot(style), 0, 2}, style);
}

const QuantizationRow* largest_file(const OverviewReport& report) {
  const QuantizationRow* largest = nullptr;
  for (const QuantizationRow& row : report.quantizations) {
    if (!row.refused.empty() || !row.in_default_table) continue;
    if (largest == nullptr || row.file_bytes > largest->file_bytes) largest = &row;
  }
  return largest;
}

std::string download(const OverviewReport& report, const Figures& figures, const Style& style) {
  const std::string_view unit = unit_name(figures.units);
  std::vector<std::string> parts = {fmt::format("{} {} {} as {}", report.summary.stored ? "file" : "download",
                                                figures.file_size(report.estimate.file_bytes), unit,
                                                report.settings.quantization)};
  for (const QuantizationRow* row : {largest_file(report), row_named(report, report.smallest)}) {
    if (row != nullptr && !row->chosen)
      parts.push_back(fmt::format("{} as {}", figures.file_size(row->file_bytes), row->name));
  }
  return flow(parts, {dot(style), 0, 2}, style);
}

std::string related(const OverviewReport& report, const Style& style) {
  if (report.related.empty()) return {};
  const std::size_t shown =
      style.all ? report.related.size() : std::min<std::size_t>(report.related.size(), 8);
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < shown; ++i) {
    const RelatedModel& model = report.related[i];
    parts.push_back(
        fmt::format("{}{} ({})", i == 0 ? "related: " : "", model.id, parameters_text(model.parameters)));
  }
  if (shown < report.related.size()) parts.push_back(fmt::format("{} more", report.related.size() - shown));
  return flow(parts, {dot(style), 0, 2}, style);
}

// On a terminal that the answer has scrolled out of, once more and short.
std::string recap(const OverviewReport& report, const std::string& text, const Figures& figures,
                  const Style& style) {
  if (style.rows == 0 || std::count(text.begin(), text.end(), '\n') < style.rows) return {};
  const std::string where = where_in_a_line(report);
  return '\n' +
         paint(wrap(report.summary.model.name + ": " + needs(report, figures), 0, 2, style), Ink::bold,
               style) +
         wrap(where.empty() ? "nothing in the catalog holds it" : "runs on " + where, 2, 4, style);
}

}  // namespace

std::string overview(const OverviewReport& report, const Style& style) {
  const Figures figures = figures_for(report, style);
  const Estimate* full = report.full_context ? &*report.full_context : nullptr;
  std::string text;
  text.reserve(12288);  // most answers
  const auto add = [&](const std::string& section) {
    if (section.empty()) return;
    if (!text.empty()) text += '\n';
    text += section;
  };
  add(specification(report.summary, style));
  add(headline(report, figures, style));
  add(where_it_runs(report, figures, style));
  add(quantization_table(report, figures, style));
  add(rule_of_thumb(report, figures, style));
  add(other_quantizer(report, figures, style) + without_mtp(report, figures, style));
  add(terms_table(report.estimate, full, report.summary, report.settings, figures, style));
  add(explanation_text(report.explanation, figures, style));
  add(hardware_table(report.gpus, "GPUs", report.settings, figures, style));
  add(hardware_table(report.systems, "Systems and Macs", report.settings, figures, style));
  add(choices(report, figures, style) + download(report, figures, style) + related(report, style));
  text += recap(report, text, figures, style);
  return text;
}

}  // namespace vramcalc::render
