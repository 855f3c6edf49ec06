#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vramcalc/hardware.hpp"
#include "vramcalc/model.hpp"
#include "vramcalc/file_type.hpp"
#include "vramcalc/text_list.hpp"

namespace vramcalc {

// A model as lists show it. Its shape is in `json`, which is parsed only for the model asked for: the whole
// catalog would take longer to read than the answer to compute.
struct ModelRow {
  std::string_view id;
  std::string_view name;
  std::string_view publisher;
  std::string_view family;
  std::string_view license;       // empty: unknown
  std::string_view release_date;  // YYYY-MM-DD or a prefix, empty: unknown
  std::string_view hf_repo;
  std::string_view model_type;          // Hugging Face: "qwen3_moe"
  std::string_view architecture_class;  // "Qwen3MoeForCausalLM"
  std::string_view variant_of;          // id of the base, empty: it is one
  std::uint64_t parameters = 0;         // 0: unknown
  std::uint64_t active_parameters = 0;
  std::uint64_t context_length = 0;
  TextList modalities;
  TextList aliases;
  std::string_view incomplete;  // why no figures can be given, empty: they can
  std::string_view json;        // its entry
  std::string_view file;        // where that stands, for errors
};

// What a word says of a model: which one, and what else stands in a repository's or a file's name.
struct NamedModel {
  const ModelRow* row = nullptr;
  std::string quantization;        // "Q4_K_M" of "Qwen3-8B-Q4_K_M.gguf", empty: not said
  std::string checkpoint_format;   // "AWQ" of "Qwen3-4B-AWQ", where the catalog has no such variant
  std::vector<std::string> notes;  // where the word is none of the model's own names: what it was taken for
};

// What vramcalc knows: the models, file types, GPUs and systems of data/, embedded in the program, and those
// of the user's own files, which add to them or replace what has the same id. Names are forgiving: an id, an
// alias or a repository, whatever the case, and with '-', '_', '.' or a space between words. An unknown one
// is an Error (unknown_name) that proposes what could have been meant.
//
// Rows and their texts live as long as the catalog.
class Catalog {
 public:
  Catalog();                                             // what is embedded
  explicit Catalog(std::span<const std::string> files);  // and these, of which later ones win
  ~Catalog();
  Catalog(Catalog&&) noexcept;
  Catalog& operator=(Catalog&&) noexcept;

  // One JSON document: {"models": […], "architectures": {…}, "gpus": […], "systems": […], "quantizations":
  // …}.
  void add(std::string_view json, const std::string& file);

  // Nothing was added to what is embedded.
  bool is_as_embedded() const;

  // Error (unsupported) where the catalog knows too little of its shape.
  Model model(std::string_view name) const;

  // The model that a word means: one of its names, or a repository, a file or a tag that follows the customs of
  // those who publish such. Error (unknown_name) where it means none, or several: then it names them all.
  NamedModel named_model(std::string_view word) const;
  const ModelRow& model_row(std::string_view name) const;
  const Gpu& gpu(std::string_view name) const;
  const System& system(std::string_view name) const;

  const FileType& file_type(std::string_view name) const;

  // All of them, in the order of data/quantizations.json.
  std::span<const FileType> file_types() const;

  // The rows of data/architectures.json and the user's, as one JSON object: for those who read a model's own
  // files.
  std::string architectures() const;

  // Either; the other is null.
  struct Hardware {
    const Gpu* gpu = nullptr;
    const System* system = nullptr;
  };
  Hardware hardware(std::string_view name) const;

  // Rows of which each word of `filter` is a part of some text, most prominent first.
  std::vector<const ModelRow*> models(std::string_view filter = {}) const;
  // All of one family, whose name stands so in its rows.
  std::vector<const ModelRow*> models_of_family(std::string_view family) const;
  std::vector<const Gpu*> gpus(std::string_view filter = {}) const;
  std::vector<const System*> systems(std::string_view filter = {}) const;

 private:
  struct Tables;
  std::unique_ptr<Tables> tables_;
};

// Where the user's own catalog files are, in the order in which to add them: the configuration folder
// ($XDG_CONFIG_HOME/vramcalc or ~/.config/vramcalc), what VRAMCALC_CATALOG lists (':' between paths), and
// `asked`. A folder stands for the *.json in it. A path that was named and is not there is an Error.
std::vector<std::string> catalog_files(const std::vector<std::string>& asked);

}  // namespace vramcalc
