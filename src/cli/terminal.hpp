#pragma once

namespace vramcalc::cli {

// What stdout is connected to.
struct Terminal {
  int columns = 0;  // 0: unknown, as in a pipe
  int rows = 0;     // 0: not a terminal
  bool colour = false;
  bool unicode = true;
};

// Also reads the environment: COLUMNS, NO_COLOR, CLICOLOR_FORCE, TERM and the locale's encoding.
Terminal look_at_stdout();

bool stderr_is_terminal();

// A closed pipe must not end the program with a signal, and a Windows console must accept UTF-8 and colours.
void prepare_streams();

}  // namespace vramcalc::cli
