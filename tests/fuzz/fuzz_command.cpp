#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "deployment/program.hpp"
#include "fuzz/target.hpp"

// A command line: the program in the first byte, then a word a line. "NAME=VALUE" lines before a line "--"
// are the environment, and a file of flags follows a line "----". A word with "$" has a hole.

using namespace vramcalc;

namespace {

using deployment::Launch;
using deployment::Word;

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    lines.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return lines;
}

Word word_of(std::string_view text, std::uint32_t line) {
  Word word{
      std::string(text), {"stdin",  line},
       {        }
  };
  const std::size_t dollar = text.find('$');
  if (dollar != std::string_view::npos)
    word.holes.push_back({std::string(text.substr(dollar)), "has no value", ""});
  return word;
}

void add_word(Launch& launch, std::string_view line) {
  const auto number = static_cast<std::uint32_t>(launch.arguments.size() + 1);
  const std::size_t equals = line.find('=');
  if (line == "--" && launch.environment.empty()) {
    for (Word& word : launch.arguments) {
      const std::size_t at = std::min(word.text.find('='), word.text.size());
      std::string name = word.text.substr(0, at);
      word.text.erase(0, std::min(at + 1, word.text.size()));
      launch.environment.push_back({std::move(name), std::move(word)});
    }
    launch.arguments.clear();
    return;
  }
  if (equals == 0) launch.release = line.substr(1);
  launch.arguments.push_back(word_of(line, number));
}

void must(bool holds) {
  if (!holds) __builtin_trap();
}

void read(std::string_view text) {
  if (text.empty()) return;
  Launch launch;
  launch.image = "image";  // so that no file of this machine is read
  const auto ids = deployment::program_ids();
  launch.program = ids[static_cast<unsigned char>(text.front()) % ids.size()];
  text.remove_prefix(1);
  const std::size_t file = text.find("\n----\n");
  if (file != std::string_view::npos)
    launch.files = {
        {"a.yaml", std::string(text.substr(file + 6))}
    };
  for (const std::string_view line : lines_of(text.substr(0, file))) add_word(launch, line);
  const deployment::Command command = deployment::read_arguments(launch);
  must(command.program != nullptr);
  for (const deployment::Argument& argument : command.arguments) must(!argument.flag.empty());
  for (const deployment::Finding& finding : command.findings)
    must(!finding.message.empty() &&
         std::ranges::none_of(finding.message, [](unsigned char c) { return c < ' ' || c == 0x7f; }));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::run([&] { read(fuzz::text(data, size)); });
}
