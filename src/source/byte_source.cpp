#include "source/byte_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <memory>

#include "catalog/regular_file.hpp"
#include "model/printable.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::source {
namespace {

[[noreturn]] void fail(const std::string& name, std::string_view what) {
  throw Error(ErrorCode::bad_file, fmt::format("{}: {}", name, what));
}

}  // namespace

ByteSource file_source(const std::string& word) {
  const std::string name = printable(word);
  const std::uint64_t size = catalog::regular_file_size(word);
  auto stream = std::make_shared<std::ifstream>();
  stream->rdbuf()->pubsetbuf(nullptr, 0);  // the cursor has a window of its own
  stream->open(word, std::ios::binary);
  if (!*stream) fail(name, "cannot be opened; check its permissions");
  const auto read = [stream](std::uint64_t offset, std::span<char> into) -> std::size_t {
    stream->clear();
    stream->seekg(static_cast<std::streamoff>(offset));
    stream->read(into.data(), static_cast<std::streamsize>(into.size()));
    return static_cast<std::size_t>(stream->gcount());
  };
  return {name, size, read};
}

ByteSource memory_source(std::string name, std::string bytes) {
  auto shared = std::make_shared<const std::string>(std::move(bytes));
  const auto read = [shared](std::uint64_t offset, std::span<char> into) -> std::size_t {
    if (offset >= shared->size()) return 0;
    const std::size_t count = std::min(into.size(), shared->size() - static_cast<std::size_t>(offset));
    std::memcpy(into.data(), shared->data() + offset, count);
    return count;
  };
  return {std::move(name), shared->size(), read};
}

std::string read_all(const ByteSource& source, std::uint64_t limit) {
  if (source.size > limit)
    fail(source.name, fmt::format("the file has {} bytes; at most {} are allowed", source.size, limit));
  std::string bytes(static_cast<std::size_t>(source.size), '\0');
  const std::size_t count = source.read(0, bytes);
  if (count != bytes.size()) fail(source.name, fmt::format("cannot be read beyond byte {}", count));
  return bytes;
}

}  // namespace vramcalc::source
