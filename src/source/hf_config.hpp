#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "source/hf_understood.hpp"
#include "vramcalc/architecture.hpp"
#include "vramcalc/packing.hpp"

// A repository's config.json, as its author wrote it.
namespace vramcalc::source {

// The part that describes the language model (text_config and the like), plus the fields found only at the
// top level (dtype, tied embeddings, quantization_config).
nlohmann::json language_part(const nlohmann::json& config);

// The row of data/architectures.json for a config. `as` is a model type given by the user. Error
// (unsupported) for an unknown type, with the nearest known ones.
std::string model_type_of(const nlohmann::json& config, const nlohmann::json& architectures,
                          const std::string& file, const std::optional<std::string>& as = std::nullopt);

// A note that the type was found by the class named in the config, because its model_type is unknown; empty
// otherwise.
std::string note_on_type(const nlohmann::json& config, const std::string& model_type);

// The author's spellings → the catalog's fields (catalog/shape.hpp). Fields with the same spelling are passed
// on. `understood` receives the keys that were translated.
nlohmann::json catalog_fields(const nlohmann::json& config, const std::string& model_type,
                              const nlohmann::json& row, UnderstoodKeys& understood);

// How the user wants a config read: as which type ("llama"), and which fields to ignore.
struct ConfigReading {
  std::optional<std::string> as;
  std::vector<std::string> ignored;
};

// The complete shape. Error (unsupported) lists the fields that are not understood and may matter.
Architecture read_hf_config(const nlohmann::json& config, const nlohmann::json& architectures,
                            const std::string& file, const ConfigReading& reading = {});

// quantization_config (or the "quantization" of hf_quant_config.json) → how weights are packed. Empty if none
// are.
struct NamedPacking {
  std::string scheme;                                // "fp8", "awq", "gptq" …
  std::optional<Packing> packing;                    // empty if only the name of the method is known
  std::string format = {};                           // the checkpoint format: "NVFP4"; empty if it has none
  std::optional<PackingRange> range = std::nullopt;  // if the parts are known in part
  std::map<PackedPart, std::size_t> layers_of_parts = {};  // that parts with a layout of their own must have
  std::string kv_cache_quantization = {};                  // "fp8"; empty: nothing is asked for
};
std::optional<NamedPacking> read_quantization(const nlohmann::json& quantization, const std::string& file,
                                              const std::vector<std::string>& ignored = {});

}  // namespace vramcalc::source
