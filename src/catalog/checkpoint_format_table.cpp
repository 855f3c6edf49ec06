#include "catalog/checkpoint_format_table.hpp"

#include <algorithm>

namespace vramcalc::catalog {

void CheckpointFormatTable::add(CheckpointFormats formats) {
  if (!formats.words.empty()) {
    const std::span<const FormatWord> before = words();
    formats.words.insert(formats.words.end(), before.begin(), before.end());
    words_ = std::move(formats.words);
  }
  if (formats.rows.empty()) return;
  if (rows_.empty()) rows_.assign(embedded_rows_.begin(), embedded_rows_.end());
  for (const CheckpointFormatRow& row : formats.rows) {
    const auto twin = std::ranges::find(rows_, row.name, &CheckpointFormatRow::name);
    if (twin != rows_.end())
      *twin = row;
    else
      rows_.push_back(row);
  }
}

}  // namespace vramcalc::catalog
