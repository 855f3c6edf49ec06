#pragma once

#include <span>
#include <string>
#include <vector>

#include "catalog/checkpoint_format_rows.hpp"

namespace vramcalc::catalog {

// Checkpoint formats and the words for them: the embedded ones, with the user's before them (words) or after
// them and in place of those of the same name (rows).
class CheckpointFormatTable {
 public:
  CheckpointFormatTable(std::span<const FormatWord> words, std::span<const CheckpointFormatRow> rows)
      : embedded_words_(words), embedded_rows_(rows) {}

  void add(CheckpointFormats formats);

  std::span<const FormatWord> words() const { return words_.empty() ? embedded_words_ : words_; }
  std::span<const CheckpointFormatRow> rows() const { return rows_.empty() ? embedded_rows_ : rows_; }

 private:
  std::span<const FormatWord> embedded_words_;
  std::span<const CheckpointFormatRow> embedded_rows_;
  std::vector<FormatWord> words_;          // empty without the user's words
  std::vector<CheckpointFormatRow> rows_;  // empty without the user's formats
};

}  // namespace vramcalc::catalog
