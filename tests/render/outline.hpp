#pragma once

#include <string>

#include "render/document.hpp"

namespace vramcalc::render {

// A minimal format: it shows that a format only has to walk a Document.
std::string outline(const Document& document);

}  // namespace vramcalc::render
