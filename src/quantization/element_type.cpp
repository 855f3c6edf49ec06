#include "vramcalc/element_type.hpp"
