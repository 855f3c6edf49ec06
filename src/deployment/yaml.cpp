#include "deployment/yaml.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <sstream>

#include "catalog/name_tokens.hpp"
#include "deployment/yaml_builder.hpp"
#include "deployment/yaml_text.hpp"

namespace vramcalc::deployment {
namespace {

std::uint32_t line_of(const YAML::Mark& mark) {
  return mark.line < 0 ? 0 : static_cast<std::uint32_t>(mark.line) + 1;
}

// yaml-cpp gives "?" for what has no tag and no quotes, and "!" for what has quotes or is a block of text.
constexpr std::array<std::string_view, 6> plain_tags = {"",
                                                        "?",
                                                        "tag:yaml.org,2002:int",
                                                        "tag:yaml.org,2002:float",
                                                        "tag:yaml.org,2002:bool",
                                                        "tag:yaml.org,2002:null"};
constexpr std::array<std::string_view, 4> collection_tags = {"", "?", "tag:yaml.org,2002:map",
                                                             "tag:yaml.org,2002:seq"};

using catalog::is_one_of;

// A new document that no --- begins: yaml-cpp stops where a document ends, and what follows would become one
// of its own, without end if it is a bracket.
bool is_marked(std::string_view text, std::size_t begin) {
  if (begin >= text.size() || text.substr(begin, 3) == "---") return true;
  const std::size_t end = text.rfind("\n...", begin);
  return end != text.npos && text.find_first_not_of(" \t\n", end + 4) == begin;
}

// Whether the text in quotes that begins there ends. yaml-cpp lets the end of the file end it.
bool is_closed(std::string_view text, std::size_t begin) {
  const char quote = text[begin];
  for (std::size_t i = begin + 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\')
      ++i;
    else if (text[i] == quote && text.substr(i, 2) != "''")
      return true;
    else if (text[i] == quote)
      ++i;
  }
  return false;
}

class Events : public YAML::EventHandler {
 public:
  Events(const std::string& file, std::string_view text) : file_(file), text_(text), builder_(file) {}

  std::vector<Yaml> documents() { return builder_.take(); }
  std::uint32_t line() const { return line_; }
  // Only the last text in quotes can be cut off.
  void check_end() const {
    if (last_quote_ && !is_closed(text_, last_quote_->begin))
      fail_at({file_, last_quote_->line}, "this is not YAML: the quotes that begin here do not end");
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    at(mark);
    if (!first_ && !is_marked(text_, static_cast<std::size_t>(mark.pos)))
      fail_at({file_, line_}, "this is not YAML: the document has ended before");
    first_ = false;
  }
  void OnDocumentEnd() override { builder_.end_document(); }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    builder_.add({.line = at(mark)}, anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    builder_.add_alias(at(mark), anchor);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const bool quoted = !is_one_of(plain_tags, tag);
    const auto begin = static_cast<std::size_t>(mark.pos);
    const bool has_quotes = begin < text_.size() && (text_[begin] == '"' || text_[begin] == '\'');
    if (quoted && has_quotes) last_quote_ = {begin, line_of(mark)};
    builder_.add({.kind = Yaml::Kind::scalar, .text = value, .quoted = quoted, .line = at(mark)}, anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Yaml::Kind::list, tag, at(mark), anchor);
  }
  void OnSequenceEnd() override { builder_.close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Yaml::Kind::map, tag, at(mark), anchor);
  }
  void OnMapEnd() override { builder_.close(); }

 private:
  std::uint32_t at(const YAML::Mark& mark) { return line_ = line_of(mark); }
  void open(Yaml::Kind kind, std::string_view tag, std::uint32_t line, YAML::anchor_t anchor) {
    builder_.open({.kind = kind, .quoted = !is_one_of(collection_tags, tag), .line = line}, anchor);
  }

  const std::string& file_;
  std::string_view text_;
  YamlBuilder builder_;
  struct Quote {
    std::size_t begin;
    std::uint32_t line;
  };
  std::optional<Quote> last_quote_;
  bool first_ = true;
  std::uint32_t line_ = 0;
};

std::string_view line_at(std::string_view text, std::uint32_t line) {
  for (; line > 1 && text.find('\n') != text.npos; --line) text.remove_prefix(text.find('\n') + 1);
  return text.substr(0, text.find('\n'));
}

[[noreturn]] void fail_as_yaml(const YAML::Exception& error, const Input& input, std::string_view text,
                               std::uint32_t last_line) {
  const std::uint32_t line = line_of(error.mark) == 0 ? last_line : line_of(error.mark);
  const std::string_view there = line_at(text, line);
  const std::size_t indented = there.find_first_not_of(" \t");
  if (there.substr(0, indented).find('\t') != there.npos)
    fail_at({input.name, line}, "this is not YAML: a tab indents the line, and YAML takes spaces only");
  fail_at({input.name, line}, fmt::format("this is not YAML: {}", error.msg));
}

}  // namespace

std::vector<Yaml> parse_yaml(const Input& input) {
  const std::string text = yaml_text(input);
  std::istringstream stream(text);
  Events events(input.name, text);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(events)) {
    }
  } catch (const YAML::Exception& error) {
    fail_as_yaml(error, input, text, events.line());
  }
  events.check_end();
  return events.documents();
}

}  // namespace vramcalc::deployment
