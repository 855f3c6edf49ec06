#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vramcalc {

// Thrown (as Error, ErrorCode::overflow) by the checked operations below.
[[noreturn]] void throw_overflow();

// a * b and a + b on unsigned 64-bit counts; a result that does not fit is an error, never a wrap.
constexpr std::uint64_t checked_multiply(std::uint64_t a, std::uint64_t b) {
  if (a != 0 && b > UINT64_MAX / a) throw_overflow();
  return a * b;
}
constexpr std::uint64_t checked_add(std::uint64_t a, std::uint64_t b) {
  if (b > UINT64_MAX - a) throw_overflow();
  return a + b;
}

// Rounds up to a multiple of `unit` (> 0).
constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t unit) {
  const std::uint64_t rest = value % unit;
  return rest == 0 ? value : checked_add(value, unit - rest);
}

// An amount of memory. Every sum, difference and product is checked.
class Bytes {
 public:
  constexpr Bytes() = default;
  constexpr explicit Bytes(std::uint64_t count) : count_(count) {}

  constexpr std::uint64_t count() const { return count_; }

  constexpr Bytes& operator+=(Bytes other) {
    count_ = checked_add(count_, other.count_);
    return *this;
  }
  constexpr Bytes& operator-=(Bytes other) {
    if (other.count_ > count_) throw_overflow();
    count_ -= other.count_;
    return *this;
  }
  friend constexpr Bytes operator+(Bytes a, Bytes b) { return a += b; }
  friend constexpr Bytes operator-(Bytes a, Bytes b) { return a -= b; }
  friend constexpr Bytes operator*(Bytes a, std::uint64_t times) {
    return Bytes(checked_multiply(a.count_, times));
  }
  friend constexpr Bytes operator*(std::uint64_t times, Bytes a) { return a * times; }
  friend constexpr auto operator<=>(Bytes, Bytes) = default;

 private:
  std::uint64_t count_ = 0;
};

constexpr Bytes round_up(Bytes value, std::uint64_t unit) { return Bytes(round_up(value.count(), unit)); }

// Formats a whole number for text output: "163,840".
std::string grouped(std::uint64_t number);

// Parses "24GiB", "80 GB" or "1.5tb", ignoring case. Empty for other text and for more than 2^60 bytes.
std::optional<Bytes> bytes_from_text(std::string_view text);

inline constexpr std::uint64_t KiB = std::uint64_t{1} << 10;
inline constexpr std::uint64_t MiB = std::uint64_t{1} << 20;
inline constexpr std::uint64_t GiB = std::uint64_t{1} << 30;
inline constexpr std::uint64_t GB = 1'000'000'000;

}  // namespace vramcalc
