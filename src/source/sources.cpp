#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "model/letters.hpp"
#include "model/printable.hpp"
#include "source/byte_source.hpp"
#include "source/gguf_model.hpp"
#include "source/hf_folder.hpp"
#include "source/hub.hpp"
#include "source/stores.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"
#include "vramcalc/source.hpp"

namespace vramcalc {
namespace {

namespace fs = std::filesystem;

bool is_directory(const std::string& path) {
  std::error_code code;
  return fs::is_directory(path, code);
}

// A word that can only be a path: "./x", "../x", "/x", "~/x", "C:\x".
bool is_spelled_as_path(const std::string& word) {
  return word.starts_with('.') || word.starts_with('/') || word.starts_with('~') || word.ends_with('/') ||
         word.find('\\') != std::string::npos;
}

bool begins_as_gguf(const std::string& path) {
  std::error_code code;
  if (!fs::is_regular_file(path, code)) return false;
  const source::ByteSource file = source::file_source(path);
  std::array<char, 4> start{};
  return file.read(0, start) == start.size() && std::string_view(start.data(), start.size()) == "GGUF";
}

bool is_gguf(const std::string& word) {
  return lowered(word).ends_with(".gguf") ||
         (is_spelled_as_path(word) && !is_directory(word) && begins_as_gguf(word));
}

bool is_hf_folder(const std::string& word) {
  if (lowered(word).ends_with(".safetensors") || lowered(word).ends_with(".json")) return true;
  return is_spelled_as_path(word);
}

LoadedModel load_catalog(const Catalog& catalog, const std::string& word) {
  NamedModel named = catalog.named_model(word);
  LoadedModel loaded;
  loaded.model = catalog.model(named.row->id);
  loaded.source = "catalog";
  loaded.named_quantization = std::move(named.quantization);
  loaded.named_format = std::move(named.checkpoint_format);
  loaded.named_format_spelling = std::move(named.checkpoint_spelling);
  loaded.warnings = std::move(named.notes);
  return loaded;
}

// The name of a file that is not here gives the model and its file type.
LoadedModel load_file(const Catalog& catalog, const std::string& word, const LoadOptions&) {
  std::error_code code;
  if (is_spelled_as_path(word) || fs::exists(word, code)) return source::load_gguf(catalog, word);
  try {
    return load_catalog(catalog, word);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::unknown_name) throw;
  }
  return source::load_gguf(catalog, word);
}

constexpr std::array<std::string_view, 4> hub_pages = {"https://huggingface.co/", "https://hf.co/",
                                                       "huggingface.co/", "hf.co/"};

// "hf.co/unsloth/Qwen3-8B-GGUF:Q4_K_M" → "unsloth/Qwen3-8B-GGUF:Q4_K_M"; empty for any other address.
std::string_view behind_hub(std::string_view word) {
  const auto host =
      std::ranges::find_if(hub_pages, [&](std::string_view page) { return word.starts_with(page); });
  return host == hub_pages.end() ? std::string_view() : word.substr(host->size());
}

// The address of a file: the file is read.
bool is_page_of_hub(const std::string& word) {
  return !behind_hub(word).empty() && word.find("/resolve/") == word.npos && word.find("/blob/") == word.npos;
}

bool has_file_type(const Catalog& catalog, const std::string& quantization) {
  return quantization.empty() || find_file_type(catalog.file_types(), quantization) != nullptr;
}

// The address of a repository. A model in the catalog needs no network; the files are read if the catalog
// does not have the model or cannot tell what its files hold.
LoadedModel load_page(const Catalog& catalog, const std::string& word, const LoadOptions& options) {
  try {
    LoadedModel loaded = load_catalog(catalog, word);
    if (loaded.named_format.empty() && has_file_type(catalog, loaded.named_quantization)) return loaded;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::unknown_name) throw;
  }
  const bool is_url = word.starts_with("https:");
  return source::load_hub(catalog, is_url ? word : fmt::format("hf:{}", behind_hub(word)), options);
}

// The rest: a name in the catalog, else a file or folder of that name.
bool is_any(const std::string&) { return true; }

LoadedModel load_by_name(const Catalog& catalog, const std::string& word, const LoadOptions& options) {
  std::error_code code;
  try {
    return load_catalog(catalog, word);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::unknown_name || !fs::exists(word, code)) throw;
  }
  const bool is_file = begins_as_gguf(word);
  LoadedModel loaded =
      is_file ? source::load_gguf(catalog, word) : source::load_hf_folder(catalog, word, options);
  loaded.source = is_file ? "gguf" : "folder";
  return loaded;
}

constexpr std::array table{
    Source{"page",    "hf.co/ORGANIZATION/NAME, a repository that the catalog may know", is_page_of_hub,
           load_page                                                                                                                   },
    Source{"hub",     "hf:ORGANIZATION/NAME, a repository of the Hugging Face hub",      source::is_hub_name,
           source::load_hub                                                                                                            },
    Source{"url",     "https://..., a GGUF file at a URL",                               source::is_url,         source::load_url      },
    Source{"ollama",  "ollama:NAME:TAG, an Ollama model on this machine",                source::is_ollama_name,
           source::load_ollama                                                                                                         },
    Source{"gguf",    "a GGUF file",                                                     is_gguf,                load_file             },
    Source{"folder",  "a folder with config.json and safetensors files",                 is_hf_folder,           source::load_hf_folder},
    Source{"catalog", "a name that the catalog knows",                                   is_any,                 load_by_name          },
};

}  // namespace

std::span<const Source> sources() { return table; }

LoadedModel load_model(const Catalog& catalog, const std::string& word, const LoadOptions& options) {
  const auto found = std::ranges::find_if(table, [&](const Source& each) { return each.recognises(word); });
  LoadedModel loaded = found->load(catalog, word, options);
  if (loaded.source.empty()) loaded.source = found->id == "page" ? "hub" : found->id;
  if ((options.model_type || !options.ignored_fields.empty()) &&
      (loaded.stored || loaded.source == "catalog"))
    throw Error(ErrorCode::usage,
                fmt::format("{}: {} applies to a config.json, but this is {}", printable(word, 200),
                            options.model_type ? "--as" : "--ignore-field",
                            loaded.stored ? "a GGUF file" : "a model of the catalog"));
  return loaded;
}

}  // namespace vramcalc
