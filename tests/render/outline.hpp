#pragma once

#include <string>

#include "render/document.hpp"

namespace vramcalc::render {

// A format as short as one can be: it shows that walking a Document is all that a format has to do.
std::string outline(const Document& document);

}  // namespace vramcalc::render
