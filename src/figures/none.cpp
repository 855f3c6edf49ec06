#include "vramcalc/figures.hpp"

namespace vramcalc {

EmbeddedFigures embedded_figures() { return {}; }

}  // namespace vramcalc
