#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "vramcalc/bytes.hpp"
#include "vramcalc/file_type.hpp"
#include "vramcalc/place.hpp"

// Values as bytes, one after another. Numbers have seven bits per byte, the lowest first. The name of a file
// type is its index in the catalog; any other text follows its length, behind the last index. `members`
// (figures/members.hpp) lists the members of a struct.
namespace vramcalc::figures {

template <class T>
concept Number = std::is_arithmetic_v<T> || std::is_enum_v<T>;

class Writer {
 public:
  Writer(std::string& bytes, std::span<const FileType> file_types) : bytes_(bytes), file_types_(file_types) {}

  template <class... Values>
  void operator()(const Values&... values) {
    (write(values), ...);
  }

 private:
  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
    bytes_ += static_cast<char>(value);
  }

  template <Number T>
  void write(const T& value) {
    number(static_cast<std::uint64_t>(value));
  }
  void write(const double& value) { number(std::bit_cast<std::uint64_t>(value)); }
  void write(const Bytes& value) { number(value.count()); }
  void write(const Place& value) { number(value.is_host() ? 0 : value.gpu_index() + 1); }
  void write(const std::string_view& name) {
    std::size_t place = 0;
    while (place < file_types_.size() && file_types_[place].name != name) ++place;
    if (place < file_types_.size()) return number(place);
    number(place + name.size());
    bytes_ += name;
  }
  template <class T>
  void write(const std::optional<T>& value) {
    write(value.has_value());
    if (value) write(*value);
  }
  template <class T>
  void write(const std::vector<T>& values) {
    write(values.size());
    for (const T& each : values) write(each);
  }
  template <class T, std::size_t count>
  void write(const std::array<T, count>& values) {
    for (const T& each : values) write(each);
  }
  template <class First, class Second>
  void write(const std::pair<First, Second>& value) {
    write(value.first), write(value.second);
  }
  template <class Struct>
  void write(const Struct& value) {
    members(*this, value);
  }

  std::string& bytes_;
  std::span<const FileType> file_types_;
};

// Reads what a Writer wrote with the same file types.
class Reader {
 public:
  Reader(const char* at, std::span<const FileType> file_types) : at_(at), file_types_(file_types) {}

  template <class... Values>
  void operator()(Values&... values) {
    (read(values), ...);
  }

 private:
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(*at_++);
      value |= std::uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return value;
    }
  }

  template <Number T>
  void read(T& value) {
    value = static_cast<T>(number());
  }
  void read(double& value) { value = std::bit_cast<double>(number()); }
  void read(Bytes& value) { value = Bytes(number()); }
  void read(Place& value) {
    const std::uint64_t place = number();
    value = place == 0 ? Place::host() : Place::gpu(place - 1);
  }
  void read(std::string_view& name) {
    const std::uint64_t place = number();
    if (place < file_types_.size()) {
      name = file_types_[place].name;
      return;
    }
    name = {at_, static_cast<std::size_t>(place - file_types_.size())};
    at_ += name.size();
  }
  template <class T>
  void read(std::optional<T>& value) {
    if (number() != 0) read(value.emplace());
  }
  template <class T>
  void read(std::vector<T>& values) {
    values.resize(number());
    for (T& each : values) read(each);
  }
  template <class T, std::size_t count>
  void read(std::array<T, count>& values) {
    for (T& each : values) read(each);
  }
  template <class First, class Second>
  void read(std::pair<First, Second>& value) {
    read(value.first), read(value.second);
  }
  template <class Struct>
  void read(Struct& value) {
    members(*this, value);
  }

  const char* at_;
  std::span<const FileType> file_types_;
};

}  // namespace vramcalc::figures
