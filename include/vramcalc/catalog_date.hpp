#pragma once

#include <string_view>

namespace vramcalc {

// The date (YYYY-MM-DD) up to which the catalog covers public releases.
std::string_view catalog_date();

}  // namespace vramcalc
