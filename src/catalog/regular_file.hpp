#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vramcalc::catalog {

// The path that stands for stdin, where one may be read.
constexpr std::string_view stdin_path = "-";

// Bytes of the file at the path. Error (bad_file) for what is not a regular file, once links are followed: a
// directory, a pipe or a device may never come to an end. Nothing is opened for it, since opening a pipe
// waits for its writer.
std::uint64_t regular_file_size(const std::string& path);

// All of it. Error (bad_file) also where it is larger than `limit`, cannot be opened, or shrinks meanwhile.
std::string read_regular_file(const std::string& path, std::uint64_t limit);

// What stdin gives until it ends, under the same limit.
std::string read_stdin(std::uint64_t limit);

}  // namespace vramcalc::catalog
