#include "deployment/yaml.hpp"

#include <fmt/format.h>

#include "catch.hpp"
#include "vramcalc/error.hpp"

using namespace vramcalc;
using namespace vramcalc::deployment;

namespace {

std::vector<Yaml> documents(const std::string& text) { return parse_yaml({"a.yaml", text}); }

Yaml document(const std::string& text) {
  const std::vector<Yaml> all = documents(text);
  REQUIRE(all.size() == 1);
  return all.front();
}

std::string refusal(const std::string& text) {
  try {
    documents(text);
    return "";
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::bad_file);
    return error.what();
  }
}

// In one line: lists in brackets, maps in braces, texts in quotes where the input had some.
std::string shown(const Yaml& value) {
  std::string text;
  switch (value.kind) {
    case Yaml::Kind::null: return "null";
    case Yaml::Kind::scalar: return value.quoted ? "'" + value.text + "'" : value.text;
    case Yaml::Kind::list:
      for (const Yaml& item : value.items) text += (text.empty() ? "" : ", ") + shown(item);
      return "[" + text + "]";
    case Yaml::Kind::map:
      for (const auto& [key, member] : value.members)
        text += (text.empty() ? "" : ", ") + key + ": " + shown(member);
      return "{" + text + "}";
  }
  return text;
}

std::string times(std::size_t count, std::string_view text) {
  std::string result;
  while (count-- > 0) result += text;
  return result;
}

struct Row {
  std::string text, value;
};

struct Hostile {
  std::string name, text, message;
};

// Each level is ten times the one before.
std::string exploding(const std::string& bottom, int levels) {
  std::string text = "a0: &a0 " + bottom + "\n";
  for (int i = 1; i <= levels; ++i) {
    text += fmt::format("a{}: &a{} [", i, i);
    for (int j = 0; j < 10; ++j) text += fmt::format("{}*a{}", j == 0 ? "" : ", ", i - 1);
    text += "]\n";
  }
  return text;
}

std::string nested_aliases() {
  std::string text = "a0: &a0 " + times(40, "[") + times(40, "]") + "\n";
  return text + "a1: &a1 " + times(40, "[") + "*a0" + times(40, "]") + "\n";
}

}  // namespace

// clang-format 14 does not end on tables with adjacent literals.
// clang-format off

TEST_CASE("YAML is read as values, with what tells a text from a number") {
  const auto row = GENERATE(values<Row>({
      {"a: 1\nb: '1'\nc: \"x\"\n", "{a: 1, b: '1', c: 'x'}"},
      {"a:\n- 1\n- {b: [c]}\n", "{a: [1, {b: [c]}]}"},
      {"a:\nb: null\nc: ~\n", "{a: null, b: null, c: null}"},
      {"a: |\n  x\n  y\n", "{a: 'x\ny\n'}"},
      {"a: >-\n  x\n  y\n", "{a: 'x y'}"},
      {"{\"a\": [1, 2]}", "{a: [1, 2]}"},
      {"a: !reset []\nb: !vault x\nc: !!int 1\nd: !!str 1\n", "{a: [], b: 'x', c: 1, d: '1'}"},
      {"\xef\xbb\xbf"
       "a: 1\r\nb: |\r\n  x\r\n  y\r\n",
       "{a: 1, b: 'x\ny\n'}"},
      {"a: \xc3\xa9\n", "{a: \xc3\xa9}"},
      {"", ""},
  }));
  CAPTURE(row.text);
  std::string all;
  for (const Yaml& each : documents(row.text)) all += shown(each);
  CHECK(all == row.value);
}

TEST_CASE("aliases are copied, and merge keys give what a map does not have") {
  const auto row = GENERATE(values<Row>({
      {"a: &x 1\nb: *x\n", "{a: 1, b: 1}"},
      {"a: &x {p: 1, q: 2}\nb: {q: 3, <<: *x}\n", "{a: {p: 1, q: 2}, b: {q: 3, p: 1}}"},
      {"a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}\n", "{a: {p: 1, q: 2}, b: {q: 3, p: 1}}"},
      {"a: &x {p: 1}\nb: &y {p: 2, q: 2}\nc: {<<: [*x, *y]}\n",
       "{a: {p: 1}, b: {p: 2, q: 2}, c: {p: 1, q: 2}}"},
      {"a: &x {b: &y {p: 1}}\nc: {<<: *x, d: *y}\n", "{a: {b: {p: 1}}, c: {d: {p: 1}, b: {p: 1}}}"},
      {"a: &x {p: 1}\nb: &y {<<: *x, q: 2}\nc: {<<: *y}\n", "{a: {p: 1}, b: {q: 2, p: 1}, c: {q: 2, p: 1}}"},
      {"\"<<\": 1\n", "{<<: 1}"},
      {"a: &x 1\na: &x 1\n", ""},
  }));
  CAPTURE(row.text);
  if (!row.value.empty()) CHECK(shown(document(row.text)) == row.value);
}

