#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vramcalc::catalog {

// The path that stands for stdin, if it may be read.
constexpr std::string_view stdin_path = "-";

// The size of the file at the path. Error (bad_file) if it is not a regular file after following links: a
// directory, a pipe or a device may never end. The file is not opened, since opening a pipe waits for its
// writer.
std::uint64_t regular_file_size(const std::string& path);

// The whole file. Error (bad_file) also if it is larger than `limit`, cannot be opened, or shrinks meanwhile.
std::string read_regular_file(const std::string& path, std::uint64_t limit);

// All of stdin, under the same limit.
std::string read_stdin(std::uint64_t limit);

}  // namespace vramcalc::catalog
