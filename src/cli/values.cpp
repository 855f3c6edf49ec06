#include "cli/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "model/letters.hpp"
#include "model/whole_number.hpp"
#include "vramcalc/bytes.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::cli {
namespace {

constexpr std::array quantizers = {QuantizerRelease::v0_5_0, QuantizerRelease::before_fused_qkv_rules};

std::string listed(const std::vector<std::string_view>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

std::uint64_t thousands(char suffix) {
  return lower(suffix) == 'k' ? 1024 : lower(suffix) == 'm' ? 1024 * 1024 : 1;
}

}  // namespace

void refuse_value(std::string_view flag, std::string_view value, std::string_view expected) {
  throw Error(ErrorCode::bad_value,
              fmt::format("invalid value for {}: \"{}\"; expected {}", flag, value, expected));
}

std::optional<std::uint64_t> parse_context(std::string_view flag, const std::string& value) {
  constexpr std::string_view usage =
      "a number of tokens such as 8192, 32K or 1M, or max for the full context of the model";
  if (same_letters(value, "max")) return std::nullopt;
  std::string_view digits = value;
  const std::uint64_t factor = digits.empty() ? 1 : thousands(digits.back());
  if (factor > 1) digits.remove_suffix(1);
  const auto number = whole_number<std::uint64_t>(digits);
  if (!number || *number == 0 || *number > UINT64_MAX / factor) refuse_value(flag, value, usage);
  return *number * factor;
}

std::uint32_t parse_count(std::string_view flag, const std::string& value) {
  const auto number = whole_number<std::uint32_t>(value);
  if (!number || *number == 0) refuse_value(flag, value, "a whole number from 1");
  return *number;
}

std::size_t parse_word(std::string_view flag, const std::string& value,
                       const std::vector<std::string_view>& words) {
  const auto found = std::find_if(words.begin(), words.end(),
                                  [&](std::string_view word) { return same_letters(word, value); });
  if (found == words.end()) refuse_value(flag, value, listed(words));
  return static_cast<std::size_t>(found - words.begin());
}

std::uint32_t parse_index(std::string_view flag, const std::string& value) {
  const auto number = whole_number<std::uint32_t>(value);
  if (!number) refuse_value(flag, value, "a whole number from 0");
  return *number;
}

Bytes parse_size(std::string_view flag, const std::string& value) {
  const auto size = bytes_from_text(value);
  if (!size) refuse_value(flag, value, "a size with its unit, such as 128GiB or 64GB");
  return *size;
}

std::vector<std::string_view> orders() { return {"speed", "size", "recent"}; }

RecommendOrder parse_order(std::string_view flag, const std::string& value) {
  constexpr std::array meant{RecommendOrder::speed, RecommendOrder::size, RecommendOrder::recent};
  return meant[parse_word(flag, value, orders())];
}

std::vector<std::string_view> quantizer_releases() {
  return {to_string(quantizers[0]), to_string(quantizers[1])};
}

QuantizerRelease parse_quantizer(std::string_view flag, const std::string& value) {
  return quantizers[parse_word(flag, value, quantizer_releases())];
}

double parse_headroom(std::string_view flag, const std::string& value) {
  const std::string_view digits = std::string_view(value).substr(0, value.find('%'));
  const auto percent = whole_number<std::uint32_t>(digits);
  if (!percent || *percent >= 100 || value.size() > digits.size() + 1)
    refuse_value(flag, value, "a percentage from 0 to 99, such as 10%");
  return *percent / 100.0;
}

std::vector<std::string_view> backend_names() {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < backend_count; ++i)
    if (static_cast<Backend>(i) != Backend::other) names.push_back(to_string(static_cast<Backend>(i)));
  return names;
}

Backend parse_backend(std::string_view, const std::string& value) { return backend_named(value); }

bool parse_switch(std::string_view flag, const std::string& value) {
  return parse_word(flag, value, {"on", "off"}) == 0;
}

render::Units parse_units(std::string_view flag, const std::string& value) {
  constexpr std::array units = {render::Units::GB, render::Units::GiB, render::Units::MiB};
  return units[parse_word(flag, value, {"GB", "GiB", "MiB"})];
}

}  // namespace vramcalc::cli
