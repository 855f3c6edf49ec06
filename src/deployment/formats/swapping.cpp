#include "deployment/formats/swapping.hpp"

#include <algorithm>
#include <string>
#include <unordered_set>

#include "deployment/formats/pod_spec.hpp"
#include "model/letters.hpp"

namespace vramcalc::deployment {
namespace {

constexpr std::size_t most_sets = 4'096;
constexpr std::size_t most_members = 100'000;  // of all sets together
constexpr int deepest = 32;
constexpr std::size_t most_steps = 10'000;  // of reading a matrix

std::size_t members_of(const ModelSets& sets) {
  std::size_t count = 0;
  for (const auto& set : sets) count += set.size();
  return count;
}

// Each of one with each of the other.
std::optional<ModelSets> each_with_each(const ModelSets& one, const ModelSets& other) {
  if (one.size() * other.size() > most_sets) return std::nullopt;
  if (members_of(one) * other.size() + members_of(other) * one.size() > most_members) return std::nullopt;
  ModelSets result;
  for (const auto& first : one)
    for (const auto& second : other) {
      result.push_back(first);
      for (const std::size_t member : second)
        if (std::ranges::find(first, member) == first.end()) result.back().push_back(member);
    }
  return result;
}

// ---- groups: llama-swap, proxy/processgroup.go --------------------------------------------------------------

struct Group {
  ModelSets sets;  // what may run of it
  bool exclusive = true;
  bool persistent = false;
};

bool is_on(const Yaml& group, std::string_view name, bool otherwise) {
  const Yaml* value = group.find(name);
  return value == nullptr ? otherwise : is_true(value);
}

Group group_of(const Yaml& value, const ModelPlaces& places, std::vector<bool>& grouped) {
  Group group{.sets = {},
              .exclusive = is_on(value, "exclusive", true),
              .persistent = is_on(value, "persistent", false)};
  std::vector<std::size_t> all;
  if (const Yaml* members = value.find("members"))
    for (const Yaml& member : members->items)
      if (const auto place = places.find(member.text); place != places.end() && !grouped[place->second]) {
        all.push_back(place->second);
        grouped[place->second] = true;
      }
  if (is_on(value, "swap", true))
    for (const std::size_t place : all) group.sets.push_back({place});
  else if (!all.empty())
    group.sets.push_back(all);
  return group;
}

// Models without a group are one of their own, which swaps and is exclusive.
std::vector<Group> groups_of(const Yaml* values, const ModelPlaces& places, std::size_t models) {
  std::vector<Group> groups;
  std::vector<bool> grouped(models, false);
  if (values != nullptr)
    for (const auto& [name, value] : values->members) groups.push_back(group_of(value, places, grouped));
  Group rest;
  for (std::size_t place = 0; place < models; ++place)
    if (!grouped[place]) rest.sets.push_back({place});
  groups.push_back(std::move(rest));
  std::erase_if(groups, [](const Group& group) { return group.sets.empty(); });
  return groups;
}

std::optional<ModelSets> together(const std::vector<const Group*>& groups) {
  ModelSets sets = {{}};
  for (const Group* group : groups) {
    std::optional<ModelSets> more = each_with_each(sets, group->sets);
    if (!more) return std::nullopt;
    sets = std::move(*more);
  }
  return sets;
}

// An exclusive group ends all that are not persistent when it starts, so that one such group at most runs
// beside those that are persistent and, started later, those that are not exclusive.
std::optional<ModelSets> sets_of_groups(const std::vector<Group>& groups) {
  std::vector<const Group*> staying, changing;
  for (const Group& group : groups)
    (group.exclusive && !group.persistent ? changing : staying).push_back(&group);
  if (changing.empty()) return together(staying);
  ModelSets sets;
  for (const Group* group : changing) {
    std::vector<const Group*> all = staying;
    all.push_back(group);
    const std::optional<ModelSets> more = together(all);
    if (!more || sets.size() + more->size() > most_sets) return std::nullopt;
    sets.insert(sets.end(), more->begin(), more->end());
  }
  return sets;
}

// ---- the matrix: sets of models as `a & (b | c) & +other` --------------------------------------------------

class Matrix {
 public:
  Matrix(const Yaml& sets, const Yaml* variables, const ModelPlaces& places)
      : sets_(sets), variables_(variables), places_(places) {}

