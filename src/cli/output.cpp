#include "cli/output.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "vramcalc/error.hpp"

namespace vramcalc::cli {

void write_stdout(const std::string& text) {
  std::setvbuf(stdout, nullptr, _IONBF, 0);  // the answer is already complete
  errno = 0;
  const bool written =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (written || errno == EPIPE) return;
  throw Error(ErrorCode::output, fmt::format("cannot write the answer: {}", std::strerror(errno)));
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  if (!out.flush())
    throw Error(ErrorCode::output, fmt::format("cannot write {}: {}", path, std::strerror(errno)));
}

void write_stderr(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stderr); }

}  // namespace vramcalc::cli
