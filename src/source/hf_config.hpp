#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "source/hf_understood.hpp"
#include "vramcalc/architecture.hpp"
#include "vramcalc/packing.hpp"

// A repository's config.json, as its author wrote it.
namespace vramcalc::source {

// The part that describes the language model: text_config and its like, with what only the whole says (dtype,
// tied embeddings, quantization_config).
nlohmann::json language_part(const nlohmann::json& config);

// The row of data/architectures.json for a config. `as` is a model type at the user's word.
// Error (unsupported) for a type that no row has, with the nearest that are known.
std::string model_type_of(const nlohmann::json& config, const nlohmann::json& architectures,
                          const std::string& file, const std::optional<std::string>& as = std::nullopt);

// That a type was found by the class that the config names, since its own model_type is not known; empty where it
// was not.
std::string note_on_type(const nlohmann::json& config, const std::string& model_type);

// The author's spellings → the catalog's fields (catalog/shape.hpp). What the catalog spells the same is
// passed on. `understood` gets the keys that a translation took.
nlohmann::json catalog_fields(const nlohmann::json& config, const std::string& model_type,
                              const nlohmann::json& row, UnderstoodKeys& understood);

// What the user says of a config: how to read it ("llama"), and which fields to leave aside.
struct ConfigReading {
  std::optional<std::string> as;
  std::vector<std::string> ignored;
};

// All of it: the shape. Error (unsupported) with the fields that are not understood and may matter.
Architecture read_hf_config(const nlohmann::json& config, const nlohmann::json& architectures,
                            const std::string& file, const ConfigReading& reading = {});

// quantization_config (or the "quantization" of hf_quant_config.json) → what is packed, and how. Empty:
// nothing is.
struct NamedPacking {
  std::string scheme;              // "fp8", "awq", "gptq" …
  std::optional<Packing> packing;  // empty where the method is known by name only
};
std::optional<NamedPacking> read_quantization(const nlohmann::json& quantization, const std::string& file,
                                              const std::vector<std::string>& ignored = {});

}  // namespace vramcalc::source
