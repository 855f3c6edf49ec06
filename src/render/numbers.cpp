#include "render/numbers.hpp"

#include <fmt/format.h>

#include <cmath>

namespace vramcalc::render {
namespace {

std::uint64_t bytes_of(Units units) {
  switch (units) {
    case Units::GB: return GB;
    case Units::GiB: return GiB;
    case Units::MiB: return MiB;
  }
  return GB;
}

std::string with_separators(std::string digits) {
  const std::size_t point = std::min(digits.find('.'), digits.size());
  for (std::size_t at = point; at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

// Halves go to the even side.
Bytes round_to_nearest(Bytes bytes, std::uint64_t step) {
  const std::uint64_t whole = bytes.count() / step, rest = bytes.count() % step;
  const bool up = rest > step - rest || (rest == step - rest && whole % 2 == 1);
  return Bytes(checked_multiply(whole + (up ? 1 : 0), step));
}

}  // namespace

std::string_view unit_name(Units units) {
  switch (units) {
    case Units::GB: return "GB";
    case Units::GiB: return "GiB";
    case Units::MiB: return "MiB";
  }
  return "GB";
}

std::string bytes_text(Bytes bytes, Units units, int decimals) {
  return with_separators(
      decimal(static_cast<double>(bytes.count()) / static_cast<double>(bytes_of(units)), decimals));
}

int decimals_for(Bytes typical, Units units) {
  if (units == Units::MiB) return 0;
  return typical.count() < 10 * bytes_of(units) ? 2 : 1;
}

std::string context_label(std::uint64_t tokens) {
  if (tokens < 1000) return fmt::format("{}", tokens);
  if (tokens < 1'000'000) return fmt::format("{}K", (tokens + 500) / 1000);
  const std::uint64_t tenths = (tokens + 50'000) / 100'000;
  return tenths % 10 == 0 ? fmt::format("{}M", tenths / 10) : fmt::format("{}.{}M", tenths / 10, tenths % 10);
}

std::string parameters_text(std::uint64_t parameters) {
  const double count = static_cast<double>(parameters);
  if (count < 999.95e6) return decimal(count / 1e6, 1) + "M";
  return with_separators(decimal(count / 1e9, 1)) + "B";
}

std::string decimal(double value, int decimals) { return fmt::format("{:.{}f}", value, decimals); }

std::string or_dash(const std::optional<std::uint64_t>& number) { return number ? grouped(*number) : "-"; }

// By way of the text itself, so that the two cannot disagree on a half.
Bytes Figures::shown(Bytes bytes) const {
  const double unit = static_cast<double>(bytes_of(units));
  const Bytes rounded = round_to_nearest(bytes, rounds_to);
  const double read = std::stod(decimal(static_cast<double>(rounded.count()) / unit, decimals));
  return Bytes(static_cast<std::uint64_t>(std::llround(read * unit)));
}

std::string Figures::range(const Amount& amount) const {
  const std::string low = (*this)(amount.low), high = (*this)(amount.high);
  return low == high ? (*this)(amount.best) : low + ".." + high;
}

std::string Figures::with_unit(Bytes bytes) const {
  return fmt::format("{} {}", (*this)(bytes), unit_name(units));
}

std::string Figures::file_size(Bytes bytes) const {
  return bytes_text(bytes, units, units == Units::MiB ? 0 : 2);
}

std::string Figures::rounded(Bytes bytes) const {
  return bytes_text(bytes, units, units == Units::GiB ? 1 : 0);
}

}  // namespace vramcalc::render
