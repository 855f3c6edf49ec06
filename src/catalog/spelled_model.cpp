#include "catalog/spelled_model.hpp"

#include <algorithm>

#include "catalog/checkpoint_formats.hpp"
#include "catalog/name_tokens.hpp"
#include "model/letters.hpp"

namespace vramcalc::catalog {
namespace {

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
bool separates(char c) { return std::string_view("-_ .:@()").find(c) != std::string_view::npos; }

bool take_beginning(std::string& text, std::string_view beginning) {
  if (!lowered(text).starts_with(beginning)) return false;
  text.erase(0, beginning.size());
  return true;
}

bool take_end(std::string& text, std::string_view end) {
  if (text.size() <= end.size() || !lowered(text).ends_with(end)) return false;
  text.resize(text.size() - end.size());
  return true;
}

void take_separators_at_ends(std::string& text) {
  while (!text.empty() && separates(text.back())) text.pop_back();
  while (!text.empty() && separates(text.front())) text.erase(0, 1);
}

// "https://huggingface.co/Qwen/Qwen3-8B/tree/main?x" → "Qwen/Qwen3-8B".
void take_address(std::string& text) {
  for (const std::string_view command : {"ollama run ", "ollama pull "}) take_beginning(text, command);
  const bool is_address = take_beginning(text, "https://") || take_beginning(text, "http://");
  take_beginning(text, "www.");
  bool is_known_host = false;
  for (const std::string_view host : {"huggingface.co/", "hf.co/", "modelscope.cn/models/",
                                      "ollama.com/library/", "ollama.com/", "registry.ollama.ai/library/"})
    is_known_host = is_known_host || take_beginning(text, host);
  if (!is_address && !is_known_host) return;
  text = text.substr(0, text.find_first_of("?#"));
  while (text.ends_with('/')) text.pop_back();
  for (const std::string_view page : {"/tree/", "/blob/", "/resolve/"})
    if (const std::size_t at = text.find(page); at != text.npos) {
      const std::size_t file = text.rfind('/');
      text = lowered(text).ends_with(".gguf") ? text.substr(0, at) + text.substr(file) : text.substr(0, at);
    }
}

// "-00001-of-00003" of a file in parts.
void take_part_number(std::string& name) {
  const std::string_view shape = "-ddddd-of-ddddd";
  if (name.size() <= shape.size()) return;
  const std::string_view end = std::string_view(name).substr(name.size() - shape.size());
  const bool fits = std::equal(shape.begin(), shape.end(), end.begin(),
                               [](char wanted, char c) { return wanted == 'd' ? is_digit(c) : wanted == c; });
  if (fits) name.resize(name.size() - shape.size());
}

// Words about GGUF files and how they were made, but not which one.
void take_marks(std::string& name) {
  constexpr std::string_view marks[] = {"gguf", "ggufs", "i1",      "imat",      "imatrix",     "latest",
                                        "free", "cloud", "gguf-v2", "gguf-imat", "imatrix-gguf"};
  for (bool found = true; found;) {
    found = false;
    take_separators_at_ends(name);
    for (const std::string_view mark : marks) {
      const bool apart = name.size() > mark.size() + 1 && separates(name[name.size() - mark.size() - 1]);
      found = found || (apart && take_end(name, mark));
    }
  }
}

bool is_file_type(std::string_view word, std::span<const FileType> file_types) {
  return looks_like_file_type(word) || find_file_type(file_types, word) != nullptr;
}

// The longest suffix that is a file type: "-Q4_K_M", ".i1-IQ2_XXS", ":q8_0", "-UD-Q4_K_XL".
std::string take_file_type(std::string& name, std::span<const FileType> file_types) {
  for (std::size_t at = 1; at + 1 < name.size(); ++at) {
    if (!separates(name[at])) continue;
    std::string word = name.substr(at + 1);
    if (!is_file_type(word, file_types)) continue;
    name.resize(at);
    take_beginning(word, "i1-");
    std::ranges::transform(word, word.begin(), upper);
    return word;
  }
  return "";
}

// Removes the publisher, and keeps only the file of a repository path.
void take_publisher(std::string& name, SpelledModel& spelled) {
  const std::size_t slash = name.rfind('/');
  if (slash == name.npos) return;
  std::string before = name.substr(0, slash);
  name.erase(0, slash + 1);
  spelled.publisher = before.substr(0, before.find('/'));
  spelled.repository = before.find('/') == before.npos ? before + "/" + name : before;
}

}  // namespace

bool looks_like_file_type(std::string_view text) {
  const std::string word = lowered(text);
  std::string_view rest = word;
  for (const std::string_view beginning : {"ud-", "i1-"})
    if (rest.starts_with(beginning)) rest.remove_prefix(beginning.size());
  if (rest.starts_with("iq") || rest.starts_with("tq")) rest.remove_prefix(1);
  if (rest.size() < 2 || rest[0] != 'q' || !is_digit(rest[1])) return false;
  rest.remove_prefix(2);
  if (!rest.empty() && rest[0] != '_' && rest[0] != '-' && rest[0] != 'k') return false;
  return rest.size() <= 8 && rest.find_first_not_of("0123456789_-kmslxnp") == rest.npos;
}

SpelledModel spelled_model(std::string_view word, std::span<const FileType> file_types,
                           std::span<const FormatWord> format_words) {
  SpelledModel spelled;
  std::string name(word);
  take_address(name);
  take_separators_at_ends(name);
  take_publisher(name, spelled);
  if (spelled.repository.find(':') != std::string::npos)
    spelled.repository.resize(spelled.repository.find(':'));
  spelled.is_file = take_end(name, ".gguf");
  take_part_number(name);
  take_marks(name);
  spelled.quantization = take_file_type(name, file_types);
  take_marks(name);
  const std::string with_format = name;
  const NamedFormat format = take_format(name, format_words);
  if (format.format != nullptr) spelled.format = format.format->family;
  if (name.size() < with_format.size()) spelled.format_spelling = with_format.substr(name.size() + 1);
  if (spelled.publisher == "mlx-community") {
    spelled.format = "MLX";
    spelled.format_spelling = "mlx-" + spelled.quantization + spelled.format_spelling;
  }
  if (spelled.quantization.empty()) spelled.quantization = take_file_type(name, file_types);
  if (!spelled.format.empty()) {  // the rest names its bits: gpt-oss-20b-MXFP4-Q8
    spelled.quantization.clear();
    while (!take_file_type(name, file_types).empty()) continue;
  }
  spelled.is_trained_for_it = take_end(name, "-qat") || take_end(name, ":qat");
  take_marks(name);
  spelled.name = name;
  return spelled;
}

}  // namespace vramcalc::catalog
