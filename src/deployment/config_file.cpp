#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "catalog/json_document.hpp"
#include "catalog/regular_file.hpp"
#include "deployment/argument_list.hpp"
#include "deployment/argument_words.hpp"
#include "deployment/finding_codes.hpp"
#include "deployment/flag_spelling.hpp"
#include "deployment/yaml.hpp"
#include "vramcalc/error.hpp"

// --config FILE of vLLM (utils/argparse_utils.py, load_config_file) and SGLang
// (server_args_config_parser.py).
namespace vramcalc::deployment {
namespace {

using nlohmann::json;

constexpr std::uint64_t largest_file = 1 << 20;

// YAML 1.1, as PyYAML reads it.
constexpr std::array<std::string_view, 9> yes = {"true", "True", "TRUE", "yes", "Yes",
                                                 "YES",  "on",   "On",   "ON"};
constexpr std::array<std::string_view, 9> no = {"false", "False", "FALSE", "no", "No",
                                                "NO",    "off",   "Off",   "OFF"};

bool is_one_of(const Yaml& value, const std::array<std::string_view, 9>& words) {
  return value.is_scalar() && !value.quoted && std::ranges::find(words, value.text) != words.end();
}

json json_of(const Yaml& value) {
  if (value.is_map()) {
    json object = json::object();
    for (const auto& [key, member] : value.members) object[key] = json_of(member);
    return object;
  }
  if (value.is_list()) {
    json list = json::array();
    for (const Yaml& item : value.items) list.push_back(json_of(item));
    return list;
  }
  if (is_one_of(value, yes)) return true;
  if (is_one_of(value, no)) return false;
  if (!value.is_scalar()) return nullptr;
  const json number = value.quoted ? json() : json::parse(value.text, nullptr, false);
  return number.is_number() ? number : json(value.text);
}

std::string shown(const Yaml& value) {
  if (value.is_map() || value.is_list())
    return json_of(value).dump(-1, ' ', false, json::error_handler_t::replace);
  return value.is_scalar() ? value.text : "None";
}

// Adds the words of one line of the file.
class Words {
 public:
  Words(const Program& program, const std::string& file, std::vector<ArgumentWord>& words)
      : program_(program), file_(file), words_(words) {}

  void add(const std::string& key, const Yaml& value) {
    const std::string flag = "--" + key;
    if (is_one_of(value, no)) return add_off(key, value.line);
    if (value.is_list() && value.items.empty()) return;
    push(flag, value.line);
    if (is_one_of(value, yes)) {
      if (takes_value(flag)) push("true", value.line);
    } else if (value.is_list()) {
      for (const Yaml& item : value.items) push(shown(item), item.line);
    } else {
      push(shown(value), value.line);
    }
  }

 private:
  // Only a flag with a negation, or one that takes the word, can be off.
  void add_off(const std::string& key, std::uint32_t line) {
    if (exact_flag(program_, "", "--no-" + key)) return push("--no-" + key, line);
    const std::string flag = "--" + key;
    if (!takes_value(flag) || program_.takes_underscores) return;
    push(flag, line);
    push("false", line);
  }

  // vLLM writes a switch for every true; SGLang only for switches.
  bool takes_value(const std::string& flag) const {
    if (program_.takes_underscores) return false;
    const auto named = exact_flag(program_, "", flag);
    return named && named->flag->takes != Takes::none;
  }

  void push(std::string text, std::uint32_t line) {
    words_.push_back({
        {std::move(text), {file_, line}, {}},
        true
    });
  }

  const Program& program_;
  const std::string& file_;
  std::vector<ArgumentWord>& words_;
};

void refuse(Command& command, std::string message, const Position& at) {
  command.findings.push_back(finding("invalid-value", std::move(message), at));
  command.starts = false;
}

void leave_open(Command& command, const std::string& file, const Position& at, std::string why) {
  const std::string shown_name = shortened(file);
  std::string fix = fmt::format("--map {}=FILE", shown_name);
  command.findings.push_back(
      finding("unresolved", fmt::format("the flags in {} are not known: it {}", shown_name, why), at));
  command.holes.push_back({shown_name, std::move(why), std::move(fix)});
}

bool is_relative(std::string_view path) { return !path.empty() && !path.starts_with('/'); }

// A path within a container is not one of this machine.
std::optional<std::string> text_of(const Launch& launch, const std::string& file) {
  const auto found = std::ranges::find(launch.files, file, &std::pair<std::string, std::string>::first);
  if (found != launch.files.end()) return found->second;
  if (!launch.image.empty() || !is_relative(file)) return std::nullopt;
  try {
    return catalog::read_regular_file(file, largest_file);
  } catch (const Error&) {
    return std::nullopt;
  }
}

void add_document(const Program& program, const Yaml& document, const std::string& file,
                  std::vector<ArgumentWord>& words) {
  Words adding(program, file, words);
  for (const auto& [key, value] : document.members) adding.add(key, value);
}

std::vector<ArgumentWord> words_of_file(const Program& program, const Launch& launch, const Word& name,
                                        Command& command) {
  std::vector<ArgumentWord> words;
  if (!name.is_known()) {
    command.holes.insert(command.holes.end(), name.holes.begin(), name.holes.end());
    return words;
  }
  if (!name.text.ends_with(".yaml") && !name.text.ends_with(".yml")) {
    refuse(command,
           fmt::format("{} reads {} from files .yaml and .yml only", program.title, program.config_flag),
           name.at);
    return words;
  }
  const auto text = text_of(launch, name.text);
  if (!text) {
    leave_open(command, name.text, name.at, "is not among the inputs");
    return words;
  }
  try {
    const std::vector<Yaml> documents = parse_yaml({name.text, *text});
    if (documents.size() == 1 && documents.front().is_map())
      add_document(program, documents.front(), name.text, words);
    else if (!documents.empty() && documents.front().kind != Yaml::Kind::null)
      refuse(command, fmt::format("{} holds no map of flags", shortened(name.text)), name.at);
  } catch (const Error& error) {
    refuse(command, error.what(), name.at);
  }
  return words;
}

bool is_config_flag(const ArgumentWord& word, const Program& program) {
  return word.word.text == program.config_flag;
}

}  // namespace

std::vector<ArgumentWord> with_config(const Program& program, const Launch& launch, Command& command) {
  std::vector<ArgumentWord> line;
  for (const Word& word : launch.arguments) line.push_back({word});
  if (program.config_flag.empty()) return line;
  const auto flag =
      std::ranges::find_if(line, [&](const auto& word) { return is_config_flag(word, program); });
  if (flag == line.end()) return line;
  const Position at = flag->word.at;
  if (std::next(flag) == line.end()) {
    refuse(command, fmt::format("{} needs a file", program.config_flag), at);
    return {line.begin(), flag};
  }
  const Word name = std::next(flag)->word;
  const auto rest = line.erase(flag, flag + 2);
  if (std::any_of(rest, line.end(), [&](const auto& word) { return is_config_flag(word, program); }))
    refuse(command, fmt::format("{} may be given only once", program.config_flag), at);
  const std::vector<ArgumentWord> of_file = words_of_file(program, launch, name, command);
  // After the model, before what overrides it.
  const bool model_first = !line.empty() && !line.front().word.text.starts_with('-');
  line.insert(line.begin() + (model_first ? 1 : 0), of_file.begin(), of_file.end());
  return line;
}

}  // namespace vramcalc::deployment
