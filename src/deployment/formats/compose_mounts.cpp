#include "deployment/formats/compose_file.hpp"
#include "model/letters.hpp"

namespace vramcalc::deployment {
namespace {

// C:\models
bool begins_with_drive(std::string_view path) {
  return path.size() > 2 && is_letter(path[0]) && path[1] == ':' && (path[2] == '\\' || path[2] == '/');
}

// What is no path is the name of a volume.
bool is_path(std::string_view source) {
  return source.starts_with('/') || source.starts_with('.') || source.starts_with('~') ||
         begins_with_drive(source);
}

// A path of the machine: a relative one begins in the folder of the compose file.
std::string from_folder(const ComposeFile& file, const std::string& source) {
  if (!source.starts_with('.')) return source;
  const std::string& name = file.documents.input.name;
  const std::size_t slash = name.rfind('/');
  const std::string folder = slash == name.npos ? "" : name.substr(0, slash + 1);
  if (source == ".") return folder.empty() ? source : folder;
  return folder + source.substr(source.starts_with("./") ? 2 : 0);
}

using Mount = std::pair<std::string, std::string>;

// SOURCE:TARGET[:MODE]
Mount short_mount(std::string_view text) {
  const std::size_t drive = begins_with_drive(text) ? 2 : 0;
  const std::size_t colon = text.find(':', drive);
  if (colon == text.npos) return {};
  const std::string_view target = text.substr(colon + 1);
  return {std::string(target.substr(0, target.find(':'))), std::string(text.substr(0, colon))};
}

Mount mount_of(const ComposeFile& file, const Yaml& volume) {
  if (volume.is_scalar()) {
    const Word word = compose_word(file, volume);
    return word.is_known() ? short_mount(word.text) : Mount();
  }
  const Yaml *source = volume.find("source"), *target = volume.find("target");
  if (source == nullptr || target == nullptr) return {};
  const Word from = compose_word(file, *source), to = compose_word(file, *target);
  return from.is_known() && to.is_known() ? Mount(to.text, from.text) : Mount();
}

}  // namespace

std::vector<std::pair<std::string, std::string>> compose_mounts(const ComposeFile& file,
                                                                const Yaml& service) {
  std::vector<Mount> mounts;
  const Yaml* volumes = service.find("volumes");
  if (volumes == nullptr) return mounts;
  for (const Yaml& volume : volumes->items) {
    const Mount mount = mount_of(file, volume);
    if (is_path(mount.second)) mounts.emplace_back(mount.first, from_folder(file, mount.second));
  }
  return mounts;
}

}  // namespace vramcalc::deployment
