#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/json_document.hpp"

namespace vramcalc::catalog {

// A value for an error message: in ASCII, and complete if it is short.
std::string shown(const nlohmann::json& value);

// One JSON object, read strictly: every key must be asked for, every value must have its type.
// Errors (bad_file) name the file, the entry and the field: "data/gpus.json: rtx-4090: memory_gb: …".
class Fields {
 public:
  Fields(const nlohmann::json& object, std::string file, std::string entry);

  bool has(std::string_view key) const;  // present and not null

  std::string text(std::string_view key);
  std::uint64_t number(std::string_view key);  // unsigned integer
  std::uint32_t number32(std::string_view key);
  double real(std::string_view key);
  bool flag(std::string_view key);
  std::vector<std::string> texts(std::string_view key);
  const nlohmann::json& raw(std::string_view key);  // for nested values; the caller checks them

  std::optional<std::string> optional_text(std::string_view key);
  std::optional<std::uint64_t> optional_number(std::string_view key);
  std::optional<std::uint32_t> optional_number32(std::string_view key);
  std::optional<double> optional_real(std::string_view key);
  bool flag_or(std::string_view key, bool otherwise);
  std::uint32_t number32_or(std::string_view key, std::uint32_t otherwise);
  std::vector<std::string> texts_or_none(std::string_view key);
  const nlohmann::json* optional_raw(std::string_view key);

  // The index of the value in `words`.
  std::size_t word(std::string_view key, std::initializer_list<std::string_view> words);

  // The keys that were not read, and the check that there are none.
  std::vector<std::string> unused() const;
  void finish() const;

  [[noreturn]] void fail(std::string_view key, const std::string& what) const;

  const std::string& file() const { return file_; }
  const std::string& entry() const { return entry_; }

 private:
  const nlohmann::json& require(std::string_view key);
  const nlohmann::json* find(std::string_view key);

  const nlohmann::json& object_;
  std::string file_;
  std::string entry_;
  std::vector<const nlohmann::json*> asked_;  // the values read so far
};

}  // namespace vramcalc::catalog
