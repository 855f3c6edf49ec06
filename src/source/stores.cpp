#include "source/stores.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

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
constexpr std::uint64_t longest_manifest = std::uint64_t{1} << 20;
constexpr std::size_t most_models = 10'000;
constexpr int deepest_folder = 6;

// ---- Ollama
// ------------------------------------------------------------------------------------------------------------

// $OLLAMA_MODELS, the user's own, or that of the service that its installer sets up on Linux.
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
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.find(c) != others.npos;
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
  const bool plain = digest.size() == 71 && digest.starts_with("sha256:") &&
                     std::ranges::all_of(digest.substr(7), [](char c) {
                       return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                     });
  if (!plain)
    throw Error(ErrorCode::bad_file, fmt::format("{}: {} is no digest", manifest, in_quotes(digest)));
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

// ---- what is there
// -------------------------------------------------------------------------------------------------------

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

void add_gguf_files(const fs::path& folder, std::string_view store, std::vector<LocalModel>& models) {
  std::error_code code;
  fs::recursive_directory_iterator entry(folder, fs::directory_options::skip_permission_denied, code), end;
  for (; !code && entry != end && models.size() < most_models; entry.increment(code)) {
    if (entry.depth() >= deepest_folder) entry.disable_recursion_pending();
    const fs::path& path = entry->path();
    std::error_code ignored;
    if (!is_gguf(path) || !fs::is_regular_file(path, ignored) || !is_first_of_its_parts(path)) continue;
    if (path.filename().string().find("mmproj") != std::string::npos) continue;
    models.push_back({std::string(store), path.string(), path.string(), Bytes(fs::file_size(path, ignored))});
  }
}

void add_ollama_models(const fs::path& folder, std::vector<LocalModel>& models) {
  const fs::path manifests = folder / "manifests";
  std::error_code code;
  fs::recursive_directory_iterator entry(manifests, fs::directory_options::skip_permission_denied, code), end;
  for (; !code && entry != end && models.size() < most_models; entry.increment(code)) {
    std::error_code ignored;
    if (entry.depth() != 3 || !fs::is_regular_file(entry->path(), ignored)) continue;
    const fs::path name = entry->path().lexically_relative(manifests);
    auto part = name.begin();
    const std::string host = (part++)->string(), space = (part++)->string(), model = (part++)->string(),
                      tag = part->string();
    std::string word = host == "registry.ollama.ai" ? (space == "library" ? model : space + "/" + model)
                                                    : host + "/" + space + "/" + model;
    try {
      const fs::path blob = blob_in(folder, entry->path());
      models.push_back({"Ollama", fmt::format("ollama:{}:{}", word, tag), blob.string(),
                        Bytes(fs::file_size(blob, ignored))});
    } catch (const Error&) {
      continue;  // half a download; the store's own program tells of it
    }
  }
}

std::string nearest(const OllamaName& name) {
  std::vector<LocalModel> models;
  for (const fs::path& folder : ollama_folders()) add_ollama_models(folder, models);
  std::vector<std::string> words;
  for (const LocalModel& each : models) words.push_back(each.word.substr(scheme.size()));
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
  const std::string llama_cpp = environment("LLAMA_CACHE");
  add_gguf_files(
      llama_cpp.empty() ? cache_folder().parent_path() / "llama.cpp" : std::filesystem::path(llama_cpp),
      "llama.cpp cache", models);
  std::ranges::sort(models, {}, &LocalModel::word);
  return models;
}

}  // namespace vramcalc
