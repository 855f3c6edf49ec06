#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "render/document/settings.hpp"
#include "render/document/words.hpp"
#include "render/html/model.hpp"

// Which GPUs and systems run it: by verdict, with a bar of how much of each is needed.
namespace vramcalc::render::html {
namespace {

constexpr std::size_t shown_rows = 8;  // of a verdict, as in the script

constexpr std::array<VerdictWords, verdict_count> all_words = {
    VerdictWords{"great",   "runs great",   "needs at most two thirds of it"},
    VerdictWords{"fits",    "fits",         "even the high estimate fits"   },
    VerdictWords{"tight",   "tight",        "only the low estimate fits"    },
    VerdictWords{"offload", "only in part", "the rest lies in host memory"  },
    VerdictWords{"no",      "no",           "too little memory"             }
};

// Which devices people ask about first.
constexpr std::array<std::string_view, 6> quick_ids = {
    "rtx-3060-12gb", "rtx-4090", "rtx-5090", "apple-m4-pro-48gb", "apple-m3-ultra-512gb", "h100-sxm-80gb"};

std::string context_text(const PageFigures::Judgement& judgement) {
  return judgement.max_context ? grouped(*judgement.max_context) : "–";
}

std::string range_text(const PageFigures::Judgement& judgement) {
  return judgement.decode ? speed_text(judgement.decode->tokens_per_second) : "–";
}

// The length of a bar: what is needed of the usable memory, or, if that is too small, what it covers of the
// need.
double share_of(Bytes needed, Bytes usable) {
  const auto [less, more] = std::minmax(needed, usable);
  return more == Bytes(0) ? 0 : 100 * static_cast<double>(less.count()) / static_cast<double>(more.count());
}

class Table {
 public:
  Table(const OverviewReport& report, const Links& links, const Figures& figures, bool systems)
      : page_(*report.page),
        chosen_(chosen_of(report)),
        links_(links),
        figures_(figures),
        systems_(systems),
        has_speeds_(has_speeds(*report.page)) {}

  std::string markup() const {
    std::string out = fmt::format(
        "<table class=\"devices{}\"><caption class=\"vh\">{} by verdict, with usable memory and the longest "
        "context "
        "that fits</caption>\n<thead><tr><th scope=\"col\" class=\"name\">{}</th><th scope=\"col\" "
        "class=\"gauge\">usable</th><th scope=\"col\" class=\"figure context\">context</th>{}</tr></thead>\n",
        has_speeds_ ? " fast" : "", title(), title(),
        has_speeds_ ? "<th scope=\"col\" class=\"figure speed hide-narrow\">tokens/s</th>" : "");
    for (std::size_t verdict = 0; verdict < verdict_count; ++verdict) out += group(verdict);
    return out + "</table>\n";
  }

 private:
  std::string_view title() const { return systems_ ? "Macs and systems" : "GPUs"; }
  std::string_view side() const { return systems_ ? "s" : "g"; }

  std::string group(std::size_t verdict) const {
    std::string rows;
    std::size_t count = 0;
    for (std::size_t i = 0; i < page_.devices.size(); ++i)
      if (page_.devices[i].is_system == systems_ &&
          static_cast<std::size_t>(chosen_.on[i].verdict) == verdict)
        rows += row(i, count++ >= shown_rows);
    const VerdictWords& words = all_words[verdict];
    const std::string_view rest = has_speeds_ ? "<td class=\"hide-narrow\"></td>" : "";
    return fmt::format(
        "<tbody data-of=\"{}\" data-v=\"{}\"{}><tr class=\"group\"><th colspan=\"3\" scope=\"rowgroup\" "
        "class=\"{}\">{}<span>{}</span></th>{}</tr>\n{}<tr class=\"foot needs-js\"{}><td "
        "colspan=\"3\"><button "
        "class=\"plain\" type=\"button\">Show all {}</button></td>{}</tr></tbody>\n",
        side(), verdict, count == 0 ? " hidden" : "", words.id, words.title, grouped(count), rest, rows,
        count <= shown_rows ? " hidden" : "", grouped(count), rest);
  }

