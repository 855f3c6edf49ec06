#include "source/hf_understood.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "model/printable.hpp"
#include "source/hf_harmless.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::source {
namespace {

using nlohmann::json;

constexpr std::size_t most_named = 6;

std::string listed(const std::vector<std::string>& paths) {
  std::vector<std::string> names;
  for (const std::string& path : paths)
    if (names.size() < most_named) names.push_back(printable(path, 80));
  const std::size_t more = paths.size() - names.size();
  return fmt::format("{}{}", fmt::join(names, ", "), more > 0 ? fmt::format(" and {} more", more) : "");
}

[[noreturn]] void refuse(const std::vector<std::string>& paths, const std::string& what,
                         const std::string& subject) {
  throw Error(
      ErrorCode::unsupported,
      fmt::format("{}: {}: {} (--ignore-field {} reads the config without {})", subject, listed(paths), what,
                  printable(paths.front(), 80), paths.size() == 1 ? "it" : "that one"));
}

}  // namespace

void UnderstoodKeys::reject(const std::string& path) {
  rejected_.insert(path);
  misread_.insert(path);
}

bool UnderstoodKeys::contains(const std::string& path) const {
  if (rejected_.contains(path)) return false;
  if (paths_.contains(path)) return true;
  const auto renamed = renamed_.find(path);
  return renamed != renamed_.end() && paths_.contains(renamed->second);
}

namespace {

void append(std::vector<std::string>& list, std::vector<std::string> more) {
  list.insert(list.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

// Objects in an understood list that were read one by one.
std::vector<std::string> not_understood_items(const json& list, const UnderstoodKeys& understood,
                                              const std::string& path) {
  std::vector<std::string> found;
  for (std::size_t i = 0; i < list.size() && list[i].is_object(); ++i) {
    const std::string item = fmt::format("{}[{}]", path, i);
    if (!understood.contains(item)) break;
    append(found, not_understood(list[i], understood, item + "."));
  }
  return found;
}

}  // namespace

std::vector<std::string> not_understood(const json& config, const UnderstoodKeys& understood,
                                        const std::string& path) {
  std::vector<std::string> found;
  for (const auto& [key, value] : config.items()) {
    const std::string inner = path + key;
    if (value.is_null()) continue;
    if (understood.contains(inner)) {
      if (value.is_object()) append(found, not_understood(value, understood, inner + "."));
      if (value.is_array()) append(found, not_understood_items(value, understood, inner));
    } else if (understood.was_misread(inner) || !is_harmless(key, value)) {
      found.push_back(inner);
    }
  }
  return found;
}

void refuse_not_understood(const std::vector<std::string>& paths, const UnderstoodKeys& understood,
                           const std::string& subject, const std::vector<std::string>& ignored,
                           std::string_view effect) {
  std::vector<std::string> unknown, misread;
  for (const std::string& path : paths) {
    if (std::ranges::find(ignored, path) != ignored.end()) continue;
    (understood.was_misread(path) ? misread : unknown).push_back(path);
  }
  if (!misread.empty())
    refuse(misread,
           fmt::format("the value of {} not understood",
                       misread.size() == 1 ? "this field is" : "these fields is"),
           subject);
  if (!unknown.empty())
    refuse(unknown,
           unknown.size() == 1 ? fmt::format("this field is not known, and it may change {}", effect)
                               : fmt::format("these fields are not known, and they may change {}", effect),
           subject);
}

}  // namespace vramcalc::source
