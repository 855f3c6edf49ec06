#include "deployment/formats/engine_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "deployment/formats/pod_spec.hpp"
#include "model/letters.hpp"

namespace vramcalc::deployment {
namespace {

constexpr int deepest = 32;  // of a value that becomes JSON

bool is_switch(const Yaml& value, bool on) {
  return value.is_scalar() && !value.quoted && same_letters(value.text, on ? "true" : "false");
}

std::string json_string(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      result += {'\\', c};
    else if (static_cast<unsigned char>(c) < 0x20)
      result += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else
      result += c;
  }
  return result + '"';
}

bool is_number(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return !text.empty() && error == std::errc() && end == text.data() + text.size() && text.front() != 'i' &&
         text.front() != 'n';
}

std::string json_of_scalar(const Yaml& value) {
  if (is_switch(value, true)) return "true";
  if (is_switch(value, false)) return "false";
  return !value.quoted && is_number(value.text) ? value.text : json_string(value.text);
}

std::string json_of(const Yaml& value, int depth) {
  if (depth > deepest || value.kind == Yaml::Kind::null) return "null";
  if (value.is_scalar()) return json_of_scalar(value);
  std::string result;
  for (const Yaml& item : value.items) result += (result.empty() ? "" : ", ") + json_of(item, depth + 1);
  for (const auto& [key, member] : value.members)
    result += (result.empty() ? "" : ", ") + json_string(key) + ": " + json_of(member, depth + 1);
  return value.is_list() ? "[" + result + "]" : "{" + result + "}";
}

void append_flag(std::string_view flag, const Yaml& value, const Documents& documents,
                 std::vector<Word>& words) {
  if (value.kind == Yaml::Kind::null) return;
  if (is_switch(value, false)) return append(fmt::format("--no-{}", flag.substr(2)), value, documents, words);
  append(flag, value, documents, words);
  if (is_switch(value, true)) return;
  append(value.is_scalar() ? value.text : json_of(value), value, documents, words);
}

}  // namespace

std::string json_of(const Yaml& value) { return json_of(value, 0); }

void append(std::string_view text, const Yaml& at, const Documents& documents, std::vector<Word>& words) {
  words.push_back({std::string(text), position(documents, at), {}});
}

void append_settings(std::span<const Setting> settings, const Yaml& values, const Documents& documents,
                     std::vector<Word>& words) {
  for (const auto& [key, flag] : settings)
    if (const Yaml* value = values.find(key)) append_flag(flag, *value, documents, words);
}

void append_keywords(const Yaml& values, const Documents& documents, std::vector<Word>& words) {
  for (const auto& [key, value] : values.members) {
    std::string flag = "--" + key;
    std::ranges::replace(flag, '_', '-');
    append_flag(flag, value, documents, words);
  }
}

void append_list(const Yaml* list, const Documents& documents, std::vector<Word>& words) {
  if (list == nullptr) return;
  for (const Yaml& value : list->items)
    if (value.is_scalar()) append(value.text, value, documents, words);
}

}  // namespace vramcalc::deployment
