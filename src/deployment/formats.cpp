#include "deployment/formats.hpp"

namespace vramcalc::deployment {

std::span<const Format> formats() { return {}; }

}  // namespace vramcalc::deployment