  std::string row(std::size_t i, bool rest) const {
    const PageFigures::Device& device = page_.devices[i];
    const PageFigures::Judgement& judgement = chosen_.on[i];
    return fmt::format(
        "<tr data-i=\"{}\" data-of=\"{}\" data-u=\"{}\"{}><th scope=\"row\" class=\"name\">{}</th><td "
        "class=\"gauge\"><span class=\"meter {}\" aria-hidden=\"true\"><i style=\"width:{:.1f}%\"></i></span>"
        "<small>{}</small></td><td class=\"figure context\">{}</td>{}</tr>\n",
        i, side(), device.usable.count(), rest ? " class=\"rest\"" : "",
        links_.device(device.id, short_name(device.name)), words_for(judgement.verdict).id,
        share_of(chosen_.estimate.gpu_total().best, device.usable), figures_.with_unit(device.usable),
        context_text(judgement), speed(judgement));
  }

  std::string speed(const PageFigures::Judgement& judgement) const {
    if (!has_speeds_) return {};
    return fmt::format("<td class=\"figure speed hide-narrow\">{}</td>", range_text(judgement));
  }

  const PageFigures& page_;
  const PageFigures::Choice& chosen_;
  const Links& links_;
  const Figures& figures_;
  bool systems_, has_speeds_;
};

// "40,960 tokens, 95..140 tokens/s"
std::string how_far(const PageFigures::Judgement& judgement) {
  std::string text = fmt::format("{} tokens", grouped(*judgement.max_context));
  return judgement.decode ? fmt::format("{}, {} tokens/s", text, range_text(judgement)) : text;
}

std::string quick_answer(const OverviewReport& report, std::size_t i) {
  const PageFigures::Device& device = report.page->devices[i];
  const PageFigures::Judgement& judgement = chosen_of(report).on[i];
  const VerdictWords& words = words_for(judgement.verdict);
  return fmt::format("<li data-i=\"{}\"><b>{}</b><span class=\"word {}\">{}</span><small>{}</small></li>\n",
                     i, escaped(short_name(device.name)), words.id, words.title,
                     judgement.max_context                            ? how_far(judgement)
                     : is_refused(chosen_of(report), i, *report.page) ? escaped(refusal_of(report))
                                                                      : std::string(words.meaning));
}

}  // namespace

const VerdictWords& words_for(Verdict verdict) { return all_words[static_cast<std::size_t>(verdict)]; }

bool is_refused(const PageFigures::Choice& choice, std::size_t device, const PageFigures& page) {
  return choice.on[device].verdict == Verdict::no &&
         choice.estimate.gpu_total().best <= page.devices[device].usable;
}

bool has_speeds(const PageFigures& page) {
  return std::ranges::any_of(page.choices, [](const PageFigures::Choice& choice) {
    return std::ranges::any_of(choice.on, [](const auto& judgement) { return judgement.decode.has_value(); });
  });
}

std::string refusal_of(const OverviewReport& report) {
  return fmt::format("{} does not run it there", report.settings.runtime);
}

std::string quick_answers(const OverviewReport& report) {
  std::string out;
  const auto& devices = report.page->devices;
  for (const std::string_view id : quick_ids) {
    const auto found = std::ranges::find(devices, id, &PageFigures::Device::id);
    if (found != devices.end())
      out += quick_answer(report, static_cast<std::size_t>(found - devices.begin()));
  }
  return "<ul class=\"quick\" aria-label=\"On well-known devices\">\n" + out + "</ul>\n";
}

std::string devices_section(const OverviewReport& report, const Links& links, const Figures& figures) {
  const std::string more = report.page->more_devices == 0
                               ? ""
                               : fmt::format(" {} less common ones of the catalog are left out.",
                                             grouped(report.page->more_devices));
  return fmt::format(
      "<section aria-labelledby=\"devices\">\n<h2 id=\"devices\">What runs it</h2>\n"
      "<p class=\"lead\">In <b data-show=\"name\">{0}</b> at {1} tokens. Bars show how much of the usable "
      "memory is "
      "needed; the context is the longest that fits, in tokens.{4}{2}</p>\n"
      "<div class=\"tools needs-js\"><label class=\"vh\" for=\"find\">Find a GPU or system</label>"
      "<input id=\"find\" type=\"search\" placeholder=\"Find your GPU or Mac\" autocomplete=\"off\">"
      "<span id=\"found\" class=\"muted\" role=\"status\"></span></div>\n<div "
      "class=\"two\">\n{3}</div>\n</section>\n",
      escaped(chosen_of(report).quantization), grouped(asked_context(report.settings)), more,
      Table(report, links, figures, false).markup() + Table(report, links, figures, true).markup(),
      has_speeds(*report.page) ? " Tokens per second are estimated for one sequence." : "");
}

}  // namespace vramcalc::render::html
