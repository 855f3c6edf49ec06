#pragma once

#include <string>

namespace vramcalc::cli {

// The whole answer at once. A reader that has seen enough and closed the pipe is no error; a full disk is one
// (Error, output).
void write_stdout(const std::string& text);
void write_stderr(const std::string& text);

}  // namespace vramcalc::cli
