#pragma once

#include <vector>

#include "deployment/formats.hpp"

namespace vramcalc::deployment {

enum class Entrypoint { of_image, replaced };

// Adds what a container's words start, and whether that is an engine. A command of the container's own
// replaces the image's entrypoint. The image's tag is the engine's release only where the image is the
// engine's.
bool start_engine(const std::vector<Word>& words, Launch launch, Entrypoint entrypoint,
                  const Documents& documents, Reading& reading);

}  // namespace vramcalc::deployment
