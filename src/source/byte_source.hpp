#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace vramcalc::source {

// A named sequence of bytes of known size with random access: a file, a text in memory, a file over HTTP.
struct ByteSource {
  std::string name;  // for messages
  std::uint64_t size = 0;

  // Fills the span from that offset on, as far as the source goes; returns the number of bytes.
  std::function<std::size_t(std::uint64_t offset, std::span<char>)> read;
};

// Error (bad_file) for a missing file, a directory, a pipe or a device; it never blocks.
ByteSource file_source(const std::string& path);

ByteSource memory_source(std::string name, std::string bytes);

// The whole source; refused if it is larger than `limit` bytes.
std::string read_all(const ByteSource& source, std::uint64_t limit);

}  // namespace vramcalc::source
