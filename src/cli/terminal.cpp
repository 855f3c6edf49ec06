#include "cli/terminal.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>

#include "model/environment.hpp"
#include "model/letters.hpp"

#ifdef _WIN32
#define NOMINMAX
#include <io.h>
#include <windows.h>
#else
#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#endif

// What stdout is connected to, on Windows and on POSIX.
namespace vramcalc::cli {
namespace {

struct Size {
  int columns = 0, rows = 0;
};

#ifdef _WIN32

// Empty if stdout is not a console.
std::optional<Size> console_size() {
  CONSOLE_SCREEN_BUFFER_INFO info;
  if (_isatty(1) == 0 || GetConsoleScreenBufferInfo(GetStdHandle(STD_OUTPUT_HANDLE), &info) == 0)
    return std::nullopt;
  return Size{info.srWindow.Right - info.srWindow.Left + 1, info.srWindow.Bottom - info.srWindow.Top + 1};
}

#else

std::optional<Size> console_size() {
  if (isatty(STDOUT_FILENO) == 0) return std::nullopt;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return Size{};
  return Size{size.ws_col, size.ws_row};
}

#endif

// The first one that is set decides (POSIX). If none is, this is most likely a container on a UTF-8 terminal.
bool locale_is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string value = environment(name);
    if (!value.empty()) return contains_letters(value, "utf-8") || contains_letters(value, "utf8");
  }
  return true;
}

bool wants_colour(bool is_terminal) {
  if (!environment("NO_COLOR").empty()) return false;  // no-color.org
  const std::string force = environment("CLICOLOR_FORCE");
  if (!force.empty() && force != "0") return true;
  return is_terminal && environment("TERM") != "dumb";
}

int given_columns() {
  const int columns = std::atoi(environment("COLUMNS").c_str());
  return columns > 0 ? columns : 0;
}

constexpr int narrowest = 40;  // below this, figures would have to be cut

}  // namespace

Terminal look_at_stdout() {
  const std::optional<Size> size = console_size();
  Terminal terminal;
  terminal.columns = given_columns();
  if (size) {
    if (terminal.columns == 0) terminal.columns = size->columns > 0 ? size->columns : 80;
    terminal.rows = size->rows;
    terminal.unicode = locale_is_utf8();
  }
  if (terminal.columns != 0) terminal.columns = std::max(terminal.columns, narrowest);
  terminal.colour = wants_colour(size.has_value());
  return terminal;
}

bool stderr_is_terminal() {
#ifdef _WIN32
  return _isatty(2) != 0;
#else
  return isatty(STDERR_FILENO) != 0;
#endif
}

void prepare_streams() {
#ifdef _WIN32
  SetConsoleOutputCP(CP_UTF8);
  DWORD mode = 0;
  const HANDLE out = GetStdHandle(STD_OUTPUT_HANDLE);
  if (GetConsoleMode(out, &mode) != 0) SetConsoleMode(out, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
#else
  std::signal(SIGPIPE, SIG_IGN);
#endif
}

}  // namespace vramcalc::cli
