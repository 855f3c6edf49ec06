#include "catalog/name_tokens.hpp"

#include <algorithm>

#include "model/letters.hpp"

namespace vramcalc::catalog {
namespace {

// "internlm2_5", but not the second one of "4.0_1.2b".
bool is_point(const std::string& name, std::size_t at, const std::string& chunk) {
  if (name[at] != '.' && name[at] != '_') return false;
  if (at == 0 || at + 1 == name.size() || !is_digit(name[at - 1]) || !is_digit(name[at + 1])) return false;
  return name[at] == '.' || chunk.find('.') == chunk.npos;
}

// Runs of letters and digits, a decimal point among digits included.
std::vector<std::string> chunks_of(const std::string& name) {
  std::vector<std::string> chunks;
  bool inside = false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool point = inside && is_point(name, i, chunks.back());
    const bool belongs = is_digit(name[i]) || is_letter(name[i]) || point;
    if (belongs && !inside) chunks.emplace_back();
    if (belongs) chunks.back() += point ? '.' : name[i];
    inside = belongs;
  }
  return chunks;
}

std::size_t letters_at(const std::string& chunk, std::size_t at) {
  std::size_t end = at;
  while (end < chunk.size() && is_letter(chunk[end])) ++end;
  return end - at;
}

// "qwen3" → qwen 3, "2.5vl" → 2.5 vl, but "a3b" and "8x7b" stay whole.
void append_words(const std::string& chunk, std::vector<std::string>& words) {
  words.emplace_back();
  for (std::size_t i = 0; i < chunk.size();) {
    const std::size_t letters = letters_at(chunk, i);
    const bool is_word = letters > 1;
    if (is_word && !words.back().empty()) words.emplace_back();
    const std::size_t length = std::max<std::size_t>(letters, 1);
    words.back().append(chunk, i, length);
    i += length;
    if (is_word && i < chunk.size()) words.emplace_back();
  }
}

}  // namespace

std::vector<std::string> name_tokens(std::string_view name) {
  std::vector<std::string> words;
  for (const std::string& chunk : chunks_of(lowered(name))) append_words(chunk, words);
  return words;
}

bool is_one_of(std::span<const std::string_view> words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

bool is_detail(std::string_view token) {
  constexpr std::string_view stages[] = {"beta", "preview"};
  if (is_one_of(stages, token)) return true;
  if (!token.empty() && (token.front() == 'a' || token.front() == 'e' || token.front() == 'v'))
    token.remove_prefix(1);
  return !token.empty() && is_digit(token.front());
}

bool is_beginning(const std::vector<std::string>& part, const std::vector<std::string>& whole) {
  return part.size() <= whole.size() && std::equal(part.begin(), part.end(), whole.begin());
}

bool is_subsequence(const std::vector<std::string>& part, const std::vector<std::string>& whole) {
  auto at = whole.begin();
  for (const std::string& word : part) {
    at = std::find(at, whole.end(), word);
    if (at == whole.end()) return false;
    ++at;
  }
  return true;
}

std::size_t place_of(const std::vector<std::string>& part, const std::vector<std::string>& whole) {
  const auto found = std::search(whole.begin(), whole.end(), part.begin(), part.end());
  return found == whole.end() ? std::string::npos : static_cast<std::size_t>(found - whole.begin());
}

}  // namespace vramcalc::catalog
