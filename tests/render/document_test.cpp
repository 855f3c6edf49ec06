#include "render/document.hpp"

#include <algorithm>
#include <set>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

#include "catch.hpp"
#include "render/outline.hpp"
#include "render/sample.hpp"

using namespace vramcalc;

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Words with a digit in them, without the signs around them.
std::multiset<std::string> figures_of(const std::string& text) {
  std::multiset<std::string> figures;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    while (!word.empty() && word.back() == ':') word.pop_back();
    if (std::ranges::any_of(word, is_digit)) figures.insert(word);
  }
  return figures;
}

// Wide enough that nothing is abbreviated, dropped or cut.
render::Style wide(bool all) {
  render::Style style;
  style.columns = 1000;
  style.all = all;
  return style;
}

}  // namespace

TEST_CASE("there is a sample of every kind of report") {
  std::set<std::size_t> kinds;
  for (const Report& report : sample::one_of_each_kind()) kinds.insert(report.index());
  CHECK(kinds.size() == std::variant_size_v<Report>);
}

TEST_CASE("a document and its table have the same figures, equally often") {
  for (const Report& report : sample::one_of_each_kind()) {
    for (const bool all : {false, true}) {
      CAPTURE(report.index(), all);
      const std::string text = outline(render::document(report, {render::Units::GB, all}));
      CHECK(figures_of(text) == figures_of(render::table(report, wide(all))));
    }
  }
}

TEST_CASE("a format walks titles, grids and texts without access to reports") {
  CHECK(outline(render::document(sample::recommend(), {})) ==
        "1 model fits 2x NVIDIA GeForce RTX 4090 with 4,096 tokens or more, 171 do not:\n"
        "| model | parameters | active | quant | needs GB | context | tokens/s | released |\n"
        "| qwen3-coder-30b-a3b | 30.5B | 3.3B | Q8_0 | 33.3 | 262,144 | 66..221 | 2025-07-31 |\n"
        "with room for 32K tokens first, then the newest half-year, then the largest of each family · "
        "quant: the largest that fits entirely "
        "on the GPU · "
        "context: the longest that fits with it · tokens/s: for one sequence at 4,096 tokens\n");
  CHECK(outline(render::document(sample::error(), {})) ==
        "    vramcalc: unknown model \"deepsek-r1\"; did you mean deepseek-r1?\n");
}

TEST_CASE("units and the choice of rows are the document's, not the format's") {
  const auto text_in = [](render::Content content) {
    return outline(render::document(sample::deepseek(), content));
  };
  const auto has = [](const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
  };
  CHECK(has(text_in({render::Units::GB, false}), "Q4_K_M needs 404.9 GB"));
  CHECK(has(text_in({render::Units::GiB, false}), "Q4_K_M needs 377.1 GiB"));
  CHECK_FALSE(has(text_in({render::Units::GB, false}), "| IQ1_S |"));
  CHECK(has(text_in({render::Units::GB, true}), "| IQ1_S |"));
}

TEST_CASE("a document is printable, whatever the report contains") {
  CheckReport report = sample::check();
  report.summary.model.name = "a\033[2Jb\nc";
  report.machine.name = report.places[0].name = report.suggestions[0] = "\033]0;title\a";
  const std::string text = outline(render::document(report, {}));
  CHECK(std::ranges::count(text, '\033') == 0);
  CHECK(text.starts_with("no: a\\x1b[2Jb\\x0ac Q4_K_M at 163,840 tokens on \\x1b]0;title\\x07\n"));
}
