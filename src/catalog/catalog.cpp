#include "vramcalc/catalog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "catalog/architecture_table.hpp"
#include "catalog/checkpoint_format_names.hpp"
#include "catalog/checkpoint_format_table.hpp"
#include "catalog/embedded.hpp"
#include "catalog/entry.hpp"
#include "catalog/fields.hpp"
#include "catalog/file_type_table.hpp"
#include "catalog/gpu_name.hpp"
#include "catalog/hardware.hpp"
#include "catalog/hardware_names.hpp"
#include "catalog/model.hpp"
#include "catalog/model_names.hpp"
#include "catalog/model_rows.hpp"
#include "catalog/quantization_names.hpp"
#include "catalog/regular_file.hpp"
#include "catalog/table.hpp"
#include "model/letters.hpp"
#include "vramcalc/catalog_date.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc {

std::string_view catalog_date() { return catalog::embedded::date; }

using catalog::Candidate;
using catalog::Table;

struct Catalog::Tables {
  catalog::TextStore texts;
  catalog::ArchitectureTable architectures{catalog::embedded::architectures};
  catalog::FileTypeTable file_types{catalog::embedded::file_types};
  catalog::CheckpointFormatTable checkpoint_formats{catalog::embedded::format_words,
                                                    catalog::embedded::checkpoint_formats};
  Table<ModelRow> models{catalog::embedded::models, catalog::embedded::model_names};
  Table<Gpu> gpus{catalog::embedded::gpus, catalog::embedded::gpu_names};
  Table<System> systems{catalog::embedded::systems, catalog::embedded::system_names};
  bool has_own = false;

  // The row was read strictly when it was made.
  Model model(const ModelRow& row) const { return model(nlohmann::json::parse(row.json), row.file); }

  // Reads a list whose rows are not in the table yet, since the base of a variant may be in that list.
  catalog::ReadModel model_reader(const nlohmann::json& list, const std::string& file) const {
    return [this, &list, file](const nlohmann::json& entry) { return model(entry, file, &list); };
  }

 private:
  Model model(const nlohmann::json& entry, std::string_view file,
              const nlohmann::json* beside = nullptr) const {
    const auto base_of = [&](const std::string& id) {
      if (const nlohmann::json* base = beside == nullptr ? nullptr : catalog::find_entry(*beside, id))
        return model(*base, file, beside);
      const ModelRow* row = models.find(catalog::lookup_key(id));
      if (row == nullptr) fail_without_base(entry, file, id);
      return model(*row);
    };
    return catalog::read_model(entry, architectures.rows_for(entry), std::string(file), base_of);
  }

  [[noreturn]] static void fail_without_base(const nlohmann::json& entry, std::string_view file,
                                             const std::string& id) {
    throw Error(ErrorCode::bad_file, fmt::format("{}: {}: variant_of: no model is called \"{}\"", file,
                                                 catalog::entry_name(entry, "models", 0), id));
  }
};

