#include "render/document/answer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "render/document/words.hpp"

namespace vramcalc::render {
namespace {

using enum Paragraph::Kind;
using enum Paragraph::Between;

// Of all GPUs together, or of the host where there is none.
Amount counted(const Estimate& estimate, TermKind kind, bool has_gpus) {
  return has_gpus ? estimate.gpu_term(kind) : estimate.places.front().term(kind);
}

bool rounds_to_zero(std::string_view figure) {
  return figure.find_first_of("123456789") == std::string_view::npos;
}

std::string_view meaning_on(TermKind kind, bool has_gpus) {
  return kind == TermKind::runtime_overhead && !has_gpus ? "the program itself" : meaning(kind);
}

}  // namespace

void add_terms(Section& to, const Estimate& estimate, const Figures& figures) {
  std::vector<Text> terms, meanings;
  const auto gpus =
      std::ranges::count_if(estimate.places, [](const PlaceEstimate& each) { return !each.place.is_host(); });
  const std::string where = gpus > 1 ? fmt::format("on {} GPUs together: ", gpus) : "";
  for (const TermKind kind : all_term_kinds) {
    const Amount amount = counted(estimate, kind, gpus > 0);
    if (amount.high == Bytes(0)) continue;
    const std::string_view title = term_title(kind);
    const std::string value = figures.range(amount);
    if (gpus == 0 && rounds_to_zero(value)) continue;
    terms.emplace_back(fmt::format("{}{} {}", terms.empty() ? where : "+ ", title, value));
    const std::string_view what = meaning_on(kind, gpus > 0);
    if (!what.empty()) meanings.emplace_back(fmt::format("{}: {}", title, what));
  }
  to.add(detail, std::move(terms), space);
  to.add(legend, std::move(meanings), dot);
}

void add_verdicts_legend(Section& to, const Settings& settings, std::span<const Verdict> verdicts,
                         bool with_speeds) {
  std::vector<Text> parts = {settings.takes_a_share
                                 ? fmt::format("usable: the share that {} lets itself take", settings.runtime)
                                 : "usable: what a program can allocate"};
  for (const Verdict verdict : {Verdict::great, Verdict::fits, Verdict::tight, Verdict::offload})
    if (std::ranges::find(verdicts, verdict) != verdicts.end())
      parts.emplace_back(fmt::format("{}: {}", to_string(verdict), meaning(verdict)));
  if (with_speeds) parts.emplace_back("tokens/s: estimated for one sequence");
  to.add(legend, std::move(parts), dot);
}

void add_speed(Section& to, const Speed& speed, std::string_view why) {
  if (!speed.decode) return;
  std::string writing =
      fmt::format("speed: {} tokens/s for one sequence", speed_text(speed.decode->tokens_per_second));
  std::string_view basis = to_string(speed.decode->basis);
  std::vector<Text> parts;
  if (speed.prefill && speed.prefill->basis != speed.decode->basis) {
    parts.emplace_back(fmt::format("{}, {}", writing, basis));
    writing.clear();
    basis = to_string(speed.prefill->basis);
  }
  if (speed.prefill)
    writing += fmt::format("{}prompts {}", writing.empty() ? "" : ", ",
                           speed_text(speed.prefill->tokens_per_second));
  parts.emplace_back(std::move(writing));
  if (speed.throughput)
    parts.emplace_back(fmt::format("{} at once {}", grouped(speed.sequences),
                                   speed_text(speed.throughput->tokens_per_second)));
  parts.emplace_back(why.empty() ? basis : why);
  to.add(detail, std::move(parts), dot);
}

void add_room(Section& to, const std::optional<Room>& room) {
  if (room && room->sequences > 1)
    to.add(detail, fmt::format("room for {} sequences of {} tokens at once ({})", room->sequences,
                               grouped(room->tokens), room->flags));
}

void add_warnings(Section& to, const std::vector<std::string>& warnings) {
  for (const std::string& each : warnings) to.add(warning, "warning: " + each);
}

}  // namespace vramcalc::render
