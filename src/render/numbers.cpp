#include "render/numbers.hpp"

#include <fmt/format.h>

#include <array>
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

constexpr std::array<std::uint64_t, 4> power_of_ten = {1, 10, 100, 1000};

// A number in units and thousandths, hundredths … of one, rounded.
struct Decimal {
  std::uint64_t whole = 0, part = 0;
  std::size_t decimals = 0;
};

// A half between two steps of 1 / scale is rounded to the side of the nearest double, or else to even, as by
// printf. JavaScript's toFixed differs only in the last case.
bool half_goes_up(std::uint64_t number, std::uint64_t unit, std::uint64_t step, std::uint64_t scale) {
  const double nearest = static_cast<double>(number) / static_cast<double>(unit);
  const double above =
      std::fma(nearest, 2.0 * static_cast<double>(scale), -static_cast<double>(2 * step + 1));
  return above > 0 || (above == 0 && step % 2 == 1);
}

Decimal in_units(std::uint64_t number, std::uint64_t unit, int decimals) {
  Decimal result{number / unit, 0, static_cast<std::size_t>(decimals)};
  const std::uint64_t scale = power_of_ten.at(result.decimals), rest = number % unit * scale;
  const std::uint64_t left = rest % unit, step = result.whole * scale + rest / unit;
  result.part = rest / unit;
  if (left > unit - left || (left == unit - left && half_goes_up(number, unit, step, scale))) ++result.part;
  if (result.part < scale) return result;
  return {result.whole + 1, 0, result.decimals};
}

std::string text_of(const Decimal& number) {
  std::string text = grouped(number.whole);
  if (number.decimals == 0) return text;
  text += '.';
  for (std::size_t digit = number.decimals; digit-- > 0;)
    text += static_cast<char>('0' + number.part / power_of_ten[digit] % 10);
  return text;
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
  return text_of(in_units(bytes.count(), bytes_of(units), decimals));
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
  if (parameters < 999'950'000) return text_of(in_units(parameters, 1'000'000, 1)) + "M";
  return text_of(in_units(parameters, 1'000'000'000, 1)) + "B";
}

std::string decimal(double value, int decimals) { return fmt::format("{:.{}f}", value, decimals); }

std::string or_dash(const std::optional<std::uint64_t>& number) { return number ? grouped(*number) : "-"; }

Bytes Figures::shown(Bytes bytes) const {
  const std::uint64_t unit = bytes_of(units);
  const Decimal read = in_units(round_to_nearest(bytes, rounds_to).count(), unit, decimals);
  const std::uint64_t scale = power_of_ten[read.decimals];
  return Bytes(checked_multiply(read.whole, unit)) + Bytes((read.part * unit + scale / 2) / scale);
}

std::string Figures::interval(const Amount& amount) const {
  const std::string low = (*this)(amount.low), high = (*this)(amount.high);
  return low == high ? "" : low + ".." + high;
}

std::string Figures::range(const Amount& amount) const {
  std::string text = interval(amount);
  return text.empty() ? (*this)(amount.best) : text;
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
