#include "source/hf_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <unordered_set>

#include "catalog/fields.hpp"
#include "model/printable.hpp"
#include "source/gguf_model.hpp"
#include "source/hf_config.hpp"
#include "source/hf_fields.hpp"
#include "source/hf_harmless.hpp"
#include "source/hf_modules.hpp"
#include "source/json_text.hpp"
#include "source/safetensors.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::source {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

// The largest config.json seen (MiniMax-M3 in mixed precision, with 22,422 quantized_layers) has 3,087,083
// bytes and 67,072 values; the second largest has 37,069 bytes.
constexpr std::uint64_t longest_config = std::uint64_t{4} << 20;
constexpr std::uint64_t most_config_values = 200'000;
constexpr std::size_t most_files = 100'000;
constexpr std::string_view index_file = "model.safetensors.index.json";

[[noreturn]] void fail(const std::string& name, const std::string& what) {
  throw Error(ErrorCode::bad_file, fmt::format("{}: {}", name, what));
}

json read_config(const Repository& repository, const std::string& file) {
  const ByteSource source = repository.open(file);
  return read_json(without_python_numbers(read_all(source, longest_config)), source.name, {},
                   most_config_values);
}

// ---- identity

std::string last_part(const std::string& name) {
  const std::size_t slash = name.find_last_of("/\\", name.size() > 1 ? name.size() - 2 : std::string::npos);
  std::string part = slash == std::string::npos ? name : name.substr(slash + 1);
  while (part.ends_with('/') || part.ends_with('\\')) part.pop_back();
  return part.empty() || part == "." ? "model" : part;
}

Model identity(const Repository& repository, const json& config) {
  Model model;
  model.name = printable(last_part(repository.name), 120);
  model.id = model.name;
  model.source = repository.name;
  const std::vector<std::string> classes = HfFields(config).texts("architectures");
  if (!classes.empty()) model.architecture_class = printable(classes.front(), 120);
  model.modalities = {"text"};
  return model;
}

// Towers are not derived from a config; a warning says that they are missing.
void warn_of_towers(const json& config, LoadedModel& loaded) {
  for (const auto& [key, value] : config.items())
    if (const std::string part = other_part(key);
        value.is_object() && key.ends_with("_config") && !part.empty())
      loaded.warnings.push_back(
          fmt::format("the {} part ({}) is not in these figures", part, printable(key, 60)));
}

// ---- stored tensors

bool is_weights(const std::string& file) {
  return file.ends_with(".safetensors") && file.find('/') == std::string::npos &&
         !file.starts_with("adapter_") && !file.starts_with("consolidated");
}

std::vector<std::string> lone_weights(const Repository& repository) {
  if (repository.has("model.safetensors")) return {"model.safetensors"};
  std::vector<std::string> files;
  std::ranges::copy_if(repository.files, std::back_inserter(files), is_weights);
  std::ranges::sort(files);
  return files;
}

std::vector<ByteSource> open_all(const Repository& repository, const std::vector<std::string>& files) {
  std::vector<ByteSource> sources;
  for (const std::string& file : files) {
    if (!repository.has(file))
      fail(repository.name, fmt::format("{} is missing, although {} lists it", printable(file), index_file));
    sources.push_back(repository.open(file));
  }
  return sources;
}

// Some indexes count tensors that their files lack, or count them in another type.
void warn_of_total(const SafetensorsIndex& index, const StoredCheckpoint& checkpoint,
                   std::vector<std::string>& warnings) {
  if (index.total_size && *index.total_size != checkpoint.tensor_bytes)
    warnings.push_back(
        fmt::format("{} claims {} bytes, but the headers of its files say {}; the headers are taken",
                    index_file, index.total_size->count(), checkpoint.tensor_bytes.count()));
}

