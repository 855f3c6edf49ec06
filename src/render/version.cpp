#include "render/render.hpp"

namespace vramcalc::render {

std::string_view program_version() { return VRAMCALC_VERSION; }

}  // namespace vramcalc::render
