#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Translations from authors' spellings to the catalog's fields: each looks for keys, none for a model type.
namespace vramcalc::source {

// A config read leniently: a value of another type than expected is as good as absent here; whether what then
// remains makes a shape is for the catalog's strict reader to say.
class HfFields {
 public:
  explicit HfFields(const nlohmann::json& config) : config_(config) {}

  bool has(std::string_view key) const { return find(key) != nullptr; }
  const nlohmann::json* find(std::string_view key) const;  // null for null
  std::optional<std::uint64_t> number(std::string_view key) const;
  std::optional<double> real(std::string_view key) const;
  std::optional<bool> flag(std::string_view key) const;
  std::optional<std::string> text(std::string_view key) const;
  std::vector<std::uint64_t> numbers(std::string_view key) const;  // empty unless a list of whole numbers
  std::vector<std::string> texts(std::string_view key) const;
  HfFields inner(std::string_view key) const;  // empty unless an object
  auto items() const { return config_.items(); }

 private:
  const nlohmann::json& config_;
};

// Each adds what it finds to `out`, in which the plain spellings stand already.
void translate_spellings(const HfFields& in, nlohmann::json& out);
void translate_layers(const HfFields& in, const nlohmann::json& row,
                      nlohmann::json& out);                       // kinds of attention
void translate_experts(const HfFields& in, nlohmann::json& out);  // which layers have them, and how many
void translate_layout(const HfFields& in, const nlohmann::json& row,
                      nlohmann::json& out);                         // biases, norms, tables
void translate_recurrent(const HfFields& in, nlohmann::json& out);  // Mamba, Kimi Delta Attention

// What a model type's own class puts in where a config is silent (transformers 4.57, configuration_NAME.py).
nlohmann::json class_defaults(std::string_view model_type);
// The same where the config lies inside another one's: such configs leave out all that is so by default.
nlohmann::json inner_defaults(std::string_view model_type);

}  // namespace vramcalc::source
