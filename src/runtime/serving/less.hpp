#pragma once

#include "vramcalc/bytes.hpp"

namespace vramcalc::serving {

// What is left of `all` without `part`; 0 if that is more.
inline Bytes less(Bytes all, Bytes part) { return all > part ? all - part : Bytes(); }

}  // namespace vramcalc::serving