// An index alone gives the number of bytes; if there are files, all must be present.
std::optional<StoredCheckpoint> read_indexed(const Repository& repository,
                                             std::vector<std::string>& warnings) {
  const SafetensorsIndex index = read_safetensors_index(repository.open(std::string(index_file)));
  const bool none =
      std::ranges::none_of(index.files, [&](const std::string& file) { return repository.has(file); });
  if (!none) {
    StoredCheckpoint checkpoint = read_checkpoint(index, open_all(repository, index.files));
    warn_of_total(index, checkpoint, warnings);
    return checkpoint;
  }
  if (!index.total_size) return std::nullopt;
  warnings.push_back(
      fmt::format("the safetensors files are not here; their sizes are taken from {}", index_file));
  StoredCheckpoint checkpoint;
  checkpoint.tensor_bytes = checkpoint.file_bytes = *index.total_size;
  return checkpoint;
}

std::optional<StoredCheckpoint> read_weights(const Repository& repository,
                                             std::vector<std::string>& warnings) {
  if (repository.has(std::string(index_file))) return read_indexed(repository, warnings);
  const std::vector<std::string> files = lone_weights(repository);
  return files.empty() ? std::nullopt : std::optional(read_checkpoint(open_all(repository, files)));
}

std::optional<NamedPacking> quantization_of(const Repository& repository, const json& config,
                                            const std::vector<std::string>& ignored) {
  const json language = language_part(config);
  for (const char* key : {"quantization_config", "compression_config", "quantization"})
    if (const json* found = HfFields(language).find(key))
      return read_quantization(*found, printable(repository.name) + "/config.json", ignored);
  if (repository.has("hf_quant_config.json"))
    return read_quantization(read_config(repository, "hf_quant_config.json"),
                             printable(repository.name) + "/hf_quant_config.json", ignored);
  return std::nullopt;
}

// Whether the modules that a config lists one by one are all that the model has of their part.
bool covers_its_parts(const NamedPacking& quantization, const Architecture& architecture) {
  if (quantization.layers_of_parts.empty()) return true;
  std::map<PackedPart, std::set<std::int32_t>> layers;
  for (const CheckpointPart& part : checkpoint_parts(architecture, Packing{}))
    if (const auto its = packed_part_of(part.kind.role); its && !part.prediction)
      layers[*its].insert(part.layer);
  return std::ranges::all_of(quantization.layers_of_parts,
                             [&](const auto& each) { return layers[each.first].size() == each.second; });
}

void set_packed(LoadedModel& loaded, const std::optional<NamedPacking>& quantization) {
  if (!quantization) return;
  PackedCheckpoint packed;
  packed.scheme = quantization->scheme;
  packed.packing = quantization->packing;
  packed.format = quantization->format;
  packed.kv_cache_quantization = quantization->kv_cache_quantization;
  if (packed.packing && !covers_its_parts(*quantization, loaded.model.architecture)) packed.packing.reset();
  if (!packed.packing) packed.range = quantization->range;
  if (loaded.checkpoint && loaded.checkpoint->elements > 0) {
    packed.stored_elements = loaded.checkpoint->elements;
    packed.source = packed.bytes_source = "the headers of its safetensors files";
    packed.stored_bytes = loaded.checkpoint->tensor_bytes.count();
  } else if (packed.packing) {
    const PackedSize size = packed_size(loaded.model.architecture, *packed.packing);
    packed.stored_elements = size.elements;
    packed.stored_bytes = size.bytes.count();
    packed.source = packed.bytes_source = "computed from quantization_config";
  } else {
    loaded.warnings.push_back(
        fmt::format("how {} packs weights is unknown, and so is its own size", quantization->scheme));
  }
  loaded.model.packed = packed;
}

// The number of unpacked elements must be the shape's parameters; otherwise the config was misread or its
// code does more than it says.
void compare_counts(const json& config, LoadedModel& loaded) {
  if (!loaded.checkpoint || loaded.checkpoint->elements == 0 || loaded.model.packed) return;
  if (HfFields(config).has("vision_config") || HfFields(config).has("audio_config")) return;
  const double stored = static_cast<double>(loaded.checkpoint->elements);
  const double derived = static_cast<double>(parameters_of(loaded.model.architecture).total());
  if (std::abs(stored - derived) > 0.005 * stored)
    loaded.warnings.push_back(fmt::format(
        "the files hold {} values, but the shape that config.json describes has {:.0f} parameters: "
        "figures derived from the shape may be off",
        loaded.checkpoint->elements, derived));
}

