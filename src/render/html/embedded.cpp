#include <fmt/format.h>

#include <algorithm>

#include "render/document/words.hpp"
#include "render/html/model.hpp"

// What a page shows when another quantization is chosen, as compact JSON inside of it. All figures are texts,
// as they are shown; numbers are for lengths.
namespace vramcalc::render::html {
namespace {

// A text in JSON that cannot end the script around it.
std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '<')
      out += "\\u003c";
    else if (static_cast<unsigned char>(c) >= 0x20)
      out += c;
  }
  return out + '"';
}

template <class Rows, class Text>
std::string list_of(const Rows& rows, const Text& text) {
  std::string out = "[";
  for (const auto& row : rows) {
    if (out.size() > 1) out += ',';
    out += text(row);
  }
  return out + ']';
}

std::string shares_of(const Estimate& estimate, const std::vector<TermKind>& terms) {
  const double total = static_cast<double>(std::max<std::uint64_t>(estimate.gpu_total().best.count(), 1));
  return list_of(terms, [&](TermKind kind) {
    return fmt::format("{:.2f}", 100 * static_cast<double>(estimate.gpu_term(kind).best.count()) / total);
  });
}

std::string verdicts_of(const PageFigures::Choice& choice) {
  std::string out;
  for (const PageFigures::Judgement& each : choice.on)
    out += static_cast<char>('0' + static_cast<int>(each.verdict));
  return out;
}

std::string choice_text(const PageFigures::Choice& choice, const MemoryCurves::Curve& curve,
                        const std::vector<TermKind>& terms, bool with_speeds, const Figures& figures) {
  const Estimate& full = choice.full_context ? *choice.full_context : choice.estimate;
  const auto term = [&](TermKind kind) {
    return fmt::format("[{},{}]", json_string(figures.range(choice.estimate.gpu_term(kind))),
                       json_string(figures.range(full.gpu_term(kind))));
  };
  const auto context = [](const PageFigures::Judgement& each) {
    return each.max_context ? fmt::format("{}", *each.max_context) : std::string("0");
  };
  const auto speed = [](const PageFigures::Judgement& each) {
    return each.decode ? json_string(speed_text(each.decode->tokens_per_second)) : std::string("0");
  };
  const auto needed = [](const Amount& amount) { return fmt::format("{}", amount.best.count()); };
  return fmt::format(
      "{{\"name\":{},\"need\":{},\"full\":{},\"recommended\":{},\"bytes\":{},\"terms\":{},\"shares\":{},"
      "\"verdicts\":\"{}\","
      "\"contexts\":{},\"curve\":{}{}}}\n",
      json_string(choice.quantization), json_string(figures(choice.estimate.gpu_total().best)),
      json_string(figures(full.gpu_total().best)),
      json_string(figures.rounded(choice.estimate.recommended())), choice.estimate.gpu_total().best.count(),
      list_of(terms, term), shares_of(choice.estimate, terms), verdicts_of(choice),
      list_of(choice.on, context), list_of(curve.needed, needed),
      with_speeds ? ",\"speeds\":" + list_of(choice.on, speed) : "");
}

}  // namespace

std::string embedded_figures(const OverviewReport& report, const Figures& figures) {
  const std::vector<TermKind> terms = terms_of(report);
  std::string verdicts, choices;
  for (std::size_t i = 0; i < verdict_count; ++i) {
    const VerdictWords& words = words_for(static_cast<Verdict>(i));
    verdicts += fmt::format("{}{{\"id\":\"{}\",\"title\":\"{}\",\"meaning\":\"{}\"}}", i == 0 ? "" : ",",
                            words.id, words.title, words.meaning);
  }
  for (std::size_t i = 0; i < report.page->choices.size(); ++i)
    choices += (i == 0 ? "" : ",") + choice_text(report.page->choices[i], report.curves->curves[i], terms,
                                                 has_speeds(*report.page), figures);
  return fmt::format(
      "<script type=\"application/json\" "
      "id=\"figures\">{{\"refusal\":{},\"verdicts\":[{}],\"choices\":[{}]}}</script>\n",
      json_string(refusal_of(report)), verdicts, choices);
}

}  // namespace vramcalc::render::html
