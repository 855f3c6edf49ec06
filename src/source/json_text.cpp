#include "source/json_text.hpp"

#include <fmt/format.h>

#include <array>
#include <set>
#include <vector>

#include "model/printable.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::source {
namespace {

using nlohmann::json;
using Event = json::parse_event_t;

constexpr int deepest = 64;

// What the parser shows as it goes; it is not recursive itself, but what is done with its result is.
class Watch {
 public:
  Watch(const std::string& file, const JsonMember& member) : file_(file), member_(member) {}

  bool operator()(int depth, Event event, json& parsed) {
    switch (event) {
      case Event::object_start:
      case Event::array_start:
        if (depth >= deepest) fail(fmt::format("nested deeper than {} levels", deepest));
        open_.emplace_back();
        return true;
      case Event::key: enter(parsed.get<std::string>()); return true;
      case Event::object_end:
      case Event::array_end: open_.pop_back(); return keep(depth, parsed);
      case Event::value: return keep(depth, parsed);
    }
    return true;
  }

 private:
  struct Level {
    std::set<std::string> keys;
    std::string key;
  };

  void enter(const std::string& key) {
    if (!open_.back().keys.insert(key).second) fail(fmt::format("key {} stands there twice", in_quotes(key)));
    open_.back().key = key;
  }

  bool keep(int depth, const json& value) {
    if (!member_ || depth < 1 || depth > 2 || open_.size() != static_cast<std::size_t>(depth)) return true;
    if (depth == 2 && open_[1].key.empty()) return true;  // an item of a list
    return member_(open_[0].key, depth == 2 ? open_[1].key : std::string(), value);
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorCode::bad_file, fmt::format("{}: {}", file_, what));
  }

  const std::string& file_;
  const JsonMember& member_;
  std::vector<Level> open_;
};

// "[json.exception.parse_error.101] parse error at line 1, column 2: …" → from "line" on
std::string where_and_what(const std::string& text) {
  const std::size_t line = text.find("line ");
  return printable(line == std::string::npos ? text : text.substr(line), 300);
}

}  // namespace

json read_json(std::string text, const std::string& file, const JsonMember& member) {
  if (text.starts_with("version https://git-lfs"))
    throw Error(
        ErrorCode::bad_file,
        fmt::format("{}: this is a Git LFS pointer and not the file itself; git lfs pull fetches it", file));
  try {
    return json::parse(text, Watch(file, member));
  } catch (const json::exception& failure) {
    throw Error(ErrorCode::bad_file,
                fmt::format("{}: not valid JSON: {}", file, where_and_what(failure.what())));
  }
}

json read_json(const ByteSource& source, std::uint64_t limit, const JsonMember& member) {
  return read_json(read_all(source, limit), source.name, member);
}

std::string without_python_numbers(std::string text) {
  constexpr std::array<std::string_view, 3> words{"-Infinity", "Infinity", "NaN"};
  bool in_text = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (in_text && text[i] == '\\') {
      ++i;
      continue;
    }
    if (text[i] == '"') in_text = !in_text;
    if (in_text) continue;
    for (std::string_view word : words)
      if (text.compare(i, word.size(), word) == 0) text.replace(i, word.size(), "null");
  }
  return text;
}

}  // namespace vramcalc::source