TEST_CASE("a value has its line, and a map or list that is a member that of its key") {
  const Yaml value = document("# text\na:\n  b: 1\n  c:\n  # text\n  - x\n  - y\nd: |\n  text\n");
  CHECK(value.line == 2);
  CHECK(value.find("a")->line == 2);
  CHECK(value.at({"a", "b"})->line == 3);
  CHECK(value.at({"a", "c"})->line == 4);
  CHECK(value.at({"a", "c"})->items.at(1).line == 7);
  CHECK(value.find("d")->line == 8);
  CHECK(document("a: &x\n  b: 1\nc: *x\n").at({"c", "b"})->line == 2);
}

TEST_CASE("a file has several documents") {
  CHECK(documents("a: 1\n---\nb: 1\n").size() == 2);
  CHECK(documents("---\na: 1\n...\n---\nb: 1\n...\n").size() == 2);
  CHECK(documents("a: 1\n...\nb: 1\n").size() == 2);
  CHECK(documents("# nothing\n").empty());
}

TEST_CASE("what is not YAML is refused with file and line") {
  const auto row = GENERATE(values<Hostile>({
      {"duplicate keys", "a:\n  image: x\n  b: 1\n  image: y\n",
       "a.yaml:4: the key \"image\" stands twice (first in line 2)"},
      {"duplicate merge keys", "a: &x {}\nb:\n  <<: *x\n  <<: *x\n",
       "a.yaml:4: the key \"<<\" stands twice (first in line 3)"},
      {"tab", "a:\n\tb: 1\n",
       "a.yaml:2: this is not YAML: a tab indents the line, and YAML takes spaces only"},
      {"open list", "a: [1, 2\n", "a.yaml:2: this is not YAML: end of sequence flow not found"},
      {"open quotes", "a: 1\nb: \"x\n  y\n", "a.yaml:2: this is not YAML: the quotes that begin here do not end"},
      {"open single quotes", "a: 'it''s\n", "a.yaml:1: this is not YAML: the quotes that begin here do not end"},
      {"stray bracket", "a: 1\n]\n", "a.yaml:2: this is not YAML: illegal flow end"},
      {"only a bracket", "]", "a.yaml:1: this is not YAML: illegal flow end"},
      {"list, then map", "- a\nb: c\n", "a.yaml:2: this is not YAML: the document has ended before"},
      {"not UTF-8", "a: 1\nb: \xff\n", "a.yaml:2: the text is not UTF-8"},
      {"UTF-16",
       std::string("\xff\xfe"
                   "a\0",
                   4),
       "a.yaml:1: the text is not UTF-8"},
      {"end of transmission", "a: 1\nb: \x04\nc: 2\n",
       "a.yaml:2: the control character \\x04 has no place in YAML"},
      {"alias without anchor", "a: *b\n", "a.yaml:1: this is not YAML: the referenced anchor is not defined"},
      {"alias in its anchor", "a: &b\n  - *b\n", "a.yaml:2: an alias stands within what it is an alias of"},
      {"template", "a:\n  b: {{ .Values.x }}\n",
       "a.yaml:2: the key of a map is not a text; is this a template that is to be rendered?"},
      {"list as key", "? [a]\n: b\n",
       "a.yaml:1: the key of a map is not a text; is this a template that is to be rendered?"},
      {"merging a text", "a:\n  <<: x\n", "a.yaml:2: << merges maps only"},
  }));
  CAPTURE(row.name);
  const std::string message = refusal(row.text);
  CHECK(message.substr(0, row.message.size()) == row.message);
}

TEST_CASE("what would take too much is refused before it does") {
  const auto row = GENERATE(values<Hostile>({
      {"size", times((4 << 20) + 1, "a"),
       "a.yaml: the file has 5 MiB, and manifests of at most 4 MiB are read"},
      {"deep lists", times(65, "[") + times(65, "]"), "a.yaml:1: the nesting is deeper than 64"},
      {"brackets only", times(4 << 20, "["), "a.yaml:1: the nesting is deeper than 64"},
      {"brackets and comments", times(400'000, "[[ # ]]\n"), "the nesting is deeper than 64"},
      {"deep maps", times(100'000, "{a: "), "a.yaml:1: the nesting is deeper than 64"},
      {"deep blocks", times(100'000, "- ") + "a\n", "a.yaml:1: the nesting is deeper than 64"},
      {"deep by aliases", nested_aliases(), "a.yaml:2: the nesting is deeper than 64"},
      {"many values", times(200'001, "- a\n"), "a.yaml:200000: there are more than 200000 values"},
      {"commas", "[" + times(1'500'000, "a,") + "]", "a.yaml:1: too many brackets and commas"},
      {"exploding values", exploding("[a, b]", 9), "a.yaml:6: there are more than 200000 values"},
      {"exploding texts", exploding(times(10'000, "x"), 3), "a.yaml:4: the texts of all aliases have more"},
  }));
  CAPTURE(row.name);
  CHECK(refusal(row.text).find(row.message) != std::string::npos);
  CHECK(documents(times(64, "[") + times(64, "]")).size() == 1);
}
