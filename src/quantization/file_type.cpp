#include "vramcalc/file_type.hpp"

#include <algorithm>

#include "model/letters.hpp"

namespace vramcalc {
namespace {

bool is_called(const FileType& file_type, std::string_view name) {
  const auto matches = [name](std::string_view known) { return same_letters(known, name); };
  return matches(file_type.name) || std::any_of(file_type.aliases.begin(), file_type.aliases.end(), matches);
}

}  // namespace

std::string_view to_string(ImatrixNeed need) {
  switch (need) {
    case ImatrixNeed::never: return "never";
    case ImatrixNeed::nearly_always: return "nearly_always";
    case ImatrixNeed::always: return "always";
  }
  return "unknown";
}

std::string_view to_string(QualityClass quality) {
  switch (quality) {
    case QualityClass::none: return "none";
    case QualityClass::negligible: return "negligible";
    case QualityClass::small: return "small";
    case QualityClass::moderate: return "moderate";
    case QualityClass::large: return "large";
    case QualityClass::extreme: return "extreme";
    case QualityClass::unknown: return "unknown";
  }
  return "unknown";
}

std::string_view to_string(QuantizerRelease release) {
  return release == QuantizerRelease::v0_5_0 ? "0.5.0" : "before-fused-qkv";
}

double bits_of_type(const FileType& file_type) {
  const ElementLayout& layout = layout_of(file_type.type);
  return 8.0 * layout.block_bytes / layout.block_elements;
}

double measured_loss(const FileType& file_type) {
  return file_type.kld > 0 ? file_type.kld : file_type.kld_imatrix;
}

const FileType* find_file_type(std::span<const FileType> file_types, std::string_view name) {
  const auto found = std::find_if(file_types.begin(), file_types.end(),
                                  [name](const FileType& each) { return is_called(each, name); });
  return found == file_types.end() ? nullptr : &*found;
}

}  // namespace vramcalc
