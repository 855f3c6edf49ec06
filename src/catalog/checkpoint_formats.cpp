#include "catalog/checkpoint_formats.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "catalog/name_tokens.hpp"
#include "model/letters.hpp"

namespace vramcalc::catalog {
namespace {

// Details of a format, not formats by themselves.
constexpr std::string_view details[] = {"dynamic", "block", "static", "unsloth", "quantized", "quant",
                                        "asym",    "sym",   "ct",     "kv",      "dwq",       "gs",
                                        "g",       "e4m3",  "e5m2",   "h",       "mp"};

// "4bit" → bit, "4.5bpw" → bpw, "128g" → g, "h6" → h.
std::string_view without_number(std::string_view word) {
  constexpr std::string_view number = "0123456789.";
  const std::size_t begin = std::min(word.find_first_not_of(number), word.size());
  const std::size_t end = word.find_last_not_of(number);
  return begin == word.size() ? std::string_view() : word.substr(begin, end + 1 - begin);
}

// "gptq-int8" has 8 bits, although GPTQ mostly has 4; "exl2-3.0bpw" has 3.
std::string_view near_by_bits(std::string_view words, std::string_view otherwise) {
  struct Bits {
    std::string_view word, nearest;
  };
  constexpr std::array table = {
      Bits{"int8", "Q8_0"  },
      Bits{"8bit", "Q8_0"  },
      Bits{"6bit", "Q6_K"  },
      Bits{"5bit", "Q5_K_M"},
      Bits{"3bit", "Q3_K_M"},
      Bits{"2bit", "Q2_K"  },
  };
  for (const Bits& bits : table)
    if (words.find(bits.word) != words.npos) return bits.nearest;
  return otherwise;
}

bool are_details(std::string_view text) {
  return std::ranges::all_of(words_of_format(lowered(text)), is_detail_of_format);
}

// The first row whose word is in the name decides: "mlx-4bit" is MLX and "bnb-4bit" bitsandbytes.
const FormatWord* first_in_table(const FormatWord* a, const FormatWord* b) {
  if (a == nullptr || b == nullptr) return a == nullptr ? b : a;
  return std::min(a, b);
}

}  // namespace

bool is_detail_of_format(std::string_view word) {
  return is_one_of(details, word) || is_one_of(details, without_number(word));
}

std::vector<std::string> words_of_format(std::string_view text) {
  std::vector<std::string> words(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool point =
        c == '.' && i > 0 && i + 1 < text.size() && is_digit(text[i - 1]) && is_digit(text[i + 1]);
    const bool separates = std::string_view("-_ :@/.").find(c) != std::string_view::npos && !point;
    if (separates && !words.back().empty()) words.emplace_back();
    if (!separates) words.back() += c;
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

const FormatWord* format_word(std::string_view word, FormatWords formats) {
  const auto as_is = std::ranges::find(formats, word, &FormatWord::word);
  if (as_is != formats.end()) return &*as_is;
  if (word.empty() || !is_digit(word.front())) return nullptr;
  const auto of_bits = std::ranges::find(formats, without_number(word), &FormatWord::word);
  return of_bits == formats.end() ? nullptr : &*of_bits;
}

NamedFormat named_format(std::string_view text, FormatWords formats) {
  const std::string name = lowered(text);
  if (const FormatWord* whole = format_word(name, formats))
    return {whole, near_by_bits(name, whole->nearest)};
  const FormatWord* found = nullptr;
  for (const std::string& word : words_of_format(name)) {
    const FormatWord* format = format_word(word, formats);
    if (format == nullptr && !is_detail_of_format(word)) return {};
    found = first_in_table(found, format);
  }
  if (found == nullptr) return {};
  return {found, near_by_bits(name, found->nearest)};
}

NamedFormat take_format(std::string& name, FormatWords formats) {
  NamedFormat best;
  std::size_t cut = name.size();
  for (std::size_t at = name.size(); at-- > 1;) {
    if (std::string_view("-_ :@.").find(name[at]) == std::string_view::npos) continue;
    const std::string_view last_words = std::string_view(name).substr(at + 1);
    const NamedFormat format = named_format(last_words, formats);
    if (format.format != nullptr) {
      best = format;
      cut = at;
    } else if (name[at] != '.' && !are_details(last_words)) {
      break;
    }
  }
  if (best.format != nullptr) name.resize(cut);
  return best;
}

const FormatWord* word_of_family(std::string_view title, FormatWords formats) {
  const auto found = std::ranges::find(formats, title, &FormatWord::family);
  return found == formats.end() ? nullptr : &*found;
}

std::string description(const FormatWord& format) {
  return fmt::format("a checkpoint format ({}: {})", format.family, format.what);
}

}  // namespace vramcalc::catalog
