#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vramcalc/deployment.hpp"

// YAML as values with the lines that they start in. Only this file's source uses yaml-cpp.
namespace vramcalc::deployment {

struct Yaml {
  enum class Kind { null, scalar, list, map };
  Kind kind = Kind::null;
  std::string text = {};         // of a scalar, as written
  bool quoted = false;           // so that "1" is a text; also what has a tag of its own ("!vault")
  std::uint32_t line = 0;        // of a member that is a map or list: its key's
  std::vector<Yaml> items = {};  // of a list
  std::vector<std::pair<std::string, Yaml>> members = {};  // of a map, in their order

  bool is_map() const { return kind == Kind::map; }
  bool is_list() const { return kind == Kind::list; }
  bool is_scalar() const { return kind == Kind::scalar; }

  // Null if this is no map or has no such member. `at` follows a path: at({"spec", "template"}).
  const Yaml* find(std::string_view key) const;
  const Yaml* at(std::initializer_list<std::string_view> path) const;
  // The text of a scalar member; empty if there is none.
  std::string text_of(std::string_view key) const;
};

// The documents of a file. Anchors, aliases and merge keys are resolved. Error (bad_file), which names file
// and line, for what is not YAML, for duplicate keys, and beyond bounds of size, depth and number of nodes.
std::vector<Yaml> parse_yaml(const Input& input);

}  // namespace vramcalc::deployment
