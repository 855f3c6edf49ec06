#include <algorithm>
#include <nlohmann/json.hpp>

#include "catalog/json_document.hpp"
#include "deployment/argument_words.hpp"
#include "deployment/flag_spelling.hpp"
#include "deployment/value_grammar.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::deployment {
namespace {

using nlohmann::json;

constexpr std::size_t most_keys = 32;  // of one another

// The values that dotted keys give one flag.
struct Merged {
  std::string flag;
  json value = json::object();
  ArgumentWord first = {};
  std::vector<Hole> holes = {};
};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// "--flag.key" with a name before the dot.
bool is_dotted(const Word& word) {
  const std::string_view text = word.text;
  const std::string_view name = text.substr(0, text.find('='));
  const std::size_t start = name.starts_with("--") ? 2 : 1;
  return name.starts_with('-') && name.size() > start && is_letter(name[start]) &&
         name.find('.') != std::string_view::npos && has_known_name(word);
}

json value_of(std::string_view text) {
  try {
    return catalog::parse_json(text, "");
  } catch (const Error&) {
  }
  const auto number = human_integer(text);
  const json read = number ? json::parse(*number, nullptr, false) : json();
  return read.is_number() ? read : json(text);
}

json list_of(std::string_view text) {
  json items = json::array();
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find(',', start), text.size());
    items.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return items;
}

// Lists grow, objects are merged by the caller, other values are replaced.
void assign(json& place, json value) {
  if (place.is_array() && value.is_array())
    place.insert(place.end(), value.begin(), value.end());
  else if (place.is_object() && value.is_object())
    place.update(value, true);
  else
    place = std::move(value);
}

void set_at(json& root, std::string_view keys, json value) {
  json* place = &root;
  for (std::size_t depth = 0;; ++depth) {
    const std::size_t dot = keys.find('.');
    if (!place->is_object()) *place = json::object();
    place = &(*place)[std::string(keys.substr(0, dot))];
    if (dot == std::string_view::npos || depth == most_keys) break;
    keys.remove_prefix(dot + 1);
  }
  assign(*place, std::move(value));
}

Merged& merged_for(std::vector<Merged>& all, const std::string& flag, const ArgumentWord& first) {
  const auto found = std::ranges::find(all, flag, &Merged::flag);
  if (found != all.end()) return *found;
  Merged merged;
  merged.flag = flag;
  merged.first = first;
  all.push_back(std::move(merged));
  return all.back();
}

void merge(Merged& merged, std::string_view keys, const Word& value) {
  const bool lists = keys.ends_with('+');
  if (lists) keys.remove_suffix(1);
  set_at(merged.value, keys, lists ? list_of(value.text) : value_of(value.text));
  merged.holes.insert(merged.holes.end(), value.holes.begin(), value.holes.end());
}

}  // namespace

std::vector<ArgumentWord> with_merged_keys(const Program& program, std::vector<ArgumentWord> words) {
  if (!program.reads_dotted_keys) return words;
  std::vector<ArgumentWord> rest;
  std::vector<Merged> all;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!is_dotted(words[i].word)) {
      rest.push_back(std::move(words[i]));
      continue;
    }
    const std::string text = with_dashes(program, words[i].word.text);
    const std::size_t equals = text.find('='), dot = text.find('.');
    Word value{"", words[i].word.at};
    if (equals != std::string::npos)
      value = {text.substr(equals + 1), words[i].word.at, words[i].word.holes};
    else if (i + 1 < words.size())
      value = words[i + 1].word;
    const std::string_view keys =
        std::string_view(text).substr(dot + 1, equals == std::string::npos ? equals : equals - dot - 1);
    merge(merged_for(all, text.substr(0, dot), words[i]), keys, value);
    if (equals == std::string::npos) ++i;
  }
  for (Merged& merged : all) {
    const Position at = merged.first.word.at;
    rest.push_back({
        {merged.flag, at},
        merged.first.of_config
    });
    rest.push_back({
        {merged.value.dump(-1, ' ', false, json::error_handler_t::replace), at, merged.holes},
        merged.first.of_config
    });
  }
  return rest;
}

}  // namespace vramcalc::deployment
