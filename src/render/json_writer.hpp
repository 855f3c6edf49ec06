#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "vramcalc/bytes.hpp"

namespace vramcalc::render {

// JSON written front to back. A document of this program has some ten thousand values, and building them as a
// tree first takes ten times as long as all the rest of the answer. Its texts are valid UTF-8 whatever the
// input, and unprintable characters are written as \uNNNN.
class JsonWriter {
 public:
  // `fill` writes the members.
  template <typename F>
  void object(F&& fill) {
    open('{');
    fill();
    close('}');
  }

  template <typename T>
  void member(std::string_view key, const T& value) {
    begin(key);
    put(value);
  }

  // A member whose key comes from an input.
  template <typename T>
  void entry(std::string_view key, const T& value) {
    begin_entry(key);
    put(value);
  }
  template <typename Texts>
  void entry_of_texts(std::string_view key, const Texts& texts) {
    begin_entry(key);
    put_texts(texts);
  }

  // A member that is an object; `fill` writes its members.
  template <typename F>
  void object(std::string_view key, F&& fill) {
    begin(key);
    object(fill);
  }

  // A member that is an array; `one(row)` writes each element's members.
  template <typename Rows, typename F>
  void objects(std::string_view key, const Rows& rows, F&& one) {
    begin(key);
    open('[');
    for (const auto& row : rows) {
      begin_element();
      object([&] { one(row); });
    }
    close(']');
  }

  // A member that is an array of texts.
  template <typename Texts>
  void texts(std::string_view key, const Texts& texts) {
    begin(key);
    put_texts(texts);
  }

  // A member that is an array of numbers.
  template <typename Numbers>
  void numbers(std::string_view key, const Numbers& numbers) {
    begin(key);
    open('[');
    for (const auto& number : numbers) {
      begin_element();
      put(number);
    }
    close(']');
  }

  std::string take() && { return std::move(text_) + '\n'; }

 private:
  void put(std::string_view text);
  void put(const std::string& text) { put(std::string_view(text)); }
  void put(const char* text) { put(std::string_view(text)); }
  void put(bool value) { text_ += value ? "true" : "false"; }
  void put(double value);
  void put(std::uint64_t value);
  void put(Bytes value) { put(value.count()); }
  void put(std::nullopt_t) { text_ += "null"; }
  template <typename T>
  void put(const std::optional<T>& value) {
    if (value) {
      put(*value);
    } else {
      text_ += "null";
    }
  }
  template <typename T>
  requires std::is_integral_v<T>
  void put(T value) { put(static_cast<std::uint64_t>(value)); }

  template <typename Texts>
  void put_texts(const Texts& texts) {
    open('[');
    for (const auto& text : texts) {
      begin_element();
      put(std::string_view(text));
    }
    close(']');
  }

  void open(char bracket);
  void close(char bracket);
  void begin(std::string_view key);
  void begin_entry(std::string_view key);
  void begin_element();
  void new_line();

  std::string text_;
  std::size_t depth_ = 0;
  bool empty_ = true;  // the innermost object or array is still empty
};

}  // namespace vramcalc::render
