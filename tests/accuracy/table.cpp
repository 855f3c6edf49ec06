#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "accuracy/accuracy.hpp"

namespace vramcalc::accuracy {
namespace {

double relative_error(const Pair& pair) {
  const double estimated = static_cast<double>(pair.estimated), measured = static_cast<double>(pair.measured);
  if (pair.estimated == pair.measured) return 0;
  return std::abs(estimated - measured) / std::max(1.0, static_cast<double>(pair.whole));
}

std::string share(std::size_t part, std::size_t all) {
  // Rounded down, so that 100 % means all cases.
  return fmt::format("{:.1f} %",
                     std::floor(1000.0 * static_cast<double>(part) / static_cast<double>(all)) / 10);
}

std::string inside_share(const Quantity& quantity) {
  const auto inside = std::count_if(quantity.cases.begin(), quantity.cases.end(), [](const Pair& pair) {
    return pair.low <= pair.measured && pair.measured <= pair.high;
  });
  return share(static_cast<std::size_t>(inside), quantity.cases.size());
}

double mean_width(const Quantity& quantity) {
  double sum = 0;
  for (const Pair& pair : quantity.cases)
    sum += static_cast<double>(pair.high - pair.low) / std::max(1.0, static_cast<double>(pair.whole));
  return sum / static_cast<double>(quantity.cases.size());
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

std::string percent(double value) { return value == 0 ? "0" : fmt::format("{:.3f} %", 100 * value); }

std::string exact_share(const std::vector<double>& sorted) {
  return share(static_cast<std::size_t>(std::count(sorted.begin(), sorted.end(), 0.0)), sorted.size());
}

}  // namespace

std::string table_of(const std::vector<Quantity>& quantities) {
  std::string table =
      "| quantity | cases | exact | median error | 95th percentile | worst | inside | width |\n"
      "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n";
  for (const Quantity& quantity : quantities) {
    const std::vector<double> errors = sorted_errors(quantity);
    if (errors.empty()) continue;
    table +=
        fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} |\n", quantity.name, errors.size(),
                    exact_share(errors), percent(percentile(errors, 0.5)), percent(percentile(errors, 0.95)),
                    percent(errors.back()), inside_share(quantity), percent(mean_width(quantity)));
  }
  return table;
}

}  // namespace vramcalc::accuracy
