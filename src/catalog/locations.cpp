#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "catalog/regular_file.hpp"
#include "model/environment.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc {
namespace {

namespace fs = std::filesystem;

// Empty if neither XDG_CONFIG_HOME nor HOME is set.
fs::path configuration_folder() {
  const std::string xdg = environment("XDG_CONFIG_HOME");
  if (!xdg.empty()) return fs::path(xdg) / "vramcalc";
  const std::string home = environment("HOME");
  return home.empty() ? fs::path() : fs::path(home) / ".config" / "vramcalc";
}

// A folder of catalog files has few entries; a larger one was named by mistake.
constexpr std::size_t most_entries = 1000;

void append_folder(const fs::path& folder, std::vector<std::string>& files) {
  std::vector<std::string> found;
  std::error_code failure;
  std::size_t entries = 0;
  for (fs::directory_iterator it(folder, failure), end; !failure && it != end; it.increment(failure)) {
    if (++entries > most_entries)
      throw Error(ErrorCode::bad_file,
                  fmt::format("{}: more than {} entries, too many for a folder of catalog files",
                              folder.string(), most_entries));
    if (it->path().extension() == ".json") found.push_back(it->path().string());
  }
  if (failure) throw Error(ErrorCode::bad_file, fmt::format("{}: {}", folder.string(), failure.message()));
  std::ranges::sort(found);
  files.insert(files.end(), found.begin(), found.end());
}

void append_named(const std::string& path, std::string_view who, std::vector<std::string>& files) {
  std::error_code failure;
  const fs::file_status status = fs::status(path, failure);
  if (!fs::exists(status))
    throw Error(ErrorCode::bad_file, fmt::format("{}: no such catalog file or folder ({})", path, who));
  if (fs::is_directory(status))
    append_folder(path, files);
  else
    files.push_back(path);
}

void append_listed(std::string_view list, std::vector<std::string>& files) {
  while (!list.empty()) {
    const std::size_t colon = std::min(list.find(':'), list.size());
    if (colon != 0) append_named(std::string(list.substr(0, colon)), "from VRAMCALC_CATALOG", files);
    list.remove_prefix(std::min(colon + 1, list.size()));
  }
}

}  // namespace

std::vector<std::string> catalog_files(const std::vector<std::string>& asked) {
  std::vector<std::string> files;
  std::error_code ignored;
  const fs::path folder = configuration_folder();
  if (!folder.empty() && fs::is_directory(folder, ignored)) append_folder(folder, files);
  append_listed(environment("VRAMCALC_CATALOG"), files);
  for (const std::string& path : asked) {
    if (path == catalog::stdin_path)
      files.push_back(path);
    else
      append_named(path, "from --catalog", files);
  }
  return files;
}

}  // namespace vramcalc
