#include "source/json_text.hpp"

#include <fmt/format.h>

#include <array>

#include "vramcalc/error.hpp"

namespace vramcalc::source {

using nlohmann::json;

json read_json(std::string text, const std::string& file, const JsonMember& member,
               std::uint64_t most_values) {
  if (text.starts_with("version https://git-lfs"))
    throw Error(ErrorCode::bad_file,
                fmt::format("{}: this is a Git LFS pointer, not the file itself; run git lfs pull", file));
  return catalog::parse_json(text, file, member, most_values);
}

json read_json(const ByteSource& source, std::uint64_t limit, const JsonMember& member) {
  return read_json(read_all(source, limit), source.name, member);
}

std::string without_python_numbers(std::string text) {
  constexpr std::array<std::string_view, 3> words{"-Infinity", "Infinity", "NaN"};
  std::string result;
  std::size_t copied = 0;  // of `text`, into `result`
  bool in_text = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (in_text && text[i] == '\\') {
      ++i;
      continue;
    }
    if (text[i] == '"') in_text = !in_text;
    if (in_text || (text[i] != '-' && text[i] != 'I' && text[i] != 'N')) continue;
    for (std::string_view word : words) {
      if (text.compare(i, word.size(), word) != 0) continue;
      result.append(text, copied, i - copied).append("null");
      copied = i + word.size();
      i = copied - 1;
      break;
    }
  }
  return copied == 0 ? text : result.append(text, copied);
}

}  // namespace vramcalc::source
