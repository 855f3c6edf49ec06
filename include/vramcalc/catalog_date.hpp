#pragma once

#include <string_view>

namespace vramcalc {

// The day up to which the catalog knows what was public, YYYY-MM-DD: what came out later is not in it.
std::string_view catalog_date();

}  // namespace vramcalc
