#pragma once

#include <string_view>

namespace vramcalc::deployment {

// Whether a text names or holds something that must not be shown: a token, key, secret or password.
bool looks_secret(std::string_view text);

}  // namespace vramcalc::deployment
