#include "catalog/checkpoint_format_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "catalog/names.hpp"
#include "model/letters.hpp"
#include "model/printable.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::catalog {
namespace {

using Rows = std::span<const CheckpointFormatRow>;
using Words = std::vector<std::string>;

// Lower case without separators: "FP8-dynamic" and "fp8_dynamic" are fp8dynamic.
std::string compact(std::string_view name) {
  std::string text = lowered(name);
  std::erase_if(text, [](char c) { return std::string_view("_- .").find(c) != std::string_view::npos; });
  return text;
}

bool has(TextList list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

const CheckpointFormatRow* called(std::string_view spelling, Rows rows) {
  const std::string wanted = compact(spelling);
  const auto found = std::ranges::find_if(rows, [&](const CheckpointFormatRow& row) {
    return compact(row.name) == wanted ||
           std::any_of(row.aliases.begin(), row.aliases.end(),
                       [&](std::string_view alias) { return compact(alias) == wanted; });
  });
  return found == rows.end() ? nullptr : &*found;
}

// The family of the first of the words in the table.
std::string_view family_of(const Words& spelled, FormatWords words) {
  const FormatWord* first = nullptr;
  for (const std::string& word : spelled)
    if (const FormatWord* found = format_word(word, words); found != nullptr)
      first = first == nullptr ? found : std::min(first, found);
  return first == nullptr ? std::string_view() : first->family;
}

// "4bit", "int8", "q8", "mxfp4": words that no other format of the family may have.
bool tells_bits(std::string_view word) {
  const auto is_number = [](std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, is_digit);
  };
  for (const std::string_view beginning : {"int", "q", "fp", "mxfp", "nvfp", "nf"})
    if (word.starts_with(beginning) && is_number(word.substr(beginning.size()))) return true;
  return word.ends_with("bit") && is_number(word.substr(0, word.size() - 3));
}

bool is_known_to(const CheckpointFormatRow& row, std::string_view word, FormatWords words) {
  if (has(row.details, word)) return true;
  const FormatWord* named = format_word(word, words);
  return named != nullptr && named->word == word && has(row.families, named->family);
}

const CheckpointFormatRow* best_of_family(std::string_view family, const Words& spelled, FormatWords words,
                                          Rows rows) {
  const CheckpointFormatRow* best = nullptr;
  std::ptrdiff_t most = -1;
  for (const CheckpointFormatRow& row : rows) {
    const bool contradicts = std::ranges::any_of(
        spelled, [&](const std::string& word) { return tells_bits(word) && !is_known_to(row, word, words); });
    if (!has(row.families, family) || contradicts) continue;
    const std::ptrdiff_t agreed =
        std::ranges::count_if(spelled, [&](const std::string& word) { return has(row.details, word); });
    if (agreed > most) best = &row;
    most = std::max(most, agreed);
  }
  return best;
}

// The number of "128g", "g128" and "gs128".
std::optional<std::uint32_t> group_in(std::string_view word) {
  for (const std::string_view mark : {"gs", "g"}) {
    if (word.starts_with(mark))
      word.remove_prefix(mark.size());
    else if (word.ends_with(mark))
      word.remove_suffix(mark.size());
    else
      continue;
    std::uint32_t number = 0;
    const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), number);
    const bool good =
        code == std::errc() && end == word.data() + word.size() && number >= 8 && number <= 1024;
    return good ? std::optional(number) : std::nullopt;
  }
  return std::nullopt;
}

// "4.65bpw" has 465 hundredths.
std::optional<std::uint32_t> hundredths_in(std::string_view word) {
  if (!word.ends_with("bpw")) return std::nullopt;
  word.remove_suffix(3);
  std::uint32_t whole = 0, hundredths = 0, worth = 10;
  const std::size_t point = std::min(word.find('.'), word.size());
  const auto [end, code] = std::from_chars(word.data(), word.data() + point, whole);
  if (code != std::errc() || end != word.data() + point || whole > 16) return std::nullopt;
  for (const char digit : word.substr(std::min(point + 1, word.size()))) {
    if (!is_digit(digit)) return std::nullopt;
    hundredths += worth * static_cast<std::uint32_t>(digit - '0');
    worth /= 10;
  }
  return 100 * whole + hundredths;
}

