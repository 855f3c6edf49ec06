#include "catalog/names.hpp"

#include <fmt/format.h>

#include <map>

#include "model/letters.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::catalog {
namespace {

bool separates(char c) { return c == ' ' || c == '-' || c == '_' || c == '.' || c == ':'; }

struct Claim {
  std::uint32_t place = 0;
  NameKind kind = NameKind::id;
  bool shared = false;  // a title of several entries
};

[[noreturn]] void fail_claimed_twice(const Name& name, std::uint32_t earlier,
                                     const std::vector<std::string>& ids, const std::string& file) {
  throw Error(ErrorCode::bad_file,
              fmt::format("{}: {}: {}: \"{}\" names {} already", file, ids[name.place],
                          name.kind == NameKind::id ? "id" : "aliases", name.text, ids[earlier]));
}

}  // namespace

std::string lookup_key(std::string_view name) {
  std::string key;
  bool separated = false;
  for (const char c : name) {
    if (separates(c)) {
      separated = true;
      continue;
    }
    if (separated && !key.empty() && is_digit(key.back()) && is_digit(c)) key += '-';
    key += lower(c);
    separated = false;
  }
  return key;
}

std::vector<OwnedNamedPlace> build_index(const std::vector<Name>& names, const std::vector<std::string>& ids,
                                         const std::string& file) {
  std::map<std::string, Claim> claims;
  for (const NameKind kind : {NameKind::id, NameKind::alias, NameKind::title}) {
    for (const Name& name : names) {
      if (name.kind != kind) continue;
      const auto [claim, is_new] = claims.try_emplace(lookup_key(name.text), Claim{name.place, kind, false});
      if (is_new || claim->second.place == name.place) continue;
      if (kind != NameKind::title) fail_claimed_twice(name, claim->second.place, ids, file);
      if (claim->second.kind == NameKind::title) claim->second.shared = true;
    }
  }
  std::vector<OwnedNamedPlace> index;
  for (const auto& [key, claim] : claims)
    if (!claim.shared) index.push_back({key, claim.place});
  return index;
}

}  // namespace vramcalc::catalog
