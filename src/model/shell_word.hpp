#pragma once

#include <string>
#include <string_view>

namespace vramcalc {

// The text as one word of a command for a POSIX shell, quoted if necessary. The word is printable:
// unprintable bytes become \NNN in $'…' (POSIX.1-2024, 2.2.4; bash, zsh, ksh and busybox had it before).
std::string shell_word(std::string_view text);

// The same for a path after a flag; a name that begins with "-" is not mistaken for another flag.
std::string shell_path(std::string_view path);

}  // namespace vramcalc