  std::optional<ModelSets> all() {
    ModelSets result;
    for (const auto& [name, value] : sets_.members) {
      const std::optional<ModelSets> sets = set(value, 0);
      if (!sets || result.size() + sets->size() > most_sets) return std::nullopt;
      result.insert(result.end(), sets->begin(), sets->end());
    }
    return result;
  }

 private:
  std::optional<ModelSets> set(const Yaml& value, int depth) {
    if (depth > deepest || ++steps_ > most_steps) return std::nullopt;
    std::string_view rest = value.text;
    std::optional<ModelSets> sets = either(rest, depth);
    return trimmed(rest).empty() ? sets : std::nullopt;
  }

  std::optional<ModelSets> either(std::string_view& rest, int depth) {
    std::optional<ModelSets> sets = both(rest, depth);
    while (sets && take(rest, '|')) {
      const std::optional<ModelSets> more = both(rest, depth);
      if (!more || sets->size() + more->size() > most_sets) return std::nullopt;
      sets->insert(sets->end(), more->begin(), more->end());
    }
    return sets;
  }

  std::optional<ModelSets> both(std::string_view& rest, int depth) {
    std::optional<ModelSets> sets = one(rest, depth);
    while (sets && take(rest, '&')) {
      const std::optional<ModelSets> more = one(rest, depth);
      sets = more ? each_with_each(*sets, *more) : std::nullopt;
    }
    return sets;
  }

  std::optional<ModelSets> one(std::string_view& rest, int depth) {
    if (depth > deepest || ++steps_ > most_steps) return std::nullopt;
    if (take(rest, '(')) {
      std::optional<ModelSets> sets = either(rest, depth + 1);
      return take(rest, ')') ? sets : std::nullopt;
    }
    const bool is_set = take(rest, '+');
    const std::string_view name = trimmed(rest.substr(0, rest.find_first_of("&|()")));
    rest.remove_prefix(std::min(rest.find_first_of("&|()"), rest.size()));
    if (is_set) {
      const Yaml* other = sets_.find(name);
      return other == nullptr ? std::nullopt : set(*other, depth + 1);
    }
    const Yaml* variable = variables_ == nullptr ? nullptr : variables_->find(name);
    const auto place = places_.find(variable != nullptr ? std::string_view(variable->text) : name);
    if (place == places_.end()) return std::nullopt;
    return ModelSets{{place->second}};
  }

  static bool take(std::string_view& rest, char c) {
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t\n"), rest.size()));
    if (!rest.starts_with(c)) return false;
    rest.remove_prefix(1);
    return true;
  }

  const Yaml& sets_;
  const Yaml* variables_;
  const ModelPlaces& places_;
  std::size_t steps_ = 0;
};

// A model that is in no set runs alone.
std::optional<ModelSets> sets_of_matrix(const Yaml& matrix, const ModelPlaces& places, std::size_t models) {
  ModelSets sets;
  if (const Yaml* named = matrix.find("sets")) {
    std::optional<ModelSets> all = Matrix(*named, matrix.find("vars"), places).all();
    if (!all) return std::nullopt;
    sets = std::move(*all);
  }
  std::unordered_set<std::size_t> mentioned;
  for (const auto& set : sets) mentioned.insert(set.begin(), set.end());
  for (std::size_t place = 0; place < models; ++place)
    if (!mentioned.contains(place)) sets.push_back({place});
  return sets;
}

}  // namespace

std::optional<ModelSets> models_at_once(const Yaml& document, const ModelPlaces& places, std::size_t models) {
  const Yaml* settings = document.at({"routing", "router", "settings"});
  const Yaml& where = settings != nullptr ? *settings : document;
  const Yaml* use = document.at({"routing", "router", "use"});
  const Yaml* matrix = use != nullptr && use->text == "group" ? nullptr : where.find("matrix");
  if (matrix != nullptr) return sets_of_matrix(*matrix, places, models);
  return sets_of_groups(groups_of(where.find("groups"), places, models));
}

}  // namespace vramcalc::deployment
