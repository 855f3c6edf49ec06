#include "render/table.hpp"

namespace vramcalc::render {
namespace {

struct View {
  const Style& style;
  std::string operator()(const OverviewReport& report) const { return overview(report, style); }
  std::string operator()(const CheckReport& report) const { return check(report, style); }
  std::string operator()(const ErrorReport& report) const { return error_line(report); }
  template <typename Listing>
  std::string operator()(const Listing& rows) const {
    return rows.rows.empty() ? "nothing found\n" : listing(rows, style);
  }
};

}  // namespace

std::string table(const Report& report, const Style& style) { return std::visit(View{style}, report); }

std::string error_line(const ErrorReport& error) { return "vramcalc: " + error.message + '\n'; }

}  // namespace vramcalc::render
