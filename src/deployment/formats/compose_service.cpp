#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>

#include "deployment/formats/compose_file.hpp"

// What a service has of others (compose-spec, 05-services.md: extends).
namespace vramcalc::deployment {
namespace {

constexpr int longest_chain = 16;

constexpr std::array<std::string_view, 4> replaced = {"command", "entrypoint", "extends", "profiles"};

std::size_t size_of(const Yaml& value) {
  std::size_t size = 1;
  for (const Yaml& item : value.items) size += size_of(item);
  for (const auto& [key, member] : value.members) size += size_of(member);
  return size;
}

// {A: 1} as [A=1].
Yaml as_list(const Yaml& value) {
  if (!value.is_map()) return value;
  Yaml list{.kind = Yaml::Kind::list, .line = value.line};
  for (const auto& [name, member] : value.members) {
    Yaml item{.kind = Yaml::Kind::scalar, .text = name, .line = member.line};
    if (member.is_scalar()) item.text += "=" + member.text;
    list.items.push_back(std::move(item));
  }
  return list;
}

Yaml joined(const Yaml& first, const Yaml& second) {
  Yaml list = as_list(first);
  Yaml rest = as_list(second);
  std::ranges::move(rest.items, std::back_inserter(list.items));
  return list;
}

Yaml merged(const Yaml& base, const Yaml& own) {
  Yaml result = base;
  result.line = own.line;
  std::unordered_map<std::string_view, std::size_t> places;
  for (std::size_t i = 0; i < base.members.size(); ++i) places.emplace(base.members[i].first, i);
  for (const auto& [key, value] : own.members) {
    const auto found = places.find(key);
    if (found == places.end()) {
      result.members.emplace_back(key, value);
      continue;
    }
    Yaml& mine = result.members[found->second].second;
    const bool is_replaced = std::ranges::find(replaced, key) != replaced.end();
    if (!is_replaced && mine.is_map() && value.is_map())
      mine = merged(mine, value);
    else if (!is_replaced && (mine.is_list() || value.is_list()) && !mine.is_scalar() && !value.is_scalar())
      mine = joined(mine, value);
    else
      mine = value;
  }
  return result;
}

Yaml extended(ComposeFile& file, const Yaml& service, std::vector<Hole>& holes, int depth) {
  const Yaml* extends = service.find("extends");
  if (extends == nullptr) return service;
  const std::string name = extends->is_scalar() ? extends->text : extends->text_of("service");
  const auto found = file.by_name.find(name);
  const bool is_here = extends->find("file") == nullptr && found != file.by_name.end();
  const Yaml* base = is_here ? found->second : nullptr;
  if (base == nullptr || !base->is_map()) {
    const std::string other = extends->text_of("file");
    holes.push_back({.name = other.empty() ? name : other,
                     .why = other.empty() ? "is extended and is no service of this file"
                                          : "has a service that this one extends, and is not read",
                     .fix = "give what \"docker compose config\" prints"});
    return service;
  }
  if (depth >= longest_chain || base == &service) {
    holes.push_back({.name = name,
                     .why = fmt::format("is extended over more than {} services", longest_chain),
                     .fix = "give what \"docker compose config\" prints"});
    return service;
  }
  charge_copies(file, size_of(*base) + size_of(service), service);
  return merged(extended(file, *base, holes, depth + 1), service);
}

}  // namespace

Yaml compose_service(ComposeFile& file, const Yaml& service, std::vector<Hole>& holes) {
  return extended(file, service, holes, 0);
}

}  // namespace vramcalc::deployment
