#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vramcalc/checkpoint_format.hpp"
#include "vramcalc/file_type.hpp"
#include "vramcalc/hardware.hpp"
#include "vramcalc/model.hpp"
#include "vramcalc/quantization.hpp"
#include "vramcalc/text_list.hpp"

namespace vramcalc {

// A model as lists show it. Its shape is in `json`, which is parsed only on demand, because parsing the whole
// catalog would take longer than computing an answer.
struct ModelRow {
  std::string_view id;
  std::string_view name;
  std::string_view publisher;
  std::string_view family;
  std::string_view license;       // empty if unknown
  std::string_view release_date;  // YYYY-MM-DD or a prefix; empty if unknown
  std::string_view hf_repo;
  std::string_view model_type;          // Hugging Face: "qwen3_moe"
  std::string_view architecture_class;  // "Qwen3MoeForCausalLM"
  std::string_view variant_of;          // id of the base model; empty if this is one
  std::uint64_t parameters = 0;         // 0 if unknown
  std::uint64_t active_parameters = 0;
  std::uint64_t context_length = 0;
  TextList modalities;
  TextList aliases;
  std::string_view incomplete;  // why no figures can be given; empty if they can
  std::string_view json;        // its entry
  std::string_view file;        // the file that contains it, for error messages
};

// What a word names: a model, and what else a repository's or file's name says about it.
struct NamedModel {
  const ModelRow* row = nullptr;
  std::string quantization;         // "Q4_K_M" of "Qwen3-8B-Q4_K_M.gguf"; empty if none
  std::string checkpoint_format;    // "AWQ" of "Qwen3-4B-AWQ", if the catalog lacks that variant
  std::string checkpoint_spelling;  // "GPTQ-Int8" of "Qwen3-4B-GPTQ-Int8": its words for the format
  std::vector<std::string> notes;   // how the word was read if it is not a name of the model
};

// The models, file types, GPUs and systems of data/, embedded in the program, and those of the user's own
// files, which add to them or replace entries with the same id. A name is an id, an alias or a repository;
// case and the separators '-', '_', '.' and space do not matter. An unknown name is an Error (unknown_name)
// with suggestions.
//
// Rows and their texts live as long as the catalog.
class Catalog {
 public:
  Catalog();                                             // the embedded catalog
  explicit Catalog(std::span<const std::string> files);  // with these files added; later ones take precedence
  ~Catalog();
  Catalog(Catalog&&) noexcept;
  Catalog& operator=(Catalog&&) noexcept;

  // Adds a JSON object with "models", "architectures", "gpus", "systems", "quantizations" or
  // "checkpoint_formats".
  void add(std::string_view json, const std::string& file);

  // Whether no file was added to the embedded catalog.
  bool is_as_embedded() const;

  // Error (unsupported) if the catalog knows too little of the model's shape.
  Model model(std::string_view name) const;
  // A variant of a model whose shape is known, without the sizes that follow from the shape.
  Model variant(const ModelRow& row, const Architecture& shape) const;

  // The model that a word means: one of its names, or a repository, file or tag named in the usual way. Error
  // (unknown_name) if it means no model, or several, which the error then lists.
  NamedModel named_model(std::string_view word) const;
  const ModelRow& model_row(std::string_view name) const;
  const Gpu& gpu(std::string_view name) const;
  const System& system(std::string_view name) const;

  const FileType& file_type(std::string_view name) const;

  // In the order of data/quantizations/gguf.json.
  std::span<const FileType> file_types() const;

  // The format of a checkpoint in any spelling ("nvfp4", "GPTQ-Int4", "mlx-8bit", "4.65bpw"), for this model.
  // Error (unsupported) if only its name is known, not its layout, and (unknown_name) if it is unknown.
  CheckpointFormat checkpoint_format(std::string_view spelling, const Model& model) const;
  // Its row; null if there is none. BF16 and FP16 are here and among the file types.
  const CheckpointFormatRow* find_checkpoint_format(std::string_view spelling) const;

  // In the order of data/quantizations/checkpoints.json.
  std::span<const CheckpointFormatRow> checkpoint_formats() const;
  std::span<const FormatWord> format_words() const;

  // The rows of data/architectures.json and of the user's files as one JSON object, for reading model files.
  std::string architectures() const;

  // A GPU or a system; the other is null.
  struct Hardware {
    const Gpu* gpu = nullptr;
    const System* system = nullptr;
  };
  Hardware hardware(std::string_view name) const;

  // Rows in whose texts every word of `filter` occurs, most prominent first.
  std::vector<const ModelRow*> models(std::string_view filter = {}) const;
  // The published formats of a model: its quantized variants in the catalog.
  std::vector<const ModelRow*> variants_of(std::string_view id) const;
  // All models of a family, which is named as in its rows.
  std::vector<const ModelRow*> models_of_family(std::string_view family) const;
  std::vector<const Gpu*> gpus(std::string_view filter = {}) const;
  std::vector<const System*> systems(std::string_view filter = {}) const;

 private:
  struct Tables;
  std::unique_ptr<Tables> tables_;
};

// The user's own catalog files in the order in which to add them: from the configuration folder
// ($XDG_CONFIG_HOME/vramcalc or ~/.config/vramcalc), from VRAMCALC_CATALOG (paths separated by ':') and from
// `asked`. A folder stands for its *.json files. A named path that does not exist is an Error.
std::vector<std::string> catalog_files(const std::vector<std::string>& asked);

}  // namespace vramcalc
