#include "render/document/settings.hpp"

namespace vramcalc::render {
namespace {

std::string runtime_title(const Settings& settings) {
  const std::string& version = settings.release.empty() ? settings.runtime_version : settings.release;
  return version.empty() ? settings.runtime : settings.runtime + ' ' + version;
}

}  // namespace

std::uint64_t asked_context(const Settings& settings) { return settings.demand.tokens; }

std::string settings_text(const Settings& settings) {
  std::string text = settings.tool_title;
  if (text.empty()) text = runtime_title(settings);
  if (settings.tool_title.empty() && !settings.tool.empty()) text = settings.tool + " of " + text;
  const bool usual_backend = settings.backend == Backend::cuda || settings.backend == Backend::rocm;
  if (!usual_backend) text.append(" · ").append(title(settings.backend));
  for (const std::string& what : settings.unusual) text.append(" · ").append(what);
  return text;
}

}  // namespace vramcalc::render
