#pragma once

#include <fmt/format.h>

#include <array>
#include <concepts>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/embed/literal.hpp"
#include "catalog/embed/row_fields.hpp"

namespace vramcalc::catalog::embed {

// The members of one row as C++ writes them, in the order in which they are declared.
class Initializers {
 public:
  explicit Initializers(const void* row) : end_(static_cast<const std::byte*>(row)) {}

  template <typename T>
  void operator()(const T& member) {
    const auto* place = reinterpret_cast<const std::byte*>(&member);
    if (place < end_ || place - end_ >= static_cast<std::ptrdiff_t>(alignof(T)))
      throw std::logic_error("visit_fields does not visit every member in the order of their declaration");
    end_ = place + sizeof(T);
    text_ += initializer(member) + ", ";
  }

  const std::string& text() const { return text_; }

 private:
  // With its length, so that the compiler need not count it.
  static std::string initializer(std::string_view text) {
    return text.empty() ? "{}" : fmt::format("{{{}, {}}}", literal(text), text.size());
  }
  static std::string initializer(TextList list) {
    return list.empty() ? "{}" : fmt::format("TextList({})", initializer(list.lines()));
  }
  static std::string initializer(Evidence evidence) {
    return fmt::format("Evidence{{{}}}", static_cast<int>(evidence));
  }
  static std::string initializer(System::Kind kind) {
    return fmt::format("System::Kind{{{}}}", static_cast<int>(kind));
  }
  static std::string initializer(PartSet parts) { return fmt::format("PartSet::of_bits({})", parts.bits()); }
  template <typename Item, std::size_t Count>
  static std::string initializer(const std::array<Item, Count>& items) {
    std::string text = "{{";
    for (const Item& item : items) text += initializer(item) + ", ";
    return text + "}}";
  }
  template <typename Part>
  requires std::same_as<Part, PackedLayout> || std::same_as<Part, Packing> || std::same_as<Part, PackingEnd>
  static std::string initializer(const Part& part) {
    Initializers initializers(&part);
    visit_fields(part, initializers);
    return fmt::format("{{{}}}", initializers.text());
  }
  template <typename Number>
  requires std::integral<Number> || std::floating_point<Number>
  static std::string initializer(Number number) { return fmt::format("{}", number); }

  const std::byte* end_;
  std::string text_;
};

// `constexpr TYPE NAME[] = {…};`
template <typename Row>
std::string array(std::string_view type, std::string_view name, const std::vector<Row>& rows) {
  std::string text = fmt::format("constexpr {} {}[] = {{\n", type, name);
  for (const Row& row : rows) {
    Initializers initializers(&row);
    visit_fields(row, initializers);
    text += fmt::format("  {{{}}},\n", initializers.text());
  }
  return text + "};\n";
}

}  // namespace vramcalc::catalog::embed
