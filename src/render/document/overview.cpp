#include "render/document/overview.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "render/document/answer.hpp"
#include "render/document/charts.hpp"
#include "render/document/documents.hpp"
#include "render/document/settings.hpp"
#include "render/document/words.hpp"

// In the reader's order: what is it, what does it need, where does it run; then the detailed tables.
namespace vramcalc::render {
namespace {

using Kind = Paragraph::Kind;
using Between = Paragraph::Between;

Figures figures_for(const OverviewReport& report, Units units) {
  return {units, decimals_for(report.estimate.gpu_total().best, units), report.settings.rounds_to};
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
  return fmt::format("KV cache {} bytes per token", grouped(report.kv_bytes_per_token.count()));
}

// For what is too small for the page's figures: "45 MB".
std::string megabytes(Bytes bytes, Units units) {
  const std::uint64_t unit = units == Units::GB ? 1'000'000 : MiB;
  return fmt::format("{} {}", (bytes.count() + unit - 1) / unit, units == Units::GB ? "MB" : "MiB");
}

std::vector<Text> growth_and_headroom(const OverviewReport& report, const Figures& figures) {
  std::vector<Text> parts;
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
  parts.push_back(settings_text(report.settings));
  if (report.newer_releases_add)
    parts.push_back(
        fmt::format("newer: up to {} more", megabytes(*report.newer_releases_add, figures.units)));
  return parts;
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

std::string what_else(const OverviewReport& report, const HardwareRow& row, const Figures& figures) {
  if (row.verdict == Verdict::no || row.verdict == Verdict::offload) return why_not(report, row, figures);
  std::string text;
  if (row.max_context) text += fmt::format(", up to {} tokens", grouped(*row.max_context));
  if (row.decode)
    text += fmt::format(", {} tokens/s ({})", speed_text(row.decode->tokens_per_second),
                        to_string(row.decode->basis));
  if (!row.best_quantization.empty())
    text += fmt::format("; the best that fits is {}", row.best_quantization);
  return text;
}

Paragraph asked_hardware(const OverviewReport& report, const HardwareRow& row, const Figures& figures) {
  return {
      Kind::statement,
      {fmt::format("{} ({}): ", row.name, figures.with_unit(row.usable)), verdict_text(row.verdict),
                   what_else(report, row, figures)}
  };
}

Section headline(const OverviewReport& report, const Figures& figures) {
  Section section;
  section.add(Kind::headline, needs(report, figures));
  add_terms(section, report.estimate, figures);
  section.add(Kind::remark, growth_and_headroom(report, figures), Between::dot);
  if (report.asked_hardware) section.add(asked_hardware(report, *report.asked_hardware, figures));
  add_warnings(section, report.warnings);
  return section;
}

Section rule_of_thumb(const OverviewReport& report, const Figures& figures) {
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
  Section section;
  section.add(Kind::prose, text + " (--rule-of-thumb).");
  return section;
}

std::string other_quantizer(const OtherQuantizer& other, Bytes tensor_bytes, const Figures& figures) {
  const bool older = other.release == QuantizerRelease::before_fused_qkv_rules;
  return fmt::format("Files quantized {} hold {} of tensors instead of {} (--quantizer {}).",
                     older ? "up to late 2025" : "by llama.cpp 0.5.0", figures.with_unit(other.tensor_bytes),
                     figures.with_unit(tensor_bytes), to_string(other.release));
}

std::string without_mtp(Bytes without, Bytes tensor_bytes, const Figures& figures) {
  return fmt::format(
      "Files converted without the prediction layers hold {} of tensors instead of {} (--no-mtp).",
      figures.with_unit(without), figures.with_unit(tensor_bytes));
}

// Files of the same quantization made with other tools or options.
Section other_files(const OverviewReport& report, const Figures& figures) {
  Section section;
  const Bytes tensor_bytes = report.estimate.tensor_bytes;
  if (report.other_quantizer)
    section.add(Kind::prose, other_quantizer(*report.other_quantizer, tensor_bytes, figures));
  if (report.tensor_bytes_without_mtp)
    section.add(Kind::prose, without_mtp(*report.tensor_bytes_without_mtp, tensor_bytes, figures));
  return section;
}

const QuantizationRow* row_named(const OverviewReport& report, std::string_view name) {
  const auto found = std::find_if(report.quantizations.begin(), report.quantizations.end(),
                                  [&](const QuantizationRow& row) { return row.name == name; });
  return found == report.quantizations.end() ? nullptr : &*found;
}

// "best Q4_K_M (404.9 GB)", where there is one.
void choose(std::vector<Text>& parts, const OverviewReport& report, std::string_view what,
            std::string_view name, const Figures& figures) {
  if (name.empty()) return;
  const QuantizationRow* row = row_named(report, name);
  parts.push_back(row == nullptr
                      ? fmt::format("{} {}", what, name)
                      : fmt::format("{} {} ({})", what, name, figures.with_unit(row->at_context.best)));
}

std::vector<Text> choices(const OverviewReport& report, const Figures& figures) {
  std::vector<Text> parts;
  choose(parts, report, "best", report.best, figures);
  choose(parts, report, "better", report.better, figures);
  choose(parts, report, "smallest", report.smallest, figures);
  return parts;
}

const QuantizationRow* largest_file(const OverviewReport& report) {
  const QuantizationRow* largest = nullptr;
  for (const QuantizationRow& row : report.quantizations) {
    if (!row.refused.empty() || !row.in_default_table) continue;
    if (largest == nullptr || row.file_bytes > largest->file_bytes) largest = &row;
  }
  return largest;
}

std::vector<Text> download(const OverviewReport& report, const Figures& figures) {
  const std::string_view unit = unit_name(figures.units);
  std::vector<Text> parts = {fmt::format("{} {} {} as {}", report.summary.stored ? "file" : "download",
                                         figures.file_size(report.estimate.file_bytes), unit,
                                         report.settings.quantization)};
  for (const QuantizationRow* row : {largest_file(report), row_named(report, report.smallest)}) {
    if (row != nullptr && !row->chosen)
      parts.push_back(fmt::format("{} as {}", figures.file_size(row->file_bytes), row->name));
  }
  return parts;
}

std::vector<Text> related(const OverviewReport& report, bool all) {
  const std::size_t shown = all ? report.related.size() : std::min<std::size_t>(report.related.size(), 8);
  std::vector<Text> parts;
  for (std::size_t i = 0; i < shown; ++i) {
    const RelatedModel& model = report.related[i];
    parts.push_back(
        fmt::format("{}{} ({})", i == 0 ? "related: " : "", model.id, parameters_text(model.parameters)));
  }
  if (shown < report.related.size()) parts.push_back(fmt::format("{} more", report.related.size() - shown));
  return parts;
}

Section what_to_download(const OverviewReport& report, const Figures& figures, bool all) {
  Section section;
  section.add(Kind::statement, choices(report, figures), Between::dot);
  section.add(Kind::statement, download(report, figures), Between::dot);
  section.add(Kind::statement, related(report, all), Between::dot);
  return section;
}

Section explanation(const OverviewReport& report, const Figures& figures) {
  Section section;
  add_explanation(section, report.explanation, figures);
  return section;
}

Section in_short(const OverviewReport& report, const Figures& figures) {
  const std::string where = where_in_a_line(report);
  Section section;
  section.add(Kind::headline, report.summary.model.name + ": " + needs(report, figures));
  section.add(Kind::detail, where.empty() ? "nothing in the catalog holds it" : "runs on " + where);
  return section;
}

}  // namespace

Document document_of(const OverviewReport& report, const Content& content) {
  const Figures figures = figures_for(report, content.units);
  Document document;
  document.add(specification(report.summary, content.units));
  document.add(headline(report, figures));
  document.add(where_it_runs(report, figures));
  document.add(quantization_table(report, report.quantizations, figures, content.all));
  document.add(gguf_table(report, figures, content.all));
  document.add(memory_chart(report, figures));
  document.add(rule_of_thumb(report, figures));
  document.add(other_files(report, figures));
  document.add(terms_table(report, figures));
  document.add(explanation(report, figures));
  document.add(hardware_table(report.gpus, "GPUs", report.settings, figures, content.all));
  document.add(hardware_table(report.systems, "Systems and Macs", report.settings, figures, content.all));
  document.add(what_to_download(report, figures, content.all));
  document.summary = in_short(report, figures);
  return document;
}

}  // namespace vramcalc::render
