#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "accuracy/accuracy.hpp"

namespace vramcalc::accuracy {
namespace {

double relative_error(const Pair& pair) {
  const double estimated = static_cast<double>(pair.estimated), measured = static_cast<double>(pair.measured);
  if (pair.estimated == pair.measured) return 0;
  return std::abs(estimated - measured) / std::max(1.0, measured);
}

std::vector<double> sorted_errors(const Quantity& quantity) {
  std::vector<double> errors;
  for (const Pair& pair : quantity.cases) errors.push_back(relative_error(pair));
  std::sort(errors.begin(), errors.end());
  return errors;
}

double percentile(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto at = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::max<std::size_t>(at, 1) - 1];
}

std::string percent(double share) { return share == 0 ? "0" : fmt::format("{:.2f} %", 100 * share); }

// Rounded down: only what is wholly exact may say so.
std::string exact_share(const std::vector<double>& sorted) {
  const auto exact = std::count(sorted.begin(), sorted.end(), 0.0);
  return fmt::format(
      "{:.1f} %", std::floor(1000.0 * static_cast<double>(exact) / static_cast<double>(sorted.size())) / 10);
}

}  // namespace

std::string table_of(const std::vector<Quantity>& quantities) {
  std::string table =
      "| quantity | cases | exact | median error | 95th percentile | worst |\n| --- | ---: | ---: | ---: | "
      "---: | ---: |\n";
  for (const Quantity& quantity : quantities) {
    const std::vector<double> errors = sorted_errors(quantity);
    if (errors.empty()) continue;
    table += fmt::format("| {} | {} | {} | {} | {} | {} |\n", quantity.name, errors.size(),
                         exact_share(errors), percent(percentile(errors, 0.5)),
                         percent(percentile(errors, 0.95)), percent(errors.back()));
  }
  return table;
}

}  // namespace vramcalc::accuracy
