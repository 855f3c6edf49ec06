#include "cli/complete.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <vector>

#include "cli/catalog_words.hpp"
#include "cli/commands.hpp"
#include "cli/flags.hpp"
#include "model/letters.hpp"

namespace vramcalc::cli {
namespace {

bool is_flag(std::string_view word) { return word.size() > 1 && word[0] == '-'; }

const Flag* flag_named(std::string_view name) {
  for (const FlagTable* table : flag_tables())
    for (const Flag& flag : table->flags)
      if (has_name(flag.names, name)) return &flag;
  return nullptr;
}

bool is_ignored_with_value(std::string_view name) {
  return std::ranges::any_of(
      ignored_flags(), [&](const IgnoredFlag& flag) { return flag.has_value && has_name(flag.names, name); });
}

// What the words before the last one say about it.
struct Before {
  Command command = Command::overview;
  std::size_t words = 0;         // that are neither flags, nor their values, nor the command
  const Flag* flag = nullptr;    // whose value is next
  bool value_is_next = false;    // of a flag of another program
  bool is_after_dashes = false;  // "--": another program's command line
  std::vector<std::string> catalogs;
};

void take_word(Before& before, std::string_view word) {
  const auto command =
      before.words == 0 && before.command == Command::overview ? command_named(word) : std::nullopt;
  if (command)
    before.command = *command;
  else
    ++before.words;
}

void take_flag(Before& before, const std::string& word) {
  if (word.find('=') != word.npos) return;
  const Flag* flag = flag_named(word);
  if (flag != nullptr && !flag->value.empty()) before.flag = flag;
  before.value_is_next = flag == nullptr && is_ignored_with_value(word);
}

void take(Before& before, const std::string& word) {
  if (before.flag != nullptr && has_name(before.flag->names, "--catalog")) before.catalogs.push_back(word);
  if (before.flag != nullptr || before.value_is_next) {
    before.flag = nullptr;
    before.value_is_next = false;
  } else if (word == "--") {
    before.is_after_dashes = true;
  } else if (is_flag(word)) {
    take_flag(before, word);
  } else {
    take_word(before, word);
  }
}

Before read(const Arguments& words) {
  Before before;
  for (std::size_t i = 0; i + 1 < words.size() && !before.is_after_dashes; ++i) take(before, words[i]);
  return before;
}

// ---- what there is to say

// "on|off|auto"
std::vector<Word> alternatives(std::string_view value) {
  std::vector<Word> words;
  if (value.find('|') == value.npos) return words;
  while (!value.empty()) {
    const std::size_t bar = std::min(value.find('|'), value.size());
    words.push_back({value.substr(0, bar), {}});
    value.remove_prefix(std::min(bar + 1, value.size()));
  }
  return words;
}

std::vector<Word> values_of(const Flag& flag, const Catalog& catalog) {
  return flag.words == nullptr ? alternatives(flag.value) : flag.words(catalog);
}

std::vector<Word> flags_of(Command command, bool long_ones) {
  std::vector<Word> words;
  for (const FlagTable* table : flag_tables())
    for (const Flag& flag : table->flags)
      for (const std::string_view name : names_of(flag.names))
        if ((flag.commands & only(command)) != 0 && name.starts_with("--") == long_ones)
          words.push_back({name, flag.help});
  return words;
}

struct Positional {
  Command command;
  Words words;
  bool is_repeated;
};
constexpr std::array positionals = {
    Positional{Command::overview, model_words,        false},
    Positional{Command::check,    model_words,        false},
    Positional{Command::plan,     model_words,        false},
    Positional{Command::compare,  model_words,        true },
    Positional{Command::models,   model_words,        false},
    Positional{Command::quants,   quantization_words, false},
    Positional{Command::gpus,     gpu_words,          false},
    Positional{Command::systems,  system_words,       false},
};

std::vector<Word> words_after(const Before& before, const Catalog& catalog) {
  const auto positional = std::ranges::find(positionals, before.command, &Positional::command);
  std::vector<Word> words;
  if (before.words == 0 && before.command == Command::overview)
    for (const CommandName& name : commands()) words.push_back({name.word, name.help});
  if (positional == positionals.end() || (before.words > 0 && !positional->is_repeated)) return words;
  for (const Word& word : positional->words(catalog)) words.push_back(word);
  return words;
}

// ---- what of it begins as the last word does

// A catalog may come from elsewhere; what a shell would not take as a plain word is not offered.
bool is_plain(std::string_view word) {
  return std::ranges::all_of(word, [](char c) {
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') ||
           std::string_view("-_.:/@+").find(c) != std::string_view::npos;
  });
}

bool begins(std::string_view word, std::string_view typed) {
  return word.size() >= typed.size() && same_letters(word.substr(0, typed.size()), typed);
}

std::string line_of(std::string_view kept, const Word& word) {
  std::string help(word.help);
  for (char& c : help)
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  return fmt::format("{}{}{}{}\n", kept, word.text, help.empty() ? "" : "\t", help);
}

// `kept` is the part of the last word that stays as it is.
std::string matching(const std::vector<Word>& words, std::string_view kept, std::string_view typed) {
  for (const bool other_names : {false, true}) {
    std::string text;
    for (const Word& word : words)
      if (word.is_other_name == other_names && begins(word.text, typed) && is_plain(word.text))
        text += line_of(kept, word);
    if (!text.empty()) return text;
  }
  return "";
}

// Of "rtx-4090,2x rtx-3" only the last name is completed.
std::size_t begin_of_last(const Flag& flag, std::string_view value) {
  const std::size_t at = value.find_last_of(flag.words == hardware_words ? ", =" : ",");
  return at == value.npos ? 0 : at + 1;
}

// `before_value` is "--flag=", or empty if the value is a word of its own.
std::string value_completions(const Flag& flag, std::string_view before_value, std::string_view value,
                              const Catalog& catalog) {
  const std::size_t last = begin_of_last(flag, value);
  return matching(values_of(flag, catalog), std::string(before_value).append(value.substr(0, last)),
                  value.substr(last));
}

std::string offered(const Before& before, std::string_view typed) {
  const Catalog catalog{catalog_files(before.catalogs)};
  if (before.is_after_dashes || before.value_is_next) return "";
  if (before.flag != nullptr) return value_completions(*before.flag, "", typed, catalog);
  if (!typed.starts_with('-')) return matching(words_after(before, catalog), "", typed);
  const std::size_t equals = typed.find('=');
  if (equals == typed.npos)
    return matching(flags_of(before.command, true), "", typed) +
           matching(flags_of(before.command, false), "", typed);
  const Flag* flag = flag_named(typed.substr(0, equals));
  if (flag == nullptr) return "";
  return value_completions(*flag, typed.substr(0, equals + 1), typed.substr(equals + 1), catalog);
}

}  // namespace

std::string completions(const Arguments& words) {
  try {
    return offered(read(words), words.empty() ? std::string_view() : words.back());
  } catch (const std::exception&) {
    return "";
  }
}

}  // namespace vramcalc::cli
