#pragma once

#include <list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/quantizations.hpp"

namespace vramcalc::catalog {

// File types: the embedded ones, with the user's after them or in place of those of the same name.
class FileTypeTable {
 public:
  explicit FileTypeTable(std::span<const FileType> embedded) : embedded_(embedded) {}

  // A document like data/quantizations/gguf.json.
  void add(const std::string& json, const std::string& file);

  std::span<const FileType> all() const;

 private:
  std::span<const FileType> embedded_;
  std::list<Quantizations> own_;  // own what the rows point to
  std::vector<FileType> merged_;  // empty without the user's types
};

}  // namespace vramcalc::catalog
