#include "source/folders.hpp"

#include <string>

#include "model/environment.hpp"

namespace vramcalc::source {

namespace fs = std::filesystem;

fs::path home_folder() {
  const std::string home = environment("HOME");
  return home.empty() ? fs::path(environment("USERPROFILE")) : fs::path(home);
}

namespace {

// The specification says that relative paths are ignored.
fs::path user_cache() {
  const fs::path xdg = environment("XDG_CACHE_HOME");
  return xdg.is_absolute() ? xdg : home_folder() / ".cache";
}

}  // namespace

fs::path cache_folder() { return user_cache() / "vramcalc"; }

fs::path hugging_face_cache() {
  if (const std::string own = environment("HF_HUB_CACHE"); !own.empty()) return own;
  if (const std::string home = environment("HF_HOME"); !home.empty()) return fs::path(home) / "hub";
  return user_cache() / "huggingface" / "hub";
}

}  // namespace vramcalc::source
