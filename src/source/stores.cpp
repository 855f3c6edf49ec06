#include "source/stores.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "model/environment.hpp"
#include "model/letters.hpp"
#include "model/printable.hpp"
#include "source/folders.hpp"
#include "source/gguf_model.hpp"
#include "source/hf_fields.hpp"
#include "source/json_text.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::source {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::string_view scheme = "ollama:";
// Ollama's manifests are one to three thousand bytes long.
constexpr std::uint64_t longest_manifest = std::uint64_t{64} << 10;
constexpr std::uint64_t most_manifest_bytes = std::uint64_t{4} << 20;  // of a store, thousands of models
constexpr std::size_t most_models = 10'000;
constexpr std::size_t most_entries = 500'000;  // of a store; to list them takes a quarter of a second
constexpr int deepest_folder = 6;

// ---- Ollama

// $OLLAMA_MODELS, the user's own folder, or that of the service set up by the Linux installer.
std::vector<fs::path> ollama_folders() {
  if (const std::string own = environment("OLLAMA_MODELS"); !own.empty()) return {own};
  return {home_folder() / ".ollama" / "models", "/usr/share/ollama/.ollama/models", "/var/lib/ollama/models"};
}

struct OllamaName {
  std::string host = "registry.ollama.ai", space = "library", model, tag = "latest";
};

bool is_part(std::string_view part) {
  constexpr std::string_view others = "-_.";
  return !part.empty() && part != "." && part != ".." && std::ranges::all_of(part, [&](char c) {
    return is_letter(c) || is_digit(c) || others.find(c) != others.npos;
  });
}

OllamaName parse(const std::string& word) {
  std::string rest = word.substr(scheme.size());
  OllamaName name;
  if (const std::size_t colon = rest.rfind(':'); colon != std::string::npos) {
    name.tag = rest.substr(colon + 1);
    rest.resize(colon);
  }
  std::vector<std::string> parts;
  for (std::size_t slash; (slash = rest.find('/')) != std::string::npos; rest = rest.substr(slash + 1))
    parts.push_back(rest.substr(0, slash));
  name.model = rest;
  if (!parts.empty()) name.space = parts.back();
  if (parts.size() > 1) name.host = parts.front();
  const bool plain = is_part(name.model) && is_part(name.tag) && is_part(name.space) && is_part(name.host);
  if (!plain || parts.size() > 2)
    throw Error(ErrorCode::bad_value, fmt::format("{}: ollama:NAME:TAG was expected", printable(word, 200)));
  return name;
}

fs::path manifest_of(const fs::path& folder, const OllamaName& name) {
  return folder / "manifests" / name.host / name.space / name.model / name.tag;
}