// ---- folders

bool is_gguf(const std::string& file) { return file.ends_with(".gguf") || file.ends_with(".GGUF"); }
bool is_projector(const std::string& file) { return file.find("mmproj") != std::string::npos; }

// One model whatever the number of its parts.
std::vector<std::string> gguf_models(const Repository& repository) {
  std::vector<std::string> models;
  std::unordered_set<std::string> stems;
  for (const std::string& file : repository.files) {
    if (!is_gguf(file) || is_projector(file)) continue;
    if (stems.insert(stem_of(file)).second) models.push_back(file);
  }
  return models;
}

LoadedModel load_lone_gguf(const Catalog& catalog, const Repository& folder) {
  const std::vector<std::string> models = gguf_models(folder);
  if (models.empty()) fail(folder.name, "no config.json and no GGUF file in this folder");
  if (models.size() > 1)
    fail(folder.name, fmt::format("{} GGUF models in this folder; name one: {}{}", models.size(),
                                  printable(models[0], 120),
                                  models.size() > 2 ? ", ..." : " or " + printable(models[1], 120)));
  return load_gguf(catalog, (fs::path(folder.name) / models.front()).string());
}

}  // namespace

bool Repository::has(const std::string& file) const { return std::ranges::binary_search(files, file); }

Repository folder_repository(const std::string& path) {
  Repository folder;
  folder.name = path;
  std::error_code code;
  for (fs::directory_iterator entry(path, code), end; !code && entry != end; entry.increment(code)) {
    if (folder.files.size() >= most_files)
      fail(printable(path), fmt::format("more than {} files", most_files));
    folder.files.push_back(entry->path().filename().string());
  }
  if (code) fail(printable(path), code.message());
  std::ranges::sort(folder.files);
  folder.open = [path](const std::string& file) { return file_source((fs::path(path) / file).string()); };
  return folder;
}

LoadedModel load_hf_repository(const Catalog& catalog, const Repository& repository,
                               const LoadOptions& options) {
  const json config = read_config(repository, "config.json");
  LoadedModel loaded;
  loaded.model = identity(repository, config);
  loaded.model.architecture = read_hf_config(
      config, catalog::parse_json(catalog.architectures(), "architectures"),
      printable(repository.name) + "/config.json", {options.model_type, options.ignored_fields});
  set_config_heads(loaded.model);
  loaded.model.tokenizer.vocab_size = loaded.model.architecture.vocab_size;
  if (const std::string note = note_on_type(config, loaded.model.architecture.model_type);
      !note.empty() && !options.model_type)
    loaded.warnings.push_back(note);
  for (const std::string& field : options.ignored_fields)
    loaded.warnings.push_back(
        fmt::format("{} of config.json was ignored; figures may be off", printable(field, 80)));
  warn_of_towers(config, loaded);
  loaded.checkpoint = read_weights(repository, loaded.warnings);
  if (loaded.checkpoint)
    loaded.checkpoint->parts = parts_of_headers(loaded.checkpoint->tensors, loaded.model.architecture);
  set_packed(loaded, quantization_of(repository, config, options.ignored_fields));
  compare_counts(config, loaded);
  return loaded;
}

LoadedModel load_hf_folder(const Catalog& catalog, const std::string& path, const LoadOptions& options) {
  std::error_code code;
  if (!fs::is_directory(path, code)) {
    file_source(path);  // says what is wrong with it, if anything
    Repository around =
        folder_repository(fs::path(path).has_parent_path() ? fs::path(path).parent_path().string() : ".");
    const std::string file = fs::path(path).filename().string();
    if (!around.has("config.json")) fail(printable(path), "no config.json in the same folder");
    if (file == "config.json")
      std::erase_if(around.files, [](const std::string& each) { return each != "config.json"; });
    return load_hf_repository(catalog, around, options);
  }
  const Repository folder = folder_repository(path);
  return folder.has("config.json") ? load_hf_repository(catalog, folder, options)
                                   : load_lone_gguf(catalog, folder);
}

}  // namespace vramcalc::source
