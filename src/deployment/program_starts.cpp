#include "deployment/program_starts.hpp"

#include <algorithm>

#include "deployment/image.hpp"
#include "deployment/program.hpp"

namespace vramcalc::deployment {
namespace {

// Python's own options before what it runs.
std::size_t python_options(std::span<const Word> words) {
  std::size_t i = 1;
  while (i < words.size() && words[i].text.starts_with('-') && words[i].text != "-m" && words[i].text != "-c")
    i += words[i].text == "-X" || words[i].text == "-W" ? 2 : 1;
  return std::min(i, words.size());
}

bool is_same_program(std::string_view word, std::string_view row) {
  return base_name(word) == base_name(row) || (is_python(word) && is_python(row));
}

// The number of words that a row takes of a command line; 0 if it is not that.
std::size_t taken(std::span<const Word> words, const std::vector<std::string>& row) {
  if (words.empty() || row.empty() || !is_same_program(words[0].text, row[0])) return 0;
  const std::size_t first = is_python(row[0]) ? python_options(words) : 1;
  const std::size_t count = first + row.size() - 1;
  if (words.size() < count) return 0;
  for (std::size_t i = 1; i < row.size(); ++i)
    if (words[first + i - 1].text != row[i]) return 0;
  return count;
}

// What a digest alone names: the server, since its tag is not known.
const ProgramImage* image_by_digest(std::string_view image) {
  if (image.find('@') == std::string_view::npos || !image_tag(image).empty()) return nullptr;
  for (const std::string_view id : program_ids())
    for (const ProgramImage& row : find_program(id)->images)
      if (is_image(image, row.name)) return &row;
  return nullptr;
}

}  // namespace

std::string_view base_name(std::string_view path) {
  const std::size_t slash = path.find_last_of("/\\");
  if (slash != std::string_view::npos) path.remove_prefix(slash + 1);
  if (path.ends_with(".exe")) path.remove_suffix(4);
  return path;
}

bool is_python(std::string_view word) {
  std::string_view name = base_name(word);
  if (!name.starts_with("python")) return false;
  name.remove_prefix(6);
  return std::ranges::all_of(name, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

std::optional<ProgramStart> find_start(std::span<const Word> words) {
  if (words.empty()) return std::nullopt;
  for (const std::string_view id : program_ids())
    for (const std::vector<std::string>& row : find_program(id)->starts)
      if (const std::size_t count = taken(words, row); count > 0)
        return ProgramStart{.program = std::string(id), .words = count};
  return std::nullopt;
}

std::optional<ImageStart> start_of_image(std::string_view image) {
  const ProgramImage* row = find_image(image).image;
  if (row == nullptr) row = image_by_digest(image);
  return row == nullptr ? std::nullopt : std::optional(ImageStart{row->entrypoint, row->command});
}

}  // namespace vramcalc::deployment