namespace {

// The whole of data/ has 0.9 MB.
constexpr std::uint64_t longest_file = std::uint64_t{4} << 20;

std::string read_file(const std::string& path) {
  return path == catalog::stdin_path ? catalog::read_stdin(longest_file)
                                     : catalog::read_regular_file(path, longest_file);
}

[[noreturn]] void fail_unknown(std::string_view what, std::string_view name,
                               const std::vector<Candidate>& candidates, std::string_view list_command) {
  std::vector<std::string> suggestions = catalog::suggest(name, candidates);
  const std::string repair = suggestions.empty() ? fmt::format("\"vramcalc {}\" lists them", list_command)
                                                 : catalog::did_you_mean(suggestions);
  throw Error(ErrorCode::unknown_name, fmt::format("unknown {} \"{}\"; {}", what, name, repair),
              std::move(suggestions));
}

template <typename T>
void append(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

// ---- filters: every word must be part of some text

std::string searchable(const Gpu& gpu) {
  return fmt::format("{} {} {} {} {} {}", gpu.id, gpu.name, gpu.vendor, gpu.architecture, gpu.segment,
                     fmt::join(gpu.aliases, " "));
}
std::string searchable(const System& system) {
  return fmt::format("{} {} {} {} {}", system.id, system.name, system.vendor, system.gpu,
                     fmt::join(system.aliases, " "));
}
std::string searchable(const ModelRow& model) {
  return fmt::format("{} {} {} {} {} {} {} {}", model.id, model.name, model.publisher, model.family,
                     model.hf_repo, model.model_type, model.architecture_class,
                     fmt::join(model.aliases, " "));
}

std::vector<std::string> words_of(std::string_view filter) {
  std::vector<std::string> words;
  while (!filter.empty()) {
    const std::size_t end = std::min(filter.find(' '), filter.size());
    if (end != 0) words.push_back(lowered(filter.substr(0, end)));
    filter.remove_prefix(std::min(end + 1, filter.size()));
  }
  return words;
}

// "a100-80g", "4090 24G"
bool ends_with_short_unit(std::string_view name) {
  const bool unit = name.ends_with('g') || name.ends_with('G');
  return unit && name.size() > 1 && is_digit(name[name.size() - 2]);
}

template <typename Row>
std::vector<const Row*> filtered(const Table<Row>& table, std::string_view filter) {
  std::vector<const Row*> rows = table.rows();
  const std::vector<std::string> words = words_of(filter);
  if (words.empty()) return rows;
  std::erase_if(rows, [&](const Row* row) {
    const std::string text = lowered(searchable(*row));
    return !std::ranges::all_of(words, [&](const std::string& word) { return text.find(word) != text.npos; });
  });
  return rows;
}

template <typename Row>
std::vector<const Row*> most_prominent_first(std::vector<const Row*> rows) {
  std::ranges::stable_sort(rows, std::greater(), &Row::prominence);
  return rows;
}

}  // namespace

Catalog::Catalog() : tables_(std::make_unique<Tables>()) {}
Catalog::Catalog(std::span<const std::string> files) : Catalog() {
  for (const std::string& file : files) add(read_file(file), file == catalog::stdin_path ? "stdin" : file);
}
Catalog::~Catalog() = default;
Catalog::Catalog(Catalog&&) noexcept = default;
Catalog& Catalog::operator=(Catalog&&) noexcept = default;

void Catalog::add(std::string_view json, const std::string& file) {
  tables_->has_own = true;
  const nlohmann::json document = catalog::parse_json(json, file);
  catalog::Fields fields(document, file, "the document");
  fields.optional_text("$schema");
  if (const auto* rows = fields.optional_raw("architectures")) tables_->architectures.add(*rows, file);
  if (const auto* list = fields.optional_raw("models"))
    tables_->models.add(
        catalog::read_model_rows(*list, file, tables_->model_reader(*list, file), tables_->texts), file);
  if (const auto* whole = fields.optional_raw("quantizations")) tables_->file_types.add(whole->dump(), file);
  if (const auto* whole = fields.optional_raw("checkpoint_formats"))
    tables_->checkpoint_formats.add(catalog::read_checkpoint_formats(*whole, file, tables_->texts));
  const catalog::MemoryRules& rules = catalog::embedded::memory_rules;
  if (const auto* list = fields.optional_raw("gpus"))
    tables_->gpus.add(catalog::read_gpus(*list, file, rules, tables_->texts), file);
  const auto find_gpu = [&](std::string_view id) { return tables_->gpus.find(catalog::lookup_key(id)); };
  if (const auto* list = fields.optional_raw("systems"))
    tables_->systems.add(catalog::read_systems(*list, file, rules, find_gpu, tables_->texts), file);
  fields.finish();
}

bool Catalog::is_as_embedded() const { return !tables_->has_own; }

Model Catalog::model(std::string_view name) const { return tables_->model(model_row(name)); }

Model Catalog::variant(const ModelRow& row, const Architecture& shape) const {
  Model variant = catalog::read_identity(nlohmann::json::parse(row.json), std::string(row.file));
  variant.architecture = shape;
  return variant;
}

const FileType& Catalog::file_type(std::string_view name) const {
  return catalog::file_type_named(name, file_types(), format_words());
}

std::span<const FileType> Catalog::file_types() const { return tables_->file_types.all(); }

std::span<const CheckpointFormatRow> Catalog::checkpoint_formats() const {
  return tables_->checkpoint_formats.rows();
}
std::span<const FormatWord> Catalog::format_words() const { return tables_->checkpoint_formats.words(); }

const CheckpointFormatRow* Catalog::find_checkpoint_format(std::string_view spelling) const {
  return catalog::spelled_format(spelling, format_words(), checkpoint_formats()).row;
}

CheckpointFormat Catalog::checkpoint_format(std::string_view spelling, const Model& model) const {
  return catalog::checkpoint_format_named(spelling, format_words(), checkpoint_formats(), model.architecture);
}

std::string Catalog::architectures() const { return tables_->architectures.all(); }

NamedModel Catalog::named_model(std::string_view word) const {
  if (const ModelRow* row = tables_->models.find(catalog::lookup_key(word))) return {row, {}, {}, {}, {}};
  return catalog::find_model(word, tables_->models.rows(), file_types(), format_words());
}

// A word that also names a quantization or a format is not the name of a model.
const ModelRow& Catalog::model_row(std::string_view name) const {
  const NamedModel named = named_model(name);
  if (!named.quantization.empty() || !named.checkpoint_format.empty())
    throw Error(ErrorCode::unknown_name,
                fmt::format("\"{}\" names more than a model; the model is {}", name, named.row->id),
                {std::string(named.row->id)});
  return *named.row;
}

const Gpu& Catalog::gpu(std::string_view name) const {
  const Gpu* row = catalog::find_gpu(tables_->gpus, name);
  if (row == nullptr) fail_unknown("GPU", name, tables_->gpus.candidates(), "gpus");
  return *row;
}

const System& Catalog::system(std::string_view name) const {
  const System* row = tables_->systems.find(catalog::lookup_key(name));
  if (row == nullptr) fail_unknown("system", name, tables_->systems.candidates(), "systems");
  return *row;
}

Catalog::Hardware Catalog::hardware(std::string_view name) const {
  if (const System* system = tables_->systems.find(catalog::lookup_key(name))) return {nullptr, system};
  if (const Gpu* gpu = catalog::find_gpu(tables_->gpus, name)) return {gpu, nullptr};
  if (ends_with_short_unit(name))
    if (const Gpu* gpu = catalog::find_gpu(tables_->gpus, std::string(name) + "b")) return {gpu, nullptr};
  const Hardware meant = catalog::find_hardware(name, gpus(), systems());
  if (meant.gpu != nullptr || meant.system != nullptr) return meant;
  std::vector<Candidate> candidates = tables_->gpus.candidates();
  append(candidates, tables_->systems.candidates());
  fail_unknown("GPU or system", name, candidates, "gpus");
}

std::vector<const ModelRow*> Catalog::models(std::string_view filter) const {
  return filtered(tables_->models, filter);
}
std::vector<const ModelRow*> Catalog::variants_of(std::string_view id) const {
  std::vector<const ModelRow*> rows = models();
  std::erase_if(rows, [&](const ModelRow* row) { return row->variant_of != id; });
  return rows;
}
std::vector<const ModelRow*> Catalog::models_of_family(std::string_view family) const {
  std::vector<const ModelRow*> rows = models();
  std::erase_if(rows, [&](const ModelRow* row) { return row->family != family; });
  return rows;
}
std::vector<const Gpu*> Catalog::gpus(std::string_view filter) const {
  std::vector<const Gpu*> rows = filtered(tables_->gpus, filter);
  return is_as_embedded() ? rows : most_prominent_first(std::move(rows));
}
std::vector<const System*> Catalog::systems(std::string_view filter) const {
  std::vector<const System*> rows = filtered(tables_->systems, filter);
  return is_as_embedded() ? rows : most_prominent_first(std::move(rows));
}

}  // namespace vramcalc
