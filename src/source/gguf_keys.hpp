#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "source/gguf_metadata.hpp"

namespace vramcalc::source {

// The keys of one architecture: "attention.head_count" is looked up as "llama.attention.head_count".
class GgufKeys {
 public:
  explicit GgufKeys(const GgufMetadata& metadata)
      : metadata_(metadata), architecture_(metadata.required_text("general.architecture")) {}

  const GgufMetadata& metadata() const { return metadata_; }
  const std::string& architecture() const { return architecture_; }
  std::string full(std::string_view key) const { return fmt::format("{}.{}", architecture_, key); }

  bool has(std::string_view key) const { return metadata_.has(full(key)); }
  std::optional<std::uint32_t> number(std::string_view key) const { return metadata_.number(full(key)); }
  std::optional<double> real(std::string_view key) const { return metadata_.real(full(key)); }
  std::optional<bool> flag(std::string_view key) const { return metadata_.flag(full(key)); }
  const GgufArray* array(std::string_view key) const { return metadata_.array(full(key)); }
  std::optional<std::uint32_t> number_at(std::string_view key, std::size_t layer) const {
    return metadata_.number_at(full(key), layer);
  }

  std::uint32_t required(std::string_view key) const { return metadata_.required_number(full(key)); }
  std::uint32_t positive(std::string_view key) const {
    const std::uint32_t value = required(key);
    if (value == 0) fail(key, "must not be 0");
    return value;
  }
  [[noreturn]] void fail(std::string_view key, std::string_view what) const {
    metadata_.fail(full(key), what);
  }

 private:
  const GgufMetadata& metadata_;
  std::string architecture_;
};

}  // namespace vramcalc::source
