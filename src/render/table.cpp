#include "render/table.hpp"

#include "model/printable.hpp"
#include "render/text.hpp"

namespace vramcalc::render {
namespace {

constexpr int page = 80;
constexpr int endless = 1'000'000;

Style with_columns(Style style, int otherwise) {
  if (style.columns == 0) style.columns = otherwise;
  return style;
}

struct View {
  const Style& style;
  std::string operator()(const OverviewReport& report) const {
    return overview(report, with_columns(style, page));
  }
  std::string operator()(const CheckReport& report) const { return check(report, with_columns(style, page)); }
  std::string operator()(const PlanReport& report) const { return plan(report, with_columns(style, page)); }
  std::string operator()(const RecommendReport& report) const {
    return recommend(report, with_columns(style, page));
  }
  std::string operator()(const CompareReport& report) const {
    return compare(report, with_columns(style, page));
  }
  std::string operator()(const ErrorReport& report) const { return error_line(report); }
  template <typename Listing>
  std::string operator()(const Listing& rows) const {
    return rows.rows.empty() ? "nothing found\n" : listing(rows, with_columns(style, endless));
  }
};

}  // namespace

std::string table(const Report& report, const Style& style) {
  return printed_page(std::visit(View{style}, report), style);
}

std::string error_line(const ErrorReport& error) { return "vramcalc: " + printable(error.message) + '\n'; }

}  // namespace vramcalc::render
