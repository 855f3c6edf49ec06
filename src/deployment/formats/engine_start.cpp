#include "deployment/formats/engine_start.hpp"

#include <algorithm>
#include <array>

#include "deployment/image.hpp"

namespace vramcalc::deployment {
bool start_engine(const std::vector<Word>& words, Launch launch, Entrypoint entrypoint,
                  const Documents& documents, Reading& reading) {
  const std::size_t before = reading.launches.size();
  const std::string image = launch.image;
  const std::string release = launch.release.empty() ? release_of_image(image) : launch.release;
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
