#include "source/gguf_metadata.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "model/printable.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::source {
namespace {

std::optional<std::uint32_t> as_number(const GgufValue& value) {
  if (const auto* positive = std::get_if<std::uint64_t>(&value); positive && *positive <= UINT32_MAX)
    return static_cast<std::uint32_t>(*positive);
  if (const auto* either = std::get_if<std::int64_t>(&value);
      either && *either >= 0 && *either <= INT64_C(0xffffffff))
    return static_cast<std::uint32_t>(*either);
  return std::nullopt;
}

struct Description {
  std::string operator()(std::uint64_t value) const { return std::to_string(value); }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(double value) const { return fmt::format("{}", value); }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(const std::string& value) const { return in_quotes(value); }
  std::string operator()(const GgufLongText& value) const {
    return fmt::format("a text of {} bytes", value.bytes);
  }
  std::string operator()(const GgufArray& value) const { return fmt::format("a list of {}", value.count); }
};

std::string describe(const GgufValue& value) { return std::visit(Description{}, value); }

}  // namespace

void GgufMetadata::fail(std::string_view key, std::string_view what) const {
  throw Error(ErrorCode::bad_file, fmt::format("{}: key {}: {}", file_, printable(key, 80), what));
}

const GgufValue* GgufMetadata::find(std::string_view key) const {
  const auto found = values_.find(key);
  return found == values_.end() ? nullptr : &found->second;
}

std::optional<std::uint32_t> GgufMetadata::number(std::string_view key) const {
  const GgufValue* value = find(key);
  if (value == nullptr) return std::nullopt;
  const std::optional<std::uint32_t> result = as_number(*value);
  if (!result) fail(key, fmt::format("a whole number below 2^32 was expected, not {}", describe(*value)));
  return result;
}

std::optional<double> GgufMetadata::real(std::string_view key) const {
  const GgufValue* value = find(key);
  if (value == nullptr) return std::nullopt;
  const auto* real = std::get_if<double>(value);
  if (real == nullptr || !std::isfinite(*real))
    fail(key, fmt::format("a number was expected, not {}", describe(*value)));
  return *real;
}

std::optional<bool> GgufMetadata::flag(std::string_view key) const {
  const GgufValue* value = find(key);
  if (value == nullptr) return std::nullopt;
  const auto* flag = std::get_if<bool>(value);
  if (flag == nullptr) fail(key, fmt::format("true or false was expected, not {}", describe(*value)));
  return *flag;
}

std::optional<std::string> GgufMetadata::text(std::string_view key) const {
  const GgufValue* value = find(key);
  if (value == nullptr) return std::nullopt;
  const auto* text = std::get_if<std::string>(value);
  if (text == nullptr) fail(key, fmt::format("a short text was expected, not {}", describe(*value)));
  return *text;
}

const GgufArray* GgufMetadata::array(std::string_view key) const {
  const GgufValue* value = find(key);
  return value == nullptr ? nullptr : std::get_if<GgufArray>(value);
}

std::optional<std::uint32_t> GgufMetadata::number_at(std::string_view key, std::size_t layer) const {
  const GgufArray* list = array(key);
  if (list == nullptr) return number(key);
  if (layer >= list->numbers.size())
    fail(key, list->numbers.empty()
                  ? std::string("a list of whole numbers was expected, one per layer")
                  : fmt::format("a list of {} has no value for layer {}", list->count, layer));
  const std::optional<std::uint32_t> result = as_number(GgufValue(list->numbers[layer]));
  if (!result)
    fail(key, fmt::format("{} for layer {} is not a whole number below 2^32", list->numbers[layer], layer));
  return result;
}

void GgufMetadata::require_numbers(std::string_view key) const {
  const GgufArray* list = array(key);
  const std::size_t count = list == nullptr ? 1 : std::max<std::size_t>(list->numbers.size(), 1);
  for (std::size_t i = 0; i < count; ++i) number_at(key, i);
}

std::uint32_t GgufMetadata::required_number(std::string_view key) const {
  const std::optional<std::uint32_t> value = number(key);
  if (!value) fail(key, "missing");
  return *value;
}

std::string GgufMetadata::required_text(std::string_view key) const {
  const std::optional<std::string> value = text(key);
  if (!value) fail(key, "missing");
  return *value;
}

}  // namespace vramcalc::source
