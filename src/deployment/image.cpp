#include "deployment/image.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "deployment/variable_names.hpp"

namespace vramcalc::deployment {
namespace {

std::size_t name_end(std::string_view image) {
  const std::size_t digest = std::min(image.find('@'), image.size());
  const std::size_t slash = image.substr(0, digest).rfind('/');
  const std::size_t colon = image.find(':', slash == std::string_view::npos ? 0 : slash);
  return std::min(colon, digest);
}

// llama.cpp's builds: b6401.
bool is_build(std::string_view part) {
  return part.size() > 3 && part[0] == 'b' && std::ranges::all_of(part.substr(1), is_digit);
}

bool is_version(std::string_view part) {
  return !part.empty() && is_digit(part[0]) && part.find('.') != std::string_view::npos;
}

std::string_view part_at(std::string_view tag, std::size_t from) {
  return tag.substr(from, std::min(tag.find_first_of("-_+", from), tag.size()) - from);
}

// Images whose tag begins with the engine's release. Others, of LMCache, llm-d or Dynamo, have releases of
// their own.
constexpr std::array<std::string_view, 5> engine_images = {"vllm-openai", "lmsysorg/sglang", "/sglang",
                                                           "llama.cpp", "ollama/ollama"};

bool has_engine_tag(std::string_view image) {
  const std::string_view name = image_name(image);
  if (name.find("lmcache/") != name.npos || name.find("nvidia") != name.npos) return false;
  return std::ranges::any_of(engine_images,
                             [&](std::string_view part) { return name.find(part) != name.npos; });
}

}  // namespace

std::string_view image_name(std::string_view image) { return image.substr(0, name_end(image)); }

std::string_view image_tag(std::string_view image) {
  const std::string_view rest = image.substr(name_end(image));
  if (!rest.starts_with(':')) return {};
  return rest.substr(1, std::min(rest.find('@'), rest.size()) - 1);
}

bool is_image(std::string_view image, std::string_view name) {
  const std::string_view own = image_name(image);
  return own == name ||
         (own.size() > name.size() && own.ends_with(name) && own[own.size() - name.size() - 1] == '/');
}

std::string release_of_image(std::string_view image) {
  if (!has_engine_tag(image)) return "";
  const std::string_view tag = image_tag(image);
  for (std::size_t from = 0; from < tag.size();) {
    const std::string_view part = part_at(tag, from);
    if (is_build(part)) return std::string(part);
    if (part.starts_with('v') && is_version(part.substr(1))) return std::string(part.substr(1));
    if (from == 0 && is_version(part)) return std::string(part);  // later ones may be CUDA's: "server-12.4"
    from += part.size() + 1;
  }
  return {};
}

}  // namespace vramcalc::deployment
