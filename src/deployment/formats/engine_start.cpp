#include "deployment/formats/engine_start.hpp"

#include <algorithm>
#include <array>

#include "deployment/image.hpp"

namespace vramcalc::deployment {
namespace {

// Images whose tag begins with the engine's release. Others, of LMCache, llm-d or Dynamo, have releases of
// their own.
constexpr std::array engine_images = {"vllm/vllm-openai", "/vllm-openai", "lmsysorg/sglang",
                                      "/sglang",          "llama.cpp",    "ollama/ollama"};

bool has_engine_tag(std::string_view image) {
  const std::string_view name = image_name(image);
  if (name.find("lmcache/") != name.npos || name.find("nvidia") != name.npos) return false;
  return std::ranges::any_of(engine_images,
                             [&](std::string_view part) { return name.find(part) != name.npos; });
}

}  // namespace

bool start_engine(const std::vector<Word>& words, Launch launch, Entrypoint entrypoint,
                  const Documents& documents, Reading& reading) {
  const std::size_t before = reading.launches.size();
  const std::string image = launch.image;
  const std::string release =
      launch.release.empty() && has_engine_tag(image) ? release_of_image(image) : launch.release;
  if (entrypoint == Entrypoint::replaced) launch.image.clear();
  const bool found = add_command(words, launch, documents.supplied, reading);
  for (std::size_t i = before; i < reading.launches.size(); ++i) {
    Launch& started = reading.launches[i];
    if (!started.image.empty() && started.image != image) continue;  // of a `docker run` in a script
    started.image = image;
    started.release = release;
  }
  return found;
}

}  // namespace vramcalc::deployment
