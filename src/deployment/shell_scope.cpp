#include "deployment/shell_scope.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace vramcalc::deployment {
namespace {

Hole hole_of(std::string_view name, std::string why) {
  return {.name = std::string(name), .why = std::move(why), .fix = set_option(name)};
}

Text unknown_value(std::string_view name, std::string why) {
  return unknown_text(fmt::format("${{{}}}", name), hole_of(name, std::move(why)));
}

bool begins_with(const std::vector<Piece>& all, const std::vector<Piece>& start) {
  if (start.size() > all.size()) return false;
  for (std::size_t i = 0; i + 1 < start.size(); ++i)
    if (!(all[i] == start[i])) return false;
  if (start.empty()) return true;
  const Piece& last = start.back();
  const Piece& same = all[start.size() - 1];
  return last == same || (!last.hole && !same.hole && same.text.starts_with(last.text));
}

Text merge(const Text& one, const Text& other, std::string_view name, const std::string& why) {
  const bool other_is_start = begins_with(one.pieces, other.pieces);
  if (!other_is_start && !begins_with(other.pieces, one.pieces)) return unknown_value(name, why);
  Text merged = other_is_start ? other : one;
  if (!merged.is_empty()) merged.add(" ");
  merged.add(unknown_value(name, why));
  return merged;
}

ShellValue merge(const ShellValue& one, const ShellValue& other, std::string_view name) {
  const std::string why = "has a value that depends on a condition";
  ShellValue merged{.items = {},
                    .is_array = one.is_array || other.is_array,
                    .is_exported = one.is_exported || other.is_exported};
  if (!merged.is_array) {
    merged.items.push_back(merge(one.items.front(), other.items.front(), name, why));
    return merged;
  }
  const auto parts = std::ranges::mismatch(one.items, other.items);
  merged.items.assign(one.items.begin(), parts.in1);
  if (parts.in1 != one.items.end() || parts.in2 != other.items.end())
    merged.items.push_back(unknown_text(fmt::format("${{{}[@]}}", name), hole_of(name, why)));
  return merged;
}

}  // namespace

const ShellValue* find_value(const Scope& scope, std::string_view name) {
  const auto found = scope.values.find(name);
  return found == scope.values.end() ? nullptr : &found->second;
}

void assign(Scope& scope, const std::string& name, ShellValue value) {
  ShellValue& old = scope.values[name];
  value.is_exported = value.is_exported || old.is_exported;
  for (Text& item : value.items)
    for (Piece& piece : item.pieces)
      if (piece.hole && piece.hole->fix.empty()) piece.hole->fix = set_option(name);
  old = std::move(value);
}

void append(Scope& scope, const std::string& name, ShellValue value) {
  ShellValue& old = scope.values[name];
  if (value.is_array || old.is_array) {
    old.is_array = true;
    std::ranges::move(value.items, std::back_inserter(old.items));
    return;
  }
  if (old.items.empty()) old.items.emplace_back();
  for (const Text& item : value.items) old.items.front().add(item);
}

void forget(Scope& scope, const std::string& name, std::string why) {
  ShellValue& value = scope.values[name];
  value.items = {unknown_value(name, std::move(why))};
  value.is_array = false;
}

void forget_all(Scope& scope, const std::string& file) {
  for (auto& [name, value] : scope.values) forget(scope, name, fmt::format("may be set by {}", file));
  scope.sourced = file;
}

Scope merge(Scope one, const Scope& other) {
  if (one.sourced.empty()) one.sourced = other.sourced;
  for (auto& [name, value] : one.values) {
    const auto found = other.values.find(name);
    if (found == other.values.end())
      forget(one, name, "is set on a condition only");
    else if (!(value == found->second))
      value = merge(value, found->second, name);
  }
  for (const auto& [name, value] : other.values)
    if (!one.values.contains(name)) {
      forget(one, name, "is set on a condition only");
      one.values[name].is_exported = value.is_exported;
    }
  return one;
}

}  // namespace vramcalc::deployment
