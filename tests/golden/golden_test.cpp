// golden_test PROGRAM FILE: runs the command lines that FILE records and compares all that they print.
//
//   # what the case shows
//   $ COLUMNS=80 vramcalc check qwen3-8b --gpu 'rtx 4090'
//   …stdout…
//   --- stderr
//   …stderr, if any…
//   --- exit 1
//
// A file may hold several command lines. `< FILE` reads stdin from there. A line of output that would read as
// one of these marks is kept behind a backslash; `\no newline` says that the output's last line does not end.
// Stderr that is empty and exit status 0 are not written down. VRAMCALC_RECORD=1 in the environment writes
// FILE anew.

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "support/process.hpp"

namespace {

using Lines = std::vector<std::string>;

const std::string no_newline = "\\no newline";

Lines split_lines(const std::string& text) {
  Lines lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
#ifdef _WIN32
    if (line.ends_with('\r')) line.pop_back();
#endif
    lines.push_back(line);
  }
  return lines;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw std::runtime_error(path.string() + ": cannot be read");
  return {std::istreambuf_iterator<char>(stream), {}};
}

void write_file(const std::filesystem::path& path, const Lines& lines) {
  std::ofstream stream(path, std::ios::binary);
  for (const auto& line : lines) stream << line << '\n';
  if (!stream.flush()) throw std::runtime_error(path.string() + ": cannot be written");
}

// ---- the command line

// Words as a shell splits them: '…' is literal, "…" and bare words know the backslash.
std::vector<std::string> split_words(std::string_view line) {
  std::vector<std::string> words;
  bool inside = false;
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    char c = line[i];
    if (quote == 0 && c == ' ') {
      inside = false;
      continue;
    }
    if (!inside) words.emplace_back();
    inside = true;
    if (c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
    } else {
      if (c == '\\' && quote != '\'' && i + 1 < line.size()) c = line[++i];
      words.back() += c;
    }
  }
  if (quote != 0) throw std::runtime_error("a quote without its end: " + std::string(line));
  return words;
}

bool is_assignment(const std::string& word) {
  const auto equals = word.find('=');
  return equals != 0 && equals != std::string::npos && word.find_first_of("/- ") > equals;
}

// A case must print the same on every machine, so that nothing of the caller's environment reaches the
// program but what it cannot run without.
std::map<std::string, std::string> clean_environment() {
  std::map<std::string, std::string> result;
  for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "SYSTEMROOT"})
    if (const char* value = std::getenv(name)) result[name] = value;
  return result;
}

vramcalc::test::Command parse_command(const std::string& program, std::string_view line) {
  vramcalc::test::Command command;
  command.environment = clean_environment();
  auto words = split_words(line);
  auto word = words.begin();
  for (; word != words.end() && is_assignment(*word); ++word)
    command.environment[word->substr(0, word->find('='))] = word->substr(word->find('=') + 1);
  if (word == words.end() || *word != "vramcalc")
    throw std::runtime_error("not a vramcalc command: " + std::string(line));
  command.words = {program};
  while (++word != words.end()) {
    if (*word == "<" && std::next(word) != words.end())
      command.in = *++word;
    else
      command.words.push_back(*word);
  }
  return command;
}

// ---- what it prints

void append_output(Lines& record, const std::string& output) {
  for (const auto& line : split_lines(output)) {
    const bool marked = line.starts_with("$ ") || line.starts_with("--- ") || line.starts_with("\\");
    record.push_back(marked ? "\\" + line : line);
  }
  if (!output.empty() && !output.ends_with('\n')) record.push_back(no_newline);
}

Lines run_and_record(const std::string& program, const std::string& command_line,
                     const std::filesystem::path& scratch) {
  auto command = parse_command(program, std::string_view(command_line).substr(2));
  command.out = scratch / "out";
  command.err = scratch / "err";
  const int status = vramcalc::test::run(command);

  Lines record{command_line};
  append_output(record, read_file(command.out));
  const std::string errors = read_file(command.err);
  if (!errors.empty()) {
    record.emplace_back("--- stderr");
    append_output(record, errors);
  }
  if (status != 0) record.push_back("--- exit " + std::to_string(status));
  return record;
}

// The file as it would be recorded now: comments before the first command stay, each command line is run
// anew.
Lines record_all(const std::string& program, const Lines& expected, const std::filesystem::path& scratch) {
  const auto is_command = [](const std::string& line) { return line.starts_with("$ "); };
  const auto first = std::find_if(expected.begin(), expected.end(), is_command);
  if (first == expected.end()) throw std::runtime_error("no line begins with `$ vramcalc`");
  Lines actual(expected.begin(), first);
  for (auto line = first; line != expected.end(); line = std::find_if(line + 1, expected.end(), is_command)) {
    const Lines record = run_and_record(program, *line, scratch);
    actual.insert(actual.end(), record.begin(), record.end());
  }
  return actual;
}

// ---- how the two differ

// The longest common subsequence; files of some hundred lines at most.
void print_difference(const Lines& expected, const Lines& actual) {
  const std::size_t rows = expected.size(), columns = actual.size();
  std::vector<std::vector<std::size_t>> common(rows + 1, std::vector<std::size_t>(columns + 1, 0));
  for (std::size_t i = rows; i-- > 0;)
    for (std::size_t j = columns; j-- > 0;)
      common[i][j] =
          expected[i] == actual[j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);

  for (std::size_t i = 0, j = 0; i < rows || j < columns;) {
    if (i < rows && j < columns && expected[i] == actual[j])
      std::cerr << "  " << expected[i++] << '\n', ++j;
    else if (j == columns || (i < rows && common[i + 1][j] >= common[i][j + 1]))
      std::cerr << "- " << expected[i++] << '\n';
    else
      std::cerr << "+ " << actual[j++] << '\n';
  }
}

bool agrees(const std::string& program, const std::filesystem::path& file) {
  const auto scratch =
      std::filesystem::temp_directory_path() /
      ("vramcalc-golden-" + file.stem().string() + "-" + std::to_string(std::random_device{}()));
  std::filesystem::create_directories(scratch);
  const Lines expected = split_lines(read_file(file));
  const Lines actual = record_all(program, expected, scratch);
  std::filesystem::remove_all(scratch);
  if (actual == expected) return true;

  if (const char* record = std::getenv("VRAMCALC_RECORD");
      record != nullptr && std::string_view(record) == "1") {
    write_file(file, actual);
    std::cerr << file.string() << ": recorded\n";
    return true;
  }
  std::cerr << file.string() << ": - expected, + printed\n";
  print_difference(expected, actual);
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 3) throw std::runtime_error("usage: golden_test PROGRAM FILE");
    return agrees(argv[1], argv[2]) ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << (argc == 3 ? std::string(argv[2]) + ": " : "") << error.what() << '\n';
    return 2;
  }
}
