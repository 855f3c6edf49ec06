#pragma once

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "render/html/markup.hpp"
#include "render/numbers.hpp"

// The page of a model, and its parts. All of them need the report's curves and page figures.
namespace vramcalc::render::html {

// Where a page lies.
struct Links {
  bool in_site = false;      // with pages of other models, families and devices
  std::string root = "../";  // from the page to the folder of the site
  const std::set<std::string, std::less<>>* without_page = nullptr;  // ids of models

  std::string model(std::string_view id, std::string_view text) const;
  std::string device(std::string_view id, std::string_view text) const;
  std::string family(std::string_view name, std::string_view text) const;
};
std::string navigation(const Links& links);
// A name as a file's: "llama-3-1".
std::string slug(std::string_view name);

std::string model_page(const OverviewReport& report, const Style& style, const Links& links);

// ---- its parts

// A verdict in the words of a page.
struct VerdictWords {
  std::string_view id, title, meaning;
};
const VerdictWords& words_for(Verdict verdict);

const PageFigures::Choice& chosen_of(const OverviewReport& report);
Figures figures_of(const OverviewReport& report, Units units);
// In the order of a page; only those that some choice has.
std::vector<TermKind> terms_of(const OverviewReport& report);

// Whether the runtime does not run it there although there is memory enough, and how to say so.
bool is_refused(const PageFigures::Choice& choice, std::size_t device, const PageFigures& page);
std::string refusal_of(const OverviewReport& report);
// Whether some speed is known.
bool has_speeds(const PageFigures& page);

std::string quick_answers(const OverviewReport& report);
std::string devices_section(const OverviewReport& report, const Links& links, const Figures& figures);
std::string chart_section(const OverviewReport& report, const Figures& figures);
std::string embedded_figures(const OverviewReport& report, const Figures& figures);

// Questions and answers in sentences.
struct Answered {
  std::string question, answer;
};
std::vector<Answered> questions(const OverviewReport& report, const Figures& figures);

}  // namespace vramcalc::render::html
