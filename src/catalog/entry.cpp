#include "catalog/entry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "model/letters.hpp"

namespace vramcalc::catalog {
namespace {

bool may_stand_in_id(char c) {
  return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '.' || c == '+';
}

// 'd' is any digit.
bool looks_like(std::string_view text, std::string_view pattern) {
  return std::ranges::equal(text, pattern, [](char c, char p) { return p == 'd' ? is_digit(c) : c == p; });
}

}  // namespace

std::string entry_name(const nlohmann::json& entry, std::string_view list, std::size_t place) {
  if (entry.is_object()) {
    const auto id = entry.find("id");
    if (id != entry.end() && id->is_string()) return id->get<std::string>();
  }
  return fmt::format("{}[{}]", list, place);
}

std::string entry_id(Fields& fields) {
  std::string id = fields.text("id");
  if (id.empty()) fields.fail("id", "is empty");
  if (!std::ranges::all_of(id, may_stand_in_id))
    fields.fail("id", "may hold only a-z, 0-9, '-', '.' and '+'");
  return id;
}

std::string date(Fields& fields, std::string_view key) {
  std::string text = fields.optional_text(key).value_or("");
  if (!text.empty() && !looks_like(text, "dddd") && !looks_like(text, "dddd-dd") &&
      !looks_like(text, "dddd-dd-dd"))
    fields.fail(key, fmt::format("\"{}\" is not a date; write YYYY, YYYY-MM or YYYY-MM-DD", text));
  return text;
}

double positive_or_zero(Fields& fields, std::string_view key) {
  const std::optional<double> value = fields.optional_real(key);
  if (value && *value <= 0) fields.fail(key, "must be above 0; leave it out if it is unknown");
  return value.value_or(0);
}

std::vector<std::string> aliases(Fields& fields) {
  std::vector<std::string> names = fields.texts_or_none("aliases");
  for (const std::string& name : names)
    if (name.empty() || name.find('\n') != name.npos)
      fields.fail("aliases", "a name is empty or has a line break");
  return names;
}

std::string notes(Fields& fields) {
  std::string text = fields.optional_text("notes").value_or("");
  const std::vector<std::string> unverified = fields.texts_or_none("unverified");
  for (const std::string& key : unverified)
    if (key != "*" && !fields.has(key))
      fields.fail("unverified", fmt::format("\"{}\" is not a key of this entry", key));
  if (unverified.empty()) return text;
  if (!text.empty()) text += text.ends_with('.') ? " " : "; ";
  return text + (unverified.front() == "*" ? "not verified"
                                           : fmt::format("not verified: {}", fmt::join(unverified, ", ")));
}

}  // namespace vramcalc::catalog
