#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "deployment/yaml.hpp"

namespace vramcalc::deployment {

// Makes a document of a parser's events. Aliases are copied, and merge keys resolved, as far as the bounds
// allow: what a copy adds is known before it is made.
class YamlBuilder {
 public:
  explicit YamlBuilder(std::string file) : file_(std::move(file)) {}

  void add(Yaml value, std::size_t anchor);
  void add_alias(std::uint32_t line, std::size_t anchor);
  void open(Yaml collection, std::size_t anchor);
  void close();
  void end_document();

  std::vector<Yaml> take() { return std::move(documents_); }

 private:
  struct Weight {
    std::size_t nodes = 0, bytes = 0;
  };
  struct Anchored {
    Yaml value;
    Weight weight;
    std::size_t height = 0;
  };
  struct Key {
    std::string text;
    std::uint32_t line = 0;
    bool merges = false;
  };
  // A collection that is not closed yet.
  struct Open {
    Yaml value;
    std::size_t anchor = 0;
    Weight before = {};
    std::size_t height = 1;                                     // of the subtree
    std::optional<Key> key = {};                                // whose value comes next
    std::unordered_map<std::string, std::uint32_t> lines = {};  // of the keys
    std::vector<Yaml> merged = {};
  };

  void charge(const Weight& weight, std::uint32_t line);
  void keep(const Yaml& value, std::size_t anchor, const Weight& before, std::size_t height);
  void place(Yaml value, std::size_t height);
  void place_key(const Yaml& value);
  void place_member(Open& map, Yaml value);
  void merge(Open& map, Yaml value);
  void add_merged(Open& map);

  std::string file_;
  std::vector<Open> open_;
  std::unordered_map<std::size_t, Anchored> anchored_;
  Weight used_;
  std::optional<Yaml> document_;
  std::vector<Yaml> documents_;
};

}  // namespace vramcalc::deployment
