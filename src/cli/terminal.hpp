#pragma once

namespace vramcalc::cli {

// What stdout is connected to.
struct Terminal {
  int columns = 0;  // 0: unknown, as in a pipe
  int rows = 0;     // 0: not a terminal
  bool colour = false;
  bool unicode = true;
};

// Reads the environment too: COLUMNS, NO_COLOR, CLICOLOR_FORCE, TERM and the locale's encoding.
Terminal look_at_stdout();

// A reader that closes the pipe must not end the program by a signal; a Windows console must take UTF-8 and
// colours.
void prepare_streams();

}  // namespace vramcalc::cli
