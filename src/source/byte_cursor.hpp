#pragma once

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "source/byte_source.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::source {

// Reads little-endian values in sequence through a small window. Every read is first checked against the
// size, so a false length costs nothing; skipped bytes are not read.
class ByteCursor {
 public:
  explicit ByteCursor(const ByteSource& source) : source_(source), window_(window_bytes) {}

  std::uint64_t position() const { return position_; }
  std::uint64_t left() const { return source_.size - position_; }
  std::uint64_t size() const { return source_.size; }
  const std::string& name() const { return source_.name; }

  // What is being read, for messages: "key 3 of 27".
  void enter(std::string place) { place_ = std::move(place); }
  const std::string& place() const { return place_; }

  template <std::integral T>
  T number() {
    const char* bytes = take(sizeof(T));
    std::uint64_t bits = 0;
    for (std::size_t i = sizeof(T); i-- > 0;) bits = bits << 8 | static_cast<unsigned char>(bytes[i]);
    return static_cast<T>(bits);
  }

  float real32() { return std::bit_cast<float>(number<std::uint32_t>()); }
  double real64() { return std::bit_cast<double>(number<std::uint64_t>()); }

  // Text of a given length, which must be within `limit`.
  std::string text(std::uint64_t length, std::uint64_t limit) {
    require(length);
    if (length > limit)
      fail("a name of " + std::to_string(length) + " bytes; at most " + std::to_string(limit) +
           " are allowed");
    std::string result;
    for (std::uint64_t rest = length; rest > 0;) {
      const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(rest, window_bytes));
      result.append(take(piece), piece);
      rest -= piece;
    }
    return result;
  }

  void skip(std::uint64_t count) {
    require(count);
    position_ += count;
  }

  void require(std::uint64_t count) const {
    if (count > left())
      fail("the file ends at byte " + std::to_string(size()) + ", " + std::to_string(count) +
           " more were expected from byte " + std::to_string(position_) + " on; is the download complete?");
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorCode::bad_file, name() + ": " + (place_.empty() ? "" : place_ + ": ") + what);
  }

 private:
  static constexpr std::size_t window_bytes = std::size_t{64} << 10;

  // The next `count` bytes, at most one window; the pointer is valid until the next read.
  const char* take(std::size_t count) {
    require(count);
    const bool inside = position_ >= window_start_ && position_ + count <= window_start_ + window_filled_;
    if (!inside) fill(count);
    const char* bytes = window_.data() + (position_ - window_start_);
    position_ += count;
    return bytes;
  }

  void fill(std::size_t count) {
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(window_bytes, left()));
    window_start_ = position_;
    window_filled_ = source_.read(position_, std::span(window_).first(want));
    if (window_filled_ < count) fail("cannot be read at byte " + std::to_string(position_));
  }

  const ByteSource& source_;
  std::vector<char> window_;
  std::uint64_t window_start_ = 0;
  std::size_t window_filled_ = 0;
  std::uint64_t position_ = 0;
  std::string place_;
};

}  // namespace vramcalc::source