void set_hundredths(PackedLayout& layout, std::uint32_t nominal, std::uint32_t wanted) {
  const std::uint32_t now = 100 * layout.value_bits + layout.value_hundredths;
  const std::uint32_t value = wanted * now / nominal;  // a packing may be some per cent off
  layout.value_bits = value / 100;
  layout.value_hundredths = value % 100;
}

}  // namespace

SpelledFormat spelled_format(std::string_view spelling, FormatWords words, Rows rows) {
  if (const CheckpointFormatRow* row = called(spelling, rows)) return {row, 0, 0};
  const Words spelled = words_of_format(lowered(spelling));
  const std::string_view family = family_of(spelled, words);
  if (family.empty()) return {};
  SpelledFormat result;
  for (const std::string& word : spelled) {
    if (const auto group = group_in(word)) result.group = *group;
    if (const auto bits = hundredths_in(word)) result.hundredths_of_a_bit = *bits;
    if (format_word(word, words) == nullptr && !is_detail_of_format(word) && !tells_bits(word) &&
        std::ranges::none_of(rows, [&](const CheckpointFormatRow& row) { return has(row.details, word); }))
      return {};
  }
  result.row = best_of_family(family, spelled, words, rows);
  return result;
}

namespace {

Packing with_spelling(Packing packing, const SpelledFormat& spelled) {
  PackedLayout& layout = packing.layout;
  if (spelled.group != 0 && layout.scale_columns != 0) layout.scale_columns = spelled.group;
  if (spelled.hundredths_of_a_bit != 0)
    set_hundredths(layout, static_cast<std::uint32_t>(100 * spelled.row->nominal_bits),
                   spelled.hundredths_of_a_bit);
  return packing;
}

// "EXL3 4.65bpw", "GPTQ g32"
std::string full_name(const SpelledFormat& spelled) {
  std::string name(spelled.row->name);
  if (spelled.hundredths_of_a_bit != 0) name += fmt::format(" {:g}bpw", spelled.hundredths_of_a_bit / 100.0);
  if (spelled.group != 0 && spelled.group != spelled.row->packing.layout.scale_columns)
    name += fmt::format(" g{}", spelled.group);
  return name;
}

[[noreturn]] void fail_without_layout(std::string_view spelling, FormatWords words, Rows rows) {
  const std::string_view family = family_of(words_of_format(lowered(spelling)), words);
  std::vector<std::string> names;
  for (const CheckpointFormatRow& row : rows)
    if (family.empty() || has(row.families, family)) names.emplace_back(row.name);
  const FormatWord* named = word_of_family(family, words);
  if (named == nullptr)
    throw Error(
        ErrorCode::unknown_name,
        fmt::format("unknown checkpoint format {}; \"vramcalc quants\" lists them", in_quotes(spelling)));
  throw Error(ErrorCode::unsupported,
              names.empty()
                  ? fmt::format("{} is {}, and how it stores weights is not known here; give the "
                                "checkpoint itself (a folder or hf:ORG/NAME)",
                                printable(std::string(spelling), 80), description(*named))
                  : fmt::format("{} names no format of {} whose layout is known; name one: {}",
                                printable(std::string(spelling), 80), family, fmt::join(names, ", ")),
              names);
}

}  // namespace

CheckpointFormat checkpoint_format_named(std::string_view spelling, FormatWords words, Rows rows,
                                         const Architecture& architecture) {
  if (spelling.size() > longest_name) fail_without_layout("", words, {});
  const SpelledFormat spelled = spelled_format(spelling, words, rows);
  if (spelled.row == nullptr) fail_without_layout(spelling, words, rows);
  CheckpointFormat format = checkpoint_format(*spelled.row, architecture);
  format.name = full_name(spelled);
  format.packing = with_spelling(format.packing, spelled);
  if (format.range) {
    format.range->least = with_spelling(format.range->least, spelled);
    format.range->most = with_spelling(format.range->most, spelled);
  }
  return format;
}

}  // namespace vramcalc::catalog
