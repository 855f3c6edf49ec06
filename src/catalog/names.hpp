#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Names of catalog entries: how they are compared, and an index that finds an entry by any of its names.
namespace vramcalc::catalog {

// The form in which names are compared: lower case, without word separators (space - _ . :). Between two
// digits, a separator counts as '-': qwen3-1.7b is not qwen3-17b, but "RTX 4090", rtx_4090 and rtx4090 are
// one.
std::string lookup_key(std::string_view name);

// No name is longer; longer ones are not searched for.
inline constexpr std::size_t longest_name = 300;

// A key and the place of the entry that it names. An index is a list of these, sorted by key.
struct NamedPlace {
  std::string_view key;
  std::uint32_t place = 0;
};

// The kind of a name. An id, an alias or a repository belongs to one entry only; a title that two entries
// share names neither, and yields to the other kinds.
enum class NameKind { id, alias, title };

struct Name {
  std::string text;
  NameKind kind = NameKind::id;
  std::uint32_t place = 0;
};

struct OwnedNamedPlace {
  std::string key;
  std::uint32_t place = 0;
  operator NamedPlace() const { return {key, place}; }
};

// Sorted by key. Two entries that claim one name are an Error (bad_file): "FILE: ENTRY: aliases: …".
std::vector<OwnedNamedPlace> build_index(const std::vector<Name>& names, const std::vector<std::string>& ids,
                                         const std::string& file);

}  // namespace vramcalc::catalog
