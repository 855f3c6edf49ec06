#include "deployment/yaml_builder.hpp"

#include <fmt/format.h>

#include <utility>

#include "deployment/yaml_text.hpp"
#include "model/printable.hpp"

namespace vramcalc::deployment {
namespace {

constexpr std::size_t most_nodes = 200'000;
constexpr std::size_t most_bytes = 4 * largest_yaml;

}  // namespace

void YamlBuilder::charge(const Weight& weight, std::uint32_t line) {
  used_.nodes += weight.nodes;
  used_.bytes += weight.bytes;
  if (used_.nodes > most_nodes)
    fail_at({file_, line},
            fmt::format("there are more than {} values, those of aliases included", most_nodes));
  if (used_.bytes > most_bytes)
    fail_at({file_, line}, fmt::format("the texts of all aliases have more than {} MiB", most_bytes >> 20));
}

// The copy that an anchor keeps counts as well.
void YamlBuilder::keep(const Yaml& value, std::size_t anchor, const Weight& before, std::size_t height) {
  if (anchor == 0) return;
  const Weight weight{used_.nodes - before.nodes, used_.bytes - before.bytes};
  charge(weight, value.line);
  anchored_[anchor] = {value, weight, height};
}

void YamlBuilder::add(Yaml value, std::size_t anchor) {
  const Weight before = used_;
  charge({1, value.text.size()}, value.line);
  keep(value, anchor, before, 0);
  place(std::move(value), 0);
}

void YamlBuilder::add_alias(std::uint32_t line, std::size_t anchor) {
  const auto found = anchored_.find(anchor);
  if (found == anchored_.end()) fail_at({file_, line}, "an alias stands within what it is an alias of");
  const Anchored& anchored = found->second;
  if (open_.size() + anchored.height > deepest_yaml)
    fail_at({file_, line}, fmt::format("the nesting is deeper than {}", deepest_yaml));
  charge(anchored.weight, line);
  place(anchored.value, anchored.height);
}

void YamlBuilder::open(Yaml collection, std::size_t anchor) {
  if (open_.size() >= deepest_yaml)
    fail_at({file_, collection.line}, fmt::format("the nesting is deeper than {}", deepest_yaml));
  // A finding about a member points at its key.
  if (!open_.empty() && open_.back().key) collection.line = open_.back().key->line;
  const Weight before = used_;
  charge({1, 0}, collection.line);
  open_.push_back({.value = std::move(collection), .anchor = anchor, .before = before});
}

void YamlBuilder::close() {
  Open closed = std::move(open_.back());
  open_.pop_back();
  add_merged(closed);
  keep(closed.value, closed.anchor, closed.before, closed.height);
  place(std::move(closed.value), closed.height);
}

void YamlBuilder::end_document() {
  if (document_) documents_.push_back(std::move(*document_));
  document_.reset();
  anchored_.clear();
}

void YamlBuilder::place(Yaml value, std::size_t height) {
  if (open_.empty()) {
    document_ = std::move(value);
    return;
  }
  Open& parent = open_.back();
  parent.height = std::max(parent.height, height + 1);
  if (parent.value.is_list())
    parent.value.items.push_back(std::move(value));
  else if (!parent.key)
    place_key(value);
  else
    place_member(parent, std::move(value));
}

void YamlBuilder::place_key(const Yaml& value) {
  if (value.is_map() || value.is_list())
    fail_at({file_, value.line},
            "the key of a map is not a text; is this a template that is to be rendered?");
  Open& map = open_.back();
  const std::string text = value.is_scalar() ? value.text : "null";
  const auto [first, is_new] = map.lines.try_emplace(text, value.line);
  if (!is_new)
    fail_at({file_, value.line},
            fmt::format("the key {} stands twice (first in line {})", in_quotes(text), first->second));
  map.key = Key{text, value.line, text == "<<" && !value.quoted};
}

void YamlBuilder::place_member(Open& map, Yaml value) {
  const Key key = *std::exchange(map.key, std::nullopt);
  if (key.merges)
    merge(map, std::move(value));
  else
    map.value.members.emplace_back(key.text, std::move(value));
}

void YamlBuilder::merge(Open& map, Yaml value) {
  std::vector<Yaml> maps;
  if (value.is_list())
    maps = std::move(value.items);
  else
    maps.push_back(std::move(value));
  for (Yaml& each : maps) {
    if (!each.is_map()) fail_at({file_, each.line}, "<< merges maps only");
    map.merged.push_back(std::move(each));
  }
}

// The map's own members come first, and win wherever << stands among them.
void YamlBuilder::add_merged(Open& map) {
  for (Yaml& each : map.merged)
    for (auto& [key, value] : each.members)
      if (map.lines.try_emplace(key, value.line).second)
        map.value.members.emplace_back(std::move(key), std::move(value));
}

}  // namespace vramcalc::deployment
