#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "catalog/packed.hpp"

namespace vramcalc::catalog::embed {

// Any bytes as a string literal of C++.
std::string literal(std::string_view bytes);

// Packs rows for catalog/packed.hpp and writes them as C++. Equal texts are stored once, and those of one
// member side by side: comparing the families of all models does not touch their publishers.
class Packer {
 public:
  // Adds a table of that name; the definitions come with source().
  template <typename Row>
  void add(std::string_view name, const std::vector<Row>& rows) {
    keep_texts(rows);
    std::vector<std::uint32_t> words;
    for (const Row& row : rows) visit_fields(row, Pack{*this, words});
    add_words(name, words, rows.size());
  }

  // The arrays, for an unnamed namespace, and the tables that point to them.
  std::string arrays() const;
  std::string tables() const { return tables_; }

 private:
  struct Pack {
    Packer& packer;
    std::vector<std::uint32_t>& words;

    void operator()(std::string_view text) const {
      words.push_back(packer.place_of(text));
      words.push_back(static_cast<std::uint32_t>(text.size()));
    }
    void operator()(TextList list) const { operator()(list.lines()); }
    void operator()(std::uint64_t number) const {
      words.push_back(static_cast<std::uint32_t>(number));
      words.push_back(static_cast<std::uint32_t>(number >> 32));
    }
    void operator()(double number) const { operator()(std::bit_cast<std::uint64_t>(number)); }
    template <typename T>
    void operator()(T small) const {
      words.push_back(static_cast<std::uint32_t>(small));
    }
  };

  // Stores the text of one member of a row and skips the others.
  struct KeepText {
    Packer& packer;
    std::size_t wanted;
    std::size_t member = 0;

    void operator()(std::string_view text) {
      if (member++ == wanted) packer.place_of(text);
    }
    void operator()(TextList list) { operator()(list.lines()); }
    template <typename T>
    void operator()(T) {
      ++member;
    }
  };

  template <typename Row>
  void keep_texts(const std::vector<Row>& rows) {
    Row row;
    std::size_t members = 0;
    visit_fields(row, [&](const auto&) { ++members; });
    for (std::size_t member = 0; member < members; ++member)
      for (const Row& each : rows) visit_fields(each, KeepText{*this, member});
  }

  std::uint32_t place_of(std::string_view text);
  void add_words(std::string_view name, const std::vector<std::uint32_t>& words, std::size_t rows);

  std::string text_;
  std::unordered_map<std::string, std::uint32_t> places_;
  std::string word_arrays_, tables_;
};

}  // namespace vramcalc::catalog::embed
