// vramcalc_embed OUTPUT.cpp DATA_DIRECTORY FILE...
// vramcalc_embed --speeds OUTPUT.cpp DATA_DIRECTORY
// Turns data/ into one C++ file of constant tables at build time. It reads as strictly as the program reads
// the user's files, so a bad entry fails the build and is named with file, entry and field.

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "catalog/checkpoint_format_rows.hpp"
#include "catalog/embed/rows.hpp"
#include "catalog/embed/speeds.hpp"
#include "catalog/entry.hpp"
#include "catalog/fields.hpp"
#include "catalog/hardware.hpp"
#include "catalog/model.hpp"
#include "catalog/model_rows.hpp"
#include "catalog/programs.hpp"
#include "catalog/quantizations.hpp"
#include "catalog/row_names.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::catalog::embed {
namespace {

using nlohmann::json;

struct Document {
  std::string file;  // as in errors: "data/gpus.json"
  json content;
};

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (!in) throw Error(ErrorCode::bad_file, fmt::format("{}: cannot be read", path));
  return text;
}

Document read_document(const std::string& directory, const std::string& file) {
  const std::string shown = "data/" + file;
  return {shown, parse_json(read_file(directory + "/" + file), shown)};
}

// A document holds only the list that it is named after.
const json& only_list(const Document& document, std::initializer_list<std::string_view> keys,
                      std::string_view wanted) {
  Fields fields(document.content, document.file, "the document");
  fields.optional_text("$schema");
  for (const std::string_view key : keys) fields.raw(key);
  fields.finish();
  return fields.raw(wanted);
}

// Optional in a user's entry but required in data/.
template <typename Row>
void check_sources(const std::vector<Row>& rows, const std::string& file) {
  for (const Row& row : rows)
    if (row.source.empty())
      throw Error(ErrorCode::bad_file, fmt::format("{}: {}: source: missing", file, row.id));
}

template <typename Row>
std::vector<Row> most_prominent_first(std::vector<Row> rows) {
  std::ranges::stable_sort(rows, std::greater(), &Row::prominence);
  return rows;
}

template <typename Row>
std::string names(std::string_view name, const std::vector<Row>& rows, const std::string& file) {
  const std::vector<OwnedNamedPlace> index = index_of(rows, file);
  return array("NamedPlace", name, std::vector<NamedPlace>(index.begin(), index.end()));
}

std::string hardware(const std::string& directory, TextStore& store) {
  const Document gpu_document = read_document(directory, "gpus.json");
  const Document system_document = read_document(directory, "systems.json");
  const OwnedMemoryRules rules = read_memory_rules(gpu_document.content, gpu_document.file,
                                                   system_document.content, system_document.file, store);
  const json& gpu_list = only_list(
      gpu_document, {"driver_total_rules", "driver_reserve", "usable_fallback", "last_level_caches", "gpus"},
      "gpus");
  const std::vector<Gpu> gpus =
      most_prominent_first(read_gpus(gpu_list, gpu_document.file, rules.view(), store));
  const FindGpu find_gpu = [&](std::string_view id) {
    const auto found = std::ranges::find(gpus, id, &Gpu::id);
    return found == gpus.end() ? nullptr : &*found;
  };
  const json& system_list =
      only_list(system_document, {"memory_shares", "last_level_caches", "systems"}, "systems");
  const std::vector<System> systems =
      most_prominent_first(read_systems(system_list, system_document.file, rules.view(), find_gpu, store));
  check_sources(gpus, gpu_document.file);
  check_sources(systems, system_document.file);
  return array("DriverTotalRule", "driver_total_rows", rules.driver_totals) +
         array("DriverReserve", "driver_reserve_rows", rules.driver_reserves) +
         array("UsableFallback", "fallback_rows", rules.fallbacks) +
         array("MemoryShare", "share_rows", rules.shares) +
         array("ArchitectureCache", "architecture_cache_rows", rules.architecture_caches) +
         array("SystemCache", "system_cache_rows", rules.system_caches) +
         names("gpu_name_rows", gpus, gpu_document.file) + array("Gpu", "gpu_rows", gpus) +
         names("system_name_rows", systems, system_document.file) + array("System", "system_rows", systems);
}

// All model files at once: a variant's base may be in another one.
class ModelFiles {
 public:
  ModelFiles(const std::string& directory, const std::vector<std::string>& files, const json& architectures)
      : architectures_(architectures) {
    for (const std::string& file : files)
      if (file.starts_with("models/")) documents_.push_back(read_document(directory, file));
  }

  std::vector<ModelRow> rows(TextStore& store) const {
    std::vector<ModelRow> all;
    for (const Document& document : documents_) {
      const auto read = [&](const json& entry) { return model(entry, document.file); };
      for (const ModelRow& row : read_model_rows(models_of(document), document.file, read, store)) {
        refuse_twin(all, row);
        all.push_back(row);
      }
    }
    return all;
  }

 private:
  static const json& models_of(const Document& document) { return only_list(document, {"models"}, "models"); }

  // The later file is blamed.
  static void refuse_twin(const std::vector<ModelRow>& all, const ModelRow& row) {
    const auto twin = std::ranges::find(all, row.id, &ModelRow::id);
    if (twin != all.end())
      throw Error(ErrorCode::bad_file,
                  fmt::format("{}: {}: id: is already in {}", row.file, row.id, twin->file));
  }

  Model model(const json& entry, const std::string& file) const {
    return read_model(entry, architectures_, file,
                      [&](const std::string& id) { return base(id, entry, file); });
  }

