#include <fmt/format.h>

#include <algorithm>

#include "deployment/argument_list.hpp"
#include "deployment/argument_words.hpp"
#include "deployment/finding_codes.hpp"
#include "deployment/program.hpp"
#include "deployment/value_grammar.hpp"

namespace vramcalc::deployment {
namespace {

// Many times what people write.
constexpr std::size_t most_words = 4000;

bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_in_name(char c) {
  return begins_name(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '+';
}

// argparse: "-1" and "-.5" are values.
bool is_negative_number(std::string_view text) {
  const std::string_view rest = text.substr(1);
  return !rest.empty() && rest.find_first_not_of("0123456789.") == std::string_view::npos;
}

// ---- what an environment says ----------------------------------------------------------------------------

std::string negated_variable(std::string_view variable) {
  constexpr std::string_view prefix = "LLAMA_ARG_";
  if (!variable.starts_with(prefix)) return "";
  return fmt::format("{}NO_{}", prefix, variable.substr(prefix.size()));
}

// Go programs trim quotes and spaces (Ollama, envconfig/config.go).
Word trimmed(Word word) {
  constexpr std::string_view around = "\"' ";
  const std::size_t first = std::min(word.text.find_first_not_of(around), word.text.size());
  word.text.erase(0, first);
  word.text.erase(word.text.find_last_not_of(around) + 1);
  return word;
}

// The variables of a launch, the last of each name.
class Environment {
 public:
  explicit Environment(const Launch& launch) {
    for (const Variable& variable : launch.environment) words_[variable.name] = &variable.value;
  }
  const Word* find(const std::string& name) const {
    const auto found = words_.find(name);
    return found == words_.end() ? nullptr : found->second;
  }

 private:
  std::map<std::string_view, const Word*> words_;
};

class EnvironmentReader {
 public:
  EnvironmentReader(const Program& program, const Launch& launch, ArgumentList& arguments, Command& command)
      : program_(program), environment_(launch), arguments_(arguments), command_(command) {}

  void read() {
    for (const ProgramFlag& flag : program_.flags)
      if (!flag.variable.empty() && flag.until.empty()) read(flag);
  }

 private:
  void read(const ProgramFlag& flag) {
    const Word* negated = program_.negates_variables && !flag.negations.empty()
                              ? environment_.find(negated_variable(flag.variable))
                              : nullptr;
    if (negated != nullptr)
      return add({
          {&flag,          true, flag.variable},
          {             },
          negated->at, Origin::environment
      });
    const Word* value = environment_.find(flag.variable);
    if (value == nullptr) return;
    if (program_.ignores_bad_variables) return read_leniently(flag, trimmed(*value));
    if (flag.takes == Takes::none) return read_switch(flag, *value);
    add({
        {&flag,          false, flag.variable},
        {*value},
        value->at, Origin::environment
    });
  }

  // llama.cpp, common/arg.cpp: a switch without a negation is only ever turned on.
  void read_switch(const ProgramFlag& flag, const Word& value) {
    Given given{
        {&flag,          false, flag.variable},
        {             },
        value.at, Origin::environment
    };
    if (!value.is_known()) {
      if (flag.bears_on_memory) arguments_.leave_open(value);
    } else if (is_truthy(value.text)) {
      add(std::move(given));
    } else if (!flag.negations.empty() && is_falsey(value.text)) {
      given.named.negated = true;
      add(std::move(given));
    } else if (!flag.negations.empty()) {
      arguments_.refuse("invalid-value", fmt::format("{} wants on or off", flag.variable), value.at);
    }
  }

  void read_leniently(const ProgramFlag& flag, const Word& value) {
    if (value.text.empty()) return;
    if (!value.is_known() || read_value(flag, value.text).value)
      return add({
          {&flag,          false, flag.variable},
          {value},
          value.at, Origin::environment
      });
    command_.findings.push_back(finding(
        "ignored-flag", fmt::format("{} cannot be read, and the default holds", flag.variable), value.at));
  }

  void add(Given given) { arguments_.add(std::move(given)); }

  const Program& program_;
  const Environment environment_;
  ArgumentList& arguments_;
  Command& command_;
};

// ---- what a line says ------------------------------------------------------------------------------------

class LineReader {
 public:
  LineReader(const Program& program, std::vector<ArgumentWord> words, ArgumentList& arguments,
             Command& command)
      : program_(program), words_(std::move(words)), arguments_(arguments), command_(command) {}

  void read() {
    while (next_ < words_.size()) {
      const ArgumentWord& word = words_[next_++];
      if (only_values_ || is_value(word.word))
        read_positional(word.word);
      else if (word.word.text == "--" && program_.joins_with_equals)
        only_values_ = true;
      else
        read_flag(word);
    }
  }

 private:
  // Whether a word cannot be a flag. A flag's name with a hole in it could be any.
  bool is_value(const Word& word) const {
    const std::string_view text = word.text;
    if (text.size() < 2 || text.front() != '-') return true;
    if (!program_.abbreviates) return false;
    if (exact_flag(program_, command_.release, text)) return false;
    if (is_negative_number(text)) return true;
    return text.find(' ') != std::string_view::npos && text.find('=') == std::string_view::npos;
  }

  void read_positional(const Word& word) {
    if (arguments_.has_model() && program_.positional == Positional::model_and_prompt) return;
    if (arguments_.has_model() || program_.positional == Positional::none) return read_stray(word);
    arguments_.add_model(word);
  }

  // A word that no flag takes. It may be a token, so it is not shown.
  void read_stray(const Word& word) {
    if (!word.is_known()) return arguments_.leave_open(word);
    if (word.text.empty() && !program_.abbreviates) return;
    arguments_.refuse("unknown-flag", fmt::format("{} is given a word that no flag takes", program_.title),
                      word.at, "Leave it out, or write the flag before it");
  }

  void read_flag(const ArgumentWord& word) {
    if (!has_known_name(word.word)) {
      if (!word.word.is_known()) return arguments_.leave_open(word.word);
      return read_unknown(word.word);
    }
    const std::string text = with_dashes(program_, word.word.text);
    if (program_.config_flag == text.substr(0, text.find('='))) return ignore_config(word.word);
    const FlagMatch match = match_flag(program_, command_.release, text);
    if (!match.candidates.empty() && !match.named) return read_ambiguous(word.word, match);
    if (!match.named) return read_unknown(word.word);
    Given given{*match.named, {}, word.word.at, word.of_config ? Origin::config : Origin::line};
    take_values(given, word.word);
    given.named.value.reset();
    arguments_.add(std::move(given));
  }

  // Only two words name the file (vLLM, utils/argparse_utils.py).
  void ignore_config(const Word& word) {
    command_.findings.push_back(finding(
        "ignored-flag", fmt::format("{} reads the file only if it is a word of its own", program_.title),
        word.at, fmt::format("Write {} FILE", program_.config_flag)));
  }

  void read_ambiguous(const Word& word, const FlagMatch& match) {
    arguments_.ambiguous(word, match.candidates);
    skip_value();
  }

  void read_unknown(const Word& word) {
    arguments_.unknown(word);
    if (word.text.find('=') == std::string::npos || !program_.joins_with_equals) skip_value();
  }

  // What follows an unknown flag is most likely its value.
  void skip_value() {
    if (next_ < words_.size() && words_[next_].word.is_known() && is_value(words_[next_].word)) ++next_;
  }

  // The values are swallowed whatever they are, or, by argparse, if they are no flags.
  bool takes_next() const {
    if (next_ >= words_.size()) return false;
    return !program_.abbreviates || is_value(words_[next_].word) || is_hole_alone(words_[next_].word);
  }
  bool is_hole_alone(const Word& word) const { return !word.is_known() && !has_known_name(word); }

  void take_values(Given& given, const Word& word) {
    const Takes takes = given.named.flag->takes;
    if (given.named.value) {
      given.values.push_back({std::string(*given.named.value), word.at, word.holes});
      return;
    }
    const std::size_t most = takes == Takes::one ? 1 : takes == Takes::two ? 2 : 0;
    while (given.values.size() < most && takes_next()) take(given);
    if (takes == Takes::optional && program_.abbreviates && takes_next()) take(given);
    if (takes == Takes::many) take_many(given);
  }

  // A hole after a value may as well be further flags.
  void take_many(Given& given) {
    while (takes_next()) {
      const Word& word = words_[next_].word;
      if (!given.values.empty() && !word.is_known()) arguments_.leave_open(word);
      take(given);
    }
  }

  void take(Given& given) { given.values.push_back(words_[next_++].word); }

  const Program& program_;
  const std::vector<ArgumentWord> words_;
  ArgumentList& arguments_;
  Command& command_;
  std::size_t next_ = 0;
  bool only_values_ = false;
};

Command too_long(Command command, const Launch& launch) {
  command.holes.push_back({"the command line", fmt::format("has more than {} words", most_words), ""});
  command.findings.push_back(
      finding("unresolved", fmt::format("the command line has more than {} words", most_words), launch.at));
  return command;
}

}  // namespace

bool has_known_name(const Word& word) {
  const std::string_view text = word.text;
  const std::size_t start = text.starts_with("--") ? 2 : 1;
  if (!text.starts_with('-') || text.size() <= start || !begins_name(text[start])) return false;
  const std::string_view name = text.substr(start, std::min(text.find('='), text.size()) - start);
  if (!std::ranges::all_of(name, is_in_name)) return false;
  return word.is_known() || name.size() + start < text.size();
}

Command read_arguments(const Launch& launch) {
  Command command;
  command.program = find_program(launch.program);
  command.release = launch.release;
  if (command.program == nullptr) {
    command.holes.push_back({"the program", "is not one that is known", ""});
    return command;
  }
  if (launch.arguments.size() > most_words) return too_long(std::move(command), launch);
  const Program& program = *command.program;
  ArgumentList arguments(program, command);
  EnvironmentReader(program, launch, arguments, command).read();
  std::vector<ArgumentWord> words = with_config(program, launch, command);
  if (words.size() > most_words) return too_long(std::move(command), launch);
  LineReader(program, with_merged_keys(program, std::move(words)), arguments, command).read();
  arguments.finish();
  return command;
}

}  // namespace vramcalc::deployment
