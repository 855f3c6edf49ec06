#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "source/hf_understood.hpp"

// Translations from authors' spellings to the catalog's fields, by key and never by model type.
namespace vramcalc::source {

// A config read leniently: a value of an unexpected type counts as absent. If a record is kept, values that
// some reader accepted are understood, and the rest are refused at the end (source/hf_understood.hpp).
class HfFields {
 public:
  explicit HfFields(const nlohmann::json& config, UnderstoodKeys* record = nullptr, std::string path = {})
      : config_(config), record_(record), path_(std::move(path)) {}

  // Whether it is present; this does not mark it as understood.
  bool has(std::string_view key) const { return find(key) != nullptr; }
  const nlohmann::json* find(std::string_view key) const;  // null for null

  // Marks a key as understood whatever its value, or as misread.
  const nlohmann::json* take(std::string_view key) const;
  void reject(std::string_view key) const;
  std::optional<std::uint64_t> number(std::string_view key) const;
  std::optional<double> real(std::string_view key) const;
  std::optional<bool> flag(std::string_view key) const;
  std::optional<std::string> text(std::string_view key) const;
  std::vector<std::uint64_t> numbers(std::string_view key) const;  // empty unless a list of whole numbers
  std::vector<std::string> texts(std::string_view key) const;
  HfFields inner(std::string_view key) const;                    // empty unless an object
  HfFields item(std::string_view key, std::size_t place) const;  // of a list, the same
  auto items() const { return config_.items(); }

  void rename(std::string_view key, std::string_view field) const;  // another spelling of `field`

 private:
  template <typename Value>
  Value noted(std::string_view key, bool understood, Value value) const;
  std::string path(std::string_view key) const { return path_ + std::string(key); }

  const nlohmann::json& config_;
  UnderstoodKeys* record_;
  std::string path_;
};

// Each adds what it finds to `out`, which already has the fields with plain spellings.
void translate_spellings(const HfFields& in, nlohmann::json& out);
void translate_layers(const HfFields& in, const nlohmann::json& row,
                      nlohmann::json& out);                       // kinds of attention
void translate_experts(const HfFields& in, nlohmann::json& out);  // which layers have them, and how many
void translate_layout(const HfFields& in, const nlohmann::json& row,
                      nlohmann::json& out);                         // biases, norms, tables
void translate_recurrent(const HfFields& in, nlohmann::json& out);  // Mamba, Kimi Delta Attention

// Defaults of a model type's class for missing fields (transformers 4.57, configuration_NAME.py).
nlohmann::json class_defaults(std::string_view model_type);
// The same for a nested config, which omits every default.
nlohmann::json inner_defaults(std::string_view model_type);

}  // namespace vramcalc::source
