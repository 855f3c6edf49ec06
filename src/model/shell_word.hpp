#pragma once

#include <string>
#include <string_view>

namespace vramcalc {

// The text as one word of a command that is there to be pasted into a POSIX shell, quoted where it has to be.
// The word is printable: what is not stands in it as \NNN of $'…' (POSIX.1-2024, 2.2.4; bash, zsh, ksh and
// busybox had it before).
std::string shell_word(std::string_view text);

// The same for the path of a file behind a flag: a name that begins with "-" is not taken for the next flag.
std::string shell_path(std::string_view path);

}  // namespace vramcalc
