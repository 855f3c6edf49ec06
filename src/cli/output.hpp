#pragma once

#include <string>

namespace vramcalc::cli {

// Writes the whole answer at once. A closed pipe is not an error; a full disk is one (Error, output).
void write_stdout(const std::string& text);
void write_file(const std::string& path, const std::string& text);  // Error (output)
void write_stderr(const std::string& text);

}  // namespace vramcalc::cli