  Model base(const std::string& id, const json& variant, const std::string& file) const {
    for (const Document& document : documents_)
      if (const json* entry = find_entry(models_of(document), id)) return model(*entry, document.file);
    throw Error(ErrorCode::bad_file, fmt::format("{}: {}: variant_of: no model is called \"{}\"", file,
                                                 entry_name(variant, "models", 0), id));
  }

  std::vector<Document> documents_;
  const json& architectures_;
};

std::string architecture_rows(const json& architectures, TextStore& store) {
  std::vector<ArchitectureRow> rows;  // json sorts its keys
  for (const auto& [model_type, row] : architectures.items())
    rows.push_back({store.keep(model_type), store.keep(row.dump())});
  return array("ArchitectureRow", "architecture_rows", rows);
}

// Without the spaces that are there for readers.
std::string programs(const std::string& directory, const std::vector<std::string>& files, TextStore& store) {
  std::vector<ProgramText> rows;
  for (const std::string& file : files) {
    if (!file.starts_with("programs/")) continue;
    const Document document = read_document(directory, file);
    json content = document.content;
    content.erase("$schema");
    const Program program = read_program(content.dump(), document.file);
    if (document.file != fmt::format("data/programs/{}.json", program.id))
      throw Error(ErrorCode::bad_file, fmt::format("{}: id: is not the file's name", document.file));
    rows.push_back({store.keep(program.id), store.keep(content.dump())});
  }
  return array("ProgramText", "program_rows", rows);
}

// The date up to which data/ covers what was public.
std::string date_of(const std::string& directory) {
  const Document document = read_document(directory, "catalog.json");
  Fields fields(document.content, document.file, "the document");
  fields.optional_text("$schema");
  const std::string date = fields.text("date");
  fields.finish();
  const bool good = date.size() == 10 && date[4] == '-' && date[7] == '-' &&
                    date.find_first_not_of("0123456789-") == std::string::npos;
  if (!good) fields.fail("date", fmt::format("\"{}\" is not a date; write YYYY-MM-DD", date));
  return date;
}

std::string file_types(const std::string& directory) {
  const Quantizations read =
      load_quantizations(read_file(directory + "/quantizations/gguf.json"), "data/quantizations/gguf.json");
  return write_cpp_literal(read.file_types, "file_type_rows");
}

std::string checkpoint_formats(const std::string& directory, TextStore& store) {
  const Document document = read_document(directory, "quantizations/checkpoints.json");
  const CheckpointFormats read = read_checkpoint_formats(document.content, document.file, store);
  return array("FormatWord", "format_word_rows", read.words) +
         array("CheckpointFormatRow", "checkpoint_format_rows", read.rows);
}

constexpr std::string_view frame = R"(// Made from data/ by vramcalc_embed; edit that instead.
#include "catalog/embedded.hpp"

namespace vramcalc::catalog::embedded {{
namespace {{

{}
}}  // namespace

constinit const MemoryRules memory_rules{{driver_total_rows, driver_reserve_rows, fallback_rows, share_rows,
                                          architecture_cache_rows, system_cache_rows}};
constinit const std::span<const Gpu> gpus = gpu_rows;
constinit const std::span<const NamedPlace> gpu_names = gpu_name_rows;
constinit const std::span<const System> systems = system_rows;
constinit const std::span<const NamedPlace> system_names = system_name_rows;
constinit const std::span<const ArchitectureRow> architectures = architecture_rows;
constinit const std::span<const ModelRow> models = model_rows;
constinit const std::span<const NamedPlace> model_names = model_name_rows;
constinit const std::span<const FileType> file_types = file_type_rows;
constinit const std::span<const FormatWord> format_words = format_word_rows;
constinit const std::span<const CheckpointFormatRow> checkpoint_formats = checkpoint_format_rows;
constinit const std::span<const ProgramText> programs = program_rows;
constinit const std::string_view date = "{}";

}}  // namespace vramcalc::catalog::embedded
)";

std::string source_of(const std::string& directory, const std::vector<std::string>& files) {
  TextStore store;
  const Document architectures = read_document(directory, "architectures.json");
  const auto models = ModelFiles(directory, files, architectures.content).rows(store);
  const std::string arrays = hardware(directory, store) + architecture_rows(architectures.content, store) +
                             names("model_name_rows", models, "data/models") +
                             array("ModelRow", "model_rows", models) + file_types(directory) +
                             checkpoint_formats(directory, store) + programs(directory, files, store);
  return fmt::format(frame, arrays, date_of(directory));
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text << std::flush;
  if (!out) throw Error(ErrorCode::output, fmt::format("{}: cannot be written", path));
}

}  // namespace
}  // namespace vramcalc::catalog::embed

int main(int count, char** arguments) {
  using namespace vramcalc;
  const std::vector<std::string> words(arguments, arguments + count);
  if (words.size() < 4) {
    std::fputs("usage: vramcalc_embed OUTPUT.cpp DATA_DIRECTORY FILE...\n", stderr);
    std::fputs("       vramcalc_embed --speeds OUTPUT.cpp DATA_DIRECTORY\n", stderr);
    return 2;
  }
  try {
    if (words[1] == "--speeds") {
      const std::string json = catalog::embed::read_file(words[3] + "/speeds.json");
      catalog::embed::write_file(words[2], catalog::embed::speeds_source(json, "data/speeds.json"));
      return 0;
    }
    catalog::embed::write_file(words[1],
                               catalog::embed::source_of(words[2], {words.begin() + 3, words.end()}));
  } catch (const std::exception& failure) {
    fmt::print(stderr, "{}\n", failure.what());
    return 1;
  }
}
