#include "catalog/file_type_table.hpp"

#include <algorithm>

namespace vramcalc::catalog {

void FileTypeTable::add(const std::string& json, const std::string& file) {
  const Quantizations& added = own_.emplace_back(load_quantizations(json, file, all()));
  if (merged_.empty()) merged_.assign(embedded_.begin(), embedded_.end());
  for (const FileType& file_type : added.file_types) {
    const auto twin = std::ranges::find(merged_, file_type.name, &FileType::name);
    if (twin != merged_.end())
      *twin = file_type;
    else
      merged_.push_back(file_type);
  }
}

std::span<const FileType> FileTypeTable::all() const { return merged_.empty() ? embedded_ : merged_; }

}  // namespace vramcalc::catalog