// "sha256:HEX" → blobs/sha256-HEX
fs::path blob_of(const fs::path& folder, std::string digest, const std::string& manifest) {
  const bool plain =
      digest.size() == 71 && digest.starts_with("sha256:") &&
      std::ranges::all_of(digest.substr(7), [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
  if (!plain)
    throw Error(ErrorCode::bad_file, fmt::format("{}: {} is not a digest", manifest, in_quotes(digest)));
  digest[6] = '-';
  return folder / "blobs" / digest;
}

fs::path blob_in(const fs::path& folder, const fs::path& manifest) {
  const ByteSource source = file_source(manifest.string());
  const json document = read_json(source, longest_manifest);
  const json* layers = HfFields(document).find("layers");
  if (layers != nullptr && layers->is_array())
    for (const json& layer : *layers)
      if (HfFields(layer).text("mediaType") == "application/vnd.ollama.image.model")
        return blob_of(folder, HfFields(layer).text("digest").value_or(""), source.name);
  throw Error(ErrorCode::bad_file, fmt::format("{}: no model among its layers", source.name));
}

// ---- listing

bool is_gguf(const fs::path& path) {
  const std::string ending = path.extension().string();
  return ending == ".gguf" || ending == ".GGUF";
}

bool is_first_of_its_parts(const fs::path& path) {
  const std::string stem = path.stem().string();
  const std::size_t part = stem.rfind("-of-");
  return part == std::string::npos || part < 6 || stem[part - 6] != '-' ||
         stem.substr(part - 5, 5) == "00001";
}

[[noreturn]] void fail_beyond(const fs::path& folder, std::size_t most, std::string_view what) {
  throw Error(ErrorCode::bad_file,
              fmt::format("{}: it has more than {} {}, too many to list", folder.string(), most, what));
}

// Calls `use` with every regular file at most `deepest` folders down. Links to folders are not followed,
// which avoids cycles; links to files are.
template <class Use>
void each_file(const fs::path& folder, int deepest, const Use& use) {
  std::error_code code, ignored;
  std::size_t entries = 0;
  fs::recursive_directory_iterator entry(folder, fs::directory_options::skip_permission_denied, code), end;
  for (; !code && entry != end; entry.increment(code)) {
    if (++entries > most_entries) fail_beyond(folder, most_entries, "files and folders");
    if (entry.depth() >= deepest) entry.disable_recursion_pending();
    if (entry->is_regular_file(ignored)) use(entry->path(), entry.depth());
  }
}

// Adds it with the size of the file at `path`, if there is one.
void add_model(const fs::path& folder, std::string_view store, std::string word, const fs::path& path,
               std::vector<LocalModel>& models) {
  std::error_code missing;
  const std::uintmax_t size = fs::file_size(path, missing);
  if (missing) return;
  if (models.size() >= most_models) fail_beyond(folder, most_models, "models");
  models.push_back({std::string(store), std::move(word), path.string(), Bytes(size)});
}

void add_gguf_files(const fs::path& folder, std::string_view store, std::vector<LocalModel>& models) {
  each_file(folder, deepest_folder, [&](const fs::path& path, int) {
    if (!is_gguf(path) || !is_first_of_its_parts(path)) return;
    if (path.filename().string().find("mmproj") != std::string::npos) return;
    add_model(folder, store, path.string(), path, models);
  });
}

// HOST/SPACE/MODEL/TAG as a user types it.
std::string ollama_word(const fs::path& name) {
  auto part = name.begin();
  const std::string host = (part++)->string(), space = (part++)->string(), model = (part++)->string(),
                    tag = part->string();
  if (host != "registry.ollama.ai") return fmt::format("{}{}/{}/{}:{}", scheme, host, space, model, tag);
  return space == "library" ? fmt::format("{}{}:{}", scheme, model, tag)
                            : fmt::format("{}{}/{}:{}", scheme, space, model, tag);
}

void add_ollama_models(const fs::path& folder, std::vector<LocalModel>& models) {
  constexpr int depth_of_tags = 3;
  const fs::path manifests = folder / "manifests";
  std::uint64_t bytes = 0;
  each_file(manifests, depth_of_tags, [&](const fs::path& manifest, int depth) {
    if (depth != depth_of_tags) return;
    std::error_code ignored;
    bytes += std::min<std::uint64_t>(fs::file_size(manifest, ignored), longest_manifest);
    if (bytes > most_manifest_bytes) fail_beyond(manifests, most_manifest_bytes, "bytes of manifests");
    fs::path blob;
    try {
      blob = blob_in(folder, manifest);
    } catch (const Error&) {
      return;  // a partial download; the store's own program reports it
    }
    add_model(manifests, "Ollama", ollama_word(manifest.lexically_relative(manifests)), blob, models);
  });
}

std::string nearest(const OllamaName& name) {
  std::vector<LocalModel> models;
  try {
    for (const fs::path& folder : ollama_folders()) add_ollama_models(folder, models);
  } catch (const Error&) {
    return "";  // a store too large to list offers no suggestions
  }
  std::vector<std::string> words;
  for (const LocalModel& each : models) words.push_back(printable(each.word.substr(scheme.size()), 120));
  std::erase_if(words, [&](const std::string& word) { return word.find(name.model) == std::string::npos; });
  if (words.empty()) return "";
  words.resize(std::min<std::size_t>(words.size(), 5));
  return fmt::format("; it has {}", fmt::join(words, ", "));
}

}  // namespace

bool is_ollama_name(const std::string& word) { return word.starts_with(scheme); }

std::string ollama_blob(const std::string& word) {
  const OllamaName name = parse(word);
  for (const fs::path& folder : ollama_folders()) {
    std::error_code code;
    if (fs::exists(manifest_of(folder, name), code))
      return blob_in(folder, manifest_of(folder, name)).string();
  }
  throw Error(ErrorCode::unknown_name, fmt::format("{}: Ollama has no such model on this machine{}",
                                                   printable(word, 200), nearest(name)));
}

LoadedModel load_ollama(const Catalog& catalog, const std::string& word, const LoadOptions&) {
  LoadedModel loaded = load_gguf(catalog, ollama_blob(word));
  const std::string title = printable(word.substr(scheme.size()), 120);
  if (loaded.model.name == loaded.model.id) loaded.model.name = title;
  loaded.model.id = title;
  return loaded;
}

}  // namespace vramcalc::source

namespace vramcalc {

std::vector<LocalModel> local_models() {
  using namespace source;
  std::vector<LocalModel> models;
  for (const std::filesystem::path& folder : ollama_folders()) add_ollama_models(folder, models);
  add_gguf_files(home_folder() / ".lmstudio" / "models", "LM Studio", models);
  add_gguf_files(home_folder() / ".cache" / "lm-studio" / "models", "LM Studio", models);
  add_gguf_files(hugging_face_cache(), "Hugging Face cache", models);
  const std::string llama_cache = environment("LLAMA_CACHE");
  add_gguf_files(
      llama_cache.empty() ? cache_folder().parent_path() / "llama.cpp" : std::filesystem::path(llama_cache),
      "llama.cpp cache", models);
  std::ranges::sort(models, {}, &LocalModel::word);
  return models;
}

}  // namespace vramcalc
