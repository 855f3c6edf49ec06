#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace vramcalc::source {

// A list in the metadata. Only short lists of whole numbers (one per layer) are kept; of a tokenizer's lists
// only the length and the bytes in the file are needed.
struct GgufArray {
  std::uint32_t element_type = 0;
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;
  std::vector<std::int64_t> numbers;  // empty unless kept
  friend bool operator==(const GgufArray&, const GgufArray&) = default;
};

// A string longer than any that is used (a chat template).
struct GgufLongText {
  std::uint64_t bytes = 0;
  friend bool operator==(const GgufLongText&, const GgufLongText&) = default;
};

using GgufValue =
    std::variant<std::uint64_t, std::int64_t, double, bool, std::string, GgufLongText, GgufArray>;

// The keys and values of a GGUF file. Errors (bad_file) name the file and the key.
class GgufMetadata {
 public:
  explicit GgufMetadata(std::string file = {}) : file_(std::move(file)) {}

  bool insert(std::string key, GgufValue value) {
    return values_.emplace(std::move(key), std::move(value)).second;
  }

  const std::string& file() const { return file_; }
  std::size_t size() const { return values_.size(); }
  auto begin() const { return values_.begin(); }
  auto end() const { return values_.end(); }
  const GgufValue* find(std::string_view key) const;
  bool has(std::string_view key) const { return find(key) != nullptr; }

  std::optional<std::uint32_t> number(std::string_view key) const;  // a whole number ≥ 0 in 32 bits
  std::optional<double> real(std::string_view key) const;
  std::optional<bool> flag(std::string_view key) const;
  std::optional<std::string> text(std::string_view key) const;
  const GgufArray* array(std::string_view key) const;

  // The number for `layer`, from one number for all layers or a list with one per layer.
  std::optional<std::uint32_t> number_at(std::string_view key, std::size_t layer) const;

  std::uint32_t required_number(std::string_view key) const;
  std::string required_text(std::string_view key) const;

  // Whether number_at can read it: a whole number ≥ 0 in 32 bits, or a list of them.
  void require_numbers(std::string_view key) const;

  [[noreturn]] void fail(std::string_view key, std::string_view what) const;

 private:
  std::string file_;
  std::map<std::string, GgufValue, std::less<>> values_;
};

}  // namespace vramcalc::source
