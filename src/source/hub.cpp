#include "source/hub.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "model/environment.hpp"
#include "model/letters.hpp"
#include "model/printable.hpp"
#include "source/folders.hpp"
#include "source/gguf_model.hpp"
#include "source/hf_fields.hpp"
#include "source/hf_folder.hpp"
#include "source/json_text.hpp"
#include "source/remote_file.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::source {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::string_view scheme = "hf:";
// Large repositories of models have a few thousand files, at some 300 bytes each.
constexpr std::uint64_t longest_listing = std::uint64_t{8} << 20;
constexpr std::size_t most_files = 100'000;

std::string endpoint() {
  std::string url = environment("HF_ENDPOINT");
  if (url.empty()) url = "https://huggingface.co";
  while (url.ends_with('/')) url.pop_back();
  return url;
}

// ---- names

bool may_stand_in_name(char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.'; }
bool is_name(std::string_view part) {
  return !part.empty() && part != "." && part != ".." && std::ranges::all_of(part, may_stand_in_name);
}

[[noreturn]] void fail_name(const std::string& word) {
  throw Error(
      ErrorCode::bad_value,
      fmt::format("{}: hf:ORGANIZATION/NAME was expected, with :QUANTIZATION or @REVISION where needed",
                  printable(word, 200)));
}

void check(const HubName& name, const std::string& word) {
  const std::size_t slash = name.repository.find('/');
  const bool two = slash != std::string::npos && is_name(name.repository.substr(0, slash)) &&
                   is_name(name.repository.substr(slash + 1));
  const auto revision_ok = [](char c) { return may_stand_in_name(c) || c == '/'; };
  if (!two || name.revision.empty() || !std::ranges::all_of(name.revision, revision_ok)) fail_name(word);
}

// "org/name/resolve/main/folder/file.gguf" from a page's address
HubName from_path(std::string path, const std::string& word) {
  path = path.substr(0, path.find_first_of("?#"));
  while (path.ends_with('/')) path.pop_back();
  HubName name;
  const std::size_t first = path.find('/');
  const std::size_t second = first == std::string::npos ? first : path.find('/', first + 1);
  name.repository = path.substr(0, second);
  if (second != std::string::npos) {
    const std::string rest = path.substr(second + 1);
    const std::size_t verb = rest.find('/');
    const std::size_t revision = verb == std::string::npos ? verb : rest.find('/', verb + 1);
    if (verb != std::string::npos)
      name.revision = rest.substr(verb + 1, revision == std::string::npos ? revision : revision - verb - 1);
    if (revision != std::string::npos && !rest.starts_with("tree/")) name.file = rest.substr(revision + 1);
  }
  check(name, word);
  return name;
}

std::optional<std::string> hub_path(const std::string& word) {
  for (const std::string& host :
       {endpoint() + "/", std::string("https://huggingface.co/"), std::string("https://hf.co/")})
    if (word.starts_with(host) && word.size() > host.size()) return word.substr(host.size());
  return std::nullopt;
}

// The path of a file, escaped for a URL.
std::string escaped(const std::string& path) {
  std::string result;
  for (char c : path) {
    if (may_stand_in_name(c) || c == '/')
      result += c;
    else
      result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return result;
}

// ---- contents of a repository

struct Listing {
  std::string commit;
  std::map<std::string, std::optional<std::uint64_t>> files;  // and their sizes
  bool kept = false;  // from an earlier run, since there was no answer
};

// A file name from a server must not lead out of a folder.
bool is_harmless(const std::string& path) {
  return !path.empty() && path.front() != '/' && path.find("..") == std::string::npos &&
         path.find('\\') == std::string::npos && path.size() < 1000;
}

Listing read_listing(const json& answer, const std::string& name) {
  const HfFields in(answer);
  Listing listing;
  listing.commit = in.text("sha").value_or("");
  if (!is_name(listing.commit)) listing.commit.clear();
  const json* siblings = in.find("siblings");
  if (siblings == nullptr || !siblings->is_array() || siblings->size() > most_files)
    throw Error(ErrorCode::bad_file, fmt::format("{}: the hub's answer lists no files", name));
  for (const json& each : *siblings) {
    const HfFields file(each);
    const std::string path = file.text("rfilename").value_or("");
    if (is_harmless(path)) listing.files[path] = file.number("size");
  }
  return listing;
}

class Hub {
 public:
  Hub(HubName name, const LoadOptions& options)
      : name_(std::move(name)),
        client_(std::make_shared<HttpClient>(options.hub_seconds)),
        title_("hf:" + name_.repository) {
    listing_ = list();
  }

  const Listing& listing() const { return listing_; }
  const std::string& title() const { return title_; }

  Repository repository() const {
    Repository repository;
    repository.name = title_;
    for (const auto& [path, size] : listing_.files) repository.files.push_back(path);
    repository.open = [this](const std::string& file) { return open(file); };
    return repository;
  }

  ByteSource open(const std::string& file) const {
    const auto found = listing_.files.find(file);
    if (found == listing_.files.end())
      throw Error(ErrorCode::bad_file, fmt::format("{}/{}: no such file", title_, printable(file)));
    RemoteFile remote;
    remote.url = fmt::format("{}/{}/resolve/{}/{}", endpoint(), name_.repository, commit(), escaped(file));
    remote.name = fmt::format("{}/{}", title_, printable(file));
    remote.with_token = true;
    remote.size = found->second;
    if (file.ends_with(".safetensors")) remote.first_piece = std::uint64_t{64} << 10;
    remote.kept_as = folder() / commit() / (escaped(file) + ".head");
    return remote_source(client_, remote);
  }

 private:
  const std::string& commit() const { return listing_.commit.empty() ? name_.revision : listing_.commit; }

  fs::path folder() const {
    std::string host = endpoint();
    for (char& c : host)
      if (!may_stand_in_name(c)) c = '_';
    std::string repository = name_.repository;
    repository.replace(repository.find('/'), 1, "--");
    return cache_folder() / "hub" / host / repository;
  }
  fs::path kept_listing() const { return folder() / (escaped(name_.revision) + ".json"); }

  Listing list() const {
    const std::string url = fmt::format("{}/api/models/{}/revision/{}?blobs=true", endpoint(),
                                        name_.repository, escaped(name_.revision));
    const auto answer = client_->get({url, 0, longest_listing, true});
    if (!answer) return list_kept(client_->why_not());
    if (answer->status != 200 && answer->status != 206) fail_status(title_, answer->status);
    Listing listing = read_listing(read_json(answer->body, title_), title_);
    keep(answer->body);
    return listing;
  }

  Listing list_kept(const std::string& why) const {
    std::error_code code;
    if (!fs::is_regular_file(kept_listing(), code))
      fail_unreachable(title_, fmt::format("{}: {}", endpoint(), why));
    Listing listing = read_listing(read_json(file_source(kept_listing().string()), longest_listing), title_);
    listing.kept = true;
    return listing;
  }

  void keep(const std::string& text) const {
    std::error_code code;
    fs::create_directories(folder(), code);
    const fs::path unfinished = kept_listing().string() + ".part";
    std::ofstream out(unfinished, std::ios::binary);
    if (out << text && out.flush()) fs::rename(unfinished, kept_listing(), code);
  }

  HubName name_;
  std::shared_ptr<HttpClient> client_;
  std::string title_;
  Listing listing_;
};

// ---- which GGUF

// "Qwen3-8B-Q4_K_M" contains the word "Q4_K_M" but not "Q4_K".
bool names(const std::string& stem, const std::string& quantization) {
  const std::string text = lowered(stem), word = lowered(quantization);
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const auto apart = [&](std::size_t place) {
      return place >= text.size() || text[place] == '-' || text[place] == '.' || text[place] == '/';
    };
    if ((at == 0 || apart(at - 1)) && apart(at + word.size())) return true;
  }
  return false;
}

bool is_projector(const std::string& file) {
  const std::string name = lowered(file);
  return name.ends_with(".gguf") && name.find("mmproj") != std::string::npos;
}

// One entry per model: the first part of a split one; no projectors or importance matrices.
std::vector<std::string> gguf_files(const std::vector<std::string>& files) {
  std::vector<std::string> models;
  std::unordered_set<std::string> stems;
  for (const std::string& file : files) {
    const std::string name = lowered(file);
    if (!name.ends_with(".gguf") || is_projector(file) || name.find("imatrix") != std::string::npos) continue;
    if (stems.insert(stem_of(file)).second) models.push_back(file);
  }
  return models;
}

std::string list_of(const std::vector<std::string>& files) {
  std::vector<std::string> stems;
  for (const std::string& file : files) stems.push_back(printable(stem_of(file), 100));
  const std::size_t shown = std::min<std::size_t>(stems.size(), 6);
  return fmt::format("{}{}",
                     fmt::join(stems.begin(), stems.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
                     shown < stems.size() ? ", ..." : "");
}

bool has_gguf(const std::vector<std::string>& files) { return !gguf_files(files).empty(); }

void warn_if_kept(const Listing& listing, LoadedModel& loaded) {
  if (listing.kept)
    loaded.warnings.push_back("the hub does not answer; these figures are from files read earlier");
}

LoadedModel load_gguf_of(const Catalog& catalog, const Hub& hub, const HubName& name,
                         const std::vector<std::string>& files) {
  const std::string file = name.file.empty() ? choose_gguf(files, name.quantization, hub.title()) : name.file;
  LoadedModel loaded = load_gguf(catalog, file, [&](const std::string& part) { return hub.open(part); });
  loaded.model.hf_repo = name.repository;
  return loaded;
}

LoadedModel load_checkpoint_of(const Catalog& catalog, const Repository& repository, const HubName& name,
                               const LoadOptions& options) {
  if (!name.quantization.empty())
    throw Error(
        ErrorCode::bad_value,
        fmt::format("hf:{}: it has no GGUF files, so no {} either; --quant {} estimates one made from it",
                    name.repository, printable(name.quantization, 60), printable(name.quantization, 60)));
  if (!repository.has("config.json"))
    throw Error(ErrorCode::unsupported,
                fmt::format("hf:{}: it has neither GGUF files nor a config.json", name.repository));
  LoadedModel loaded = load_hf_repository(catalog, repository, options);
  loaded.model.hf_repo = name.repository;
  return loaded;
}

}  // namespace

bool is_hub_name(const std::string& word) { return word.starts_with(scheme) || hub_path(word).has_value(); }

HubName parse_hub_name(const std::string& word) {
  if (const auto path = hub_path(word)) return from_path(*path, word);
  std::string rest = word.substr(scheme.size());
  HubName name;
  if (const std::size_t colon = rest.find(':'); colon != std::string::npos) {
    name.quantization = rest.substr(colon + 1);
    rest.resize(colon);
  }
  if (const std::size_t at = rest.find('@'); at != std::string::npos) {
    name.revision = rest.substr(at + 1);
    rest.resize(at);
  }
  name.repository = rest;
  check(name, word);
  return name;
}

std::string choose_gguf(const std::vector<std::string>& files, const std::string& quantization,
                        const std::string& repository) {
  const std::vector<std::string> models = gguf_files(files);
  std::vector<std::string> meant;
  const std::string word = quantization.empty() ? "Q4_K_M" : quantization;  // llama.cpp's own choice
  std::ranges::copy_if(models, std::back_inserter(meant), [&](const std::string& file) {
    return names(stem_of(file), word) || names(file, word);
  });
  if (quantization.empty() && models.size() == 1) return models.front();
  if (meant.empty())
    throw Error(ErrorCode::bad_value,
                quantization.empty() ? fmt::format("{}: name one of its {} files as {}:QUANTIZATION: {}",
                                                   repository, models.size(), repository, list_of(models))
                                     : fmt::format("{}: no file {}; it has {}", repository,
                                                   printable(quantization, 60), list_of(models)));
  // "X-Q4_K_M" rather than "X-UD-Q4_K_M"
  return *std::ranges::min_element(meant, {}, [](const std::string& file) { return file.size(); });
}

std::string choose_projector(const std::vector<std::string>& files, const std::string& quantization,
                             const std::string& repository) {
  std::vector<std::string> meant;
  std::ranges::copy_if(files, std::back_inserter(meant), is_projector);
  if (meant.empty())
    throw Error(ErrorCode::bad_value, fmt::format("{}: it has no projector (mmproj)", repository));
  const std::string all = list_of(meant);
  if (!quantization.empty())
    std::erase_if(meant, [&](const std::string& file) { return !names(stem_of(file), quantization); });
  if (meant.size() == 1) return meant.front();
  throw Error(
      ErrorCode::bad_value,
      meant.empty()
          ? fmt::format("{}: no projector {}; it has {}", repository, printable(quantization, 60), all)
          : fmt::format("{}: name one of its projectors, as {}:F16: {}", repository, repository, all));
}

GgufFile read_hub_gguf(const std::string& word, Beside kind, const LoadOptions& options) {
  const HubName name = parse_hub_name(word);
  const Hub hub(name, options);
  const auto& choose = kind == Beside::projector ? choose_projector : choose_gguf;
  const std::string file =
      name.file.empty() ? choose(hub.repository().files, name.quantization, hub.title()) : name.file;
  return read_gguf(file, [&](const std::string& part) { return hub.open(part); });
}

LoadedModel load_hub(const Catalog& catalog, const std::string& word, const LoadOptions& options) {
  const HubName name = parse_hub_name(word);
  const Hub hub(name, options);
  const Repository repository = hub.repository();
  const bool gguf = !name.file.empty() ? lowered(name.file).ends_with(".gguf") : has_gguf(repository.files);
  LoadedModel loaded = gguf ? load_gguf_of(catalog, hub, name, repository.files)
                            : load_checkpoint_of(catalog, repository, name, options);
  warn_if_kept(hub.listing(), loaded);
  return loaded;
}

bool is_url(const std::string& word) { return word.starts_with("https://") || word.starts_with("http://"); }

namespace {

OpenSource behind_urls(const LoadOptions& options) {
  return [client = std::make_shared<HttpClient>(options.hub_seconds)](const std::string& part) {
    RemoteFile file;
    file.url = part;
    file.name = printable(part, 300);
    return remote_source(client, file);
  };
}

}  // namespace

GgufFile read_url_gguf(const std::string& url, const LoadOptions& options) {
  return read_gguf(url, behind_urls(options));
}

LoadedModel load_url(const Catalog& catalog, const std::string& url, const LoadOptions& options) {
  return load_gguf(catalog, url, behind_urls(options));
}

}  // namespace vramcalc::source
