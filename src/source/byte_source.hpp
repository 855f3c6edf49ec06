#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace vramcalc::source {

// Something with a name and a size that can be read at any place: a file, a text in memory, a file behind
// HTTP.
struct ByteSource {
  std::string name;  // for messages
  std::uint64_t size = 0;

  // Fills as much of the span as there is from that offset on; how much it was.
  std::function<std::size_t(std::uint64_t offset, std::span<char>)> read;
};

// Error (bad_file) for what is missing, a directory, a pipe or a device: never blocks.
ByteSource file_source(const std::string& path);

ByteSource memory_source(std::string name, std::string bytes);

// The whole of a source, refused beyond `limit` bytes.
std::string read_all(const ByteSource& source, std::uint64_t limit);

}  // namespace vramcalc::source
