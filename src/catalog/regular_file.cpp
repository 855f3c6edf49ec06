#include "catalog/regular_file.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iostream>

#include "vramcalc/error.hpp"

namespace vramcalc::catalog {
namespace {

[[noreturn]] void fail(std::string_view name, std::string_view what) {
  throw Error(ErrorCode::bad_file, fmt::format("{}: {}", name, what));
}

std::string_view kind_of(std::filesystem::file_type type) {
  using enum std::filesystem::file_type;
  switch (type) {
    case directory: return "is a directory, not a file";
    case fifo: return "is a pipe; give a regular file";
    case socket: return "is a socket, not a file";
    case block:
    case character: return "is a device, not a file";
    default: return "is not a regular file";
  }
}

[[noreturn]] void fail_too_large(std::string_view name, std::uint64_t limit) {
  fail(name, fmt::format("larger than the limit of {} bytes", limit));
}

// At most `count` bytes.
std::string read(std::istream& in, std::uint64_t count) {
  std::string text(static_cast<std::size_t>(count), '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

}  // namespace

std::uint64_t regular_file_size(const std::string& path) {
  std::error_code code;
  const std::filesystem::file_status status = std::filesystem::status(path, code);
  if (status.type() == std::filesystem::file_type::not_found) fail(path, "no such file");
  if (code) fail(path, code.message());
  if (status.type() != std::filesystem::file_type::regular) fail(path, kind_of(status.type()));
  const std::uintmax_t size = std::filesystem::file_size(path, code);
  if (code) fail(path, code.message());
  return size;
}

std::string read_regular_file(const std::string& path, std::uint64_t limit) {
  const std::uint64_t size = regular_file_size(path);
  if (size > limit) fail_too_large(path, limit);
  std::ifstream in(path, std::ios::binary);
  if (!in) fail(path, "cannot be opened; check its permissions");
  std::string text = read(in, size);
  if (text.size() != size) fail(path, fmt::format("cannot be read beyond byte {}", text.size()));
  return text;
}

std::string read_stdin(std::uint64_t limit) {
  std::string text = read(std::cin, limit + 1);
  if (text.size() > limit) fail_too_large("stdin", limit);
  return text;
}

}  // namespace vramcalc::catalog
