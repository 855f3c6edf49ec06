#include "catalog/fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "model/printable.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::catalog {

using nlohmann::json;

std::string shown(const json& value) {
  constexpr std::size_t longest = 60;
  if (value.is_structured() && value.size() > 16)
    return fmt::format("{} of {} values", value.type_name(), value.size());
  const std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
  return text.size() <= longest ? text : fmt::format("{}...", text.substr(0, longest));
}

Fields::Fields(const json& object, std::string file, std::string entry)
    : object_(object), file_(std::move(file)), entry_(std::move(entry)) {
  if (!object.is_object())
    throw Error(ErrorCode::bad_file,
                fmt::format("{}: {}: an object was expected, not {}", file_, entry_, object.type_name()));
}

void Fields::fail(std::string_view key, const std::string& what) const {
  throw Error(ErrorCode::bad_file, fmt::format("{}: {}: {}: {}", file_, entry_, key, what));
}

bool Fields::has(std::string_view key) const {
  const auto found = object_.find(key);
  return found != object_.end() && !found->is_null();
}

const json* Fields::find(std::string_view key) {
  const auto found = object_.find(key);
  if (found == object_.end()) return nullptr;
  asked_.push_back(&*found);
  return found->is_null() ? nullptr : &*found;
}

const json& Fields::require(std::string_view key) {
  const json* value = find(key);
  if (value == nullptr) fail(key, "missing");
  return *value;
}

std::string Fields::text(std::string_view key) {
  const json& value = require(key);
  if (!value.is_string()) fail(key, fmt::format("a string was expected, not {}", shown(value)));
  return value.get<std::string>();
}

std::uint64_t Fields::number(std::string_view key) {
  const json& value = require(key);
  if (!value.is_number_unsigned())
    fail(key, fmt::format("a whole number ≥ 0 was expected, not {}", shown(value)));
  return value.get<std::uint64_t>();
}

std::uint32_t Fields::number32(std::string_view key) {
  const std::uint64_t value = number(key);
  if (value > std::numeric_limits<std::uint32_t>::max()) fail(key, fmt::format("{} is too large", value));
  return static_cast<std::uint32_t>(value);
}

double Fields::real(std::string_view key) {
  const json& value = require(key);
  if (!value.is_number()) fail(key, fmt::format("a number was expected, not {}", shown(value)));
  return value.get<double>();
}

bool Fields::flag(std::string_view key) {
  const json& value = require(key);
  if (!value.is_boolean()) fail(key, fmt::format("true or false was expected, not {}", shown(value)));
  return value.get<bool>();
}

std::vector<std::string> Fields::texts(std::string_view key) {
  const json& value = require(key);
  if (!value.is_array()) fail(key, fmt::format("a list of strings was expected, not {}", shown(value)));
  std::vector<std::string> result;
  for (const json& item : value) {
    if (!item.is_string()) fail(key, fmt::format("a list of strings was expected, not {}", shown(value)));
    result.push_back(item.get<std::string>());
  }
  return result;
}

const json& Fields::raw(std::string_view key) { return require(key); }
const json* Fields::optional_raw(std::string_view key) { return find(key); }

std::optional<std::string> Fields::optional_text(std::string_view key) {
  return find(key) == nullptr ? std::nullopt : std::optional(text(key));
}
std::optional<std::uint64_t> Fields::optional_number(std::string_view key) {
  return find(key) == nullptr ? std::nullopt : std::optional(number(key));
}
std::optional<std::uint32_t> Fields::optional_number32(std::string_view key) {
  return find(key) == nullptr ? std::nullopt : std::optional(number32(key));
}
std::optional<double> Fields::optional_real(std::string_view key) {
  return find(key) == nullptr ? std::nullopt : std::optional(real(key));
}
bool Fields::flag_or(std::string_view key, bool otherwise) {
  return find(key) == nullptr ? otherwise : flag(key);
}
std::uint32_t Fields::number32_or(std::string_view key, std::uint32_t otherwise) {
  return find(key) == nullptr ? otherwise : number32(key);
}
std::vector<std::string> Fields::texts_or_none(std::string_view key) {
  return find(key) == nullptr ? std::vector<std::string>{} : texts(key);
}

std::size_t Fields::word(std::string_view key, std::initializer_list<std::string_view> words) {
  const std::string value = text(key);
  std::size_t index = 0;
  for (std::string_view each : words) {
    if (each == value) return index;
    ++index;
  }
  fail(key, fmt::format("\"{}\" is not one of {}", value, fmt::join(words, ", ")));
}

std::vector<std::string> Fields::unused() const {
  const std::unordered_set<const json*> asked(asked_.begin(), asked_.end());
  std::vector<std::string> keys;
  for (const auto& [key, value] : object_.items())
    if (!asked.contains(&value)) keys.push_back(key);
  return keys;
}

void Fields::finish() const {
  if (const std::vector<std::string> keys = unused(); !keys.empty()) fail(keys.front(), "unknown key");
}

}  // namespace vramcalc::catalog
