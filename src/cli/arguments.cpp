#include "cli/arguments.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

#include "catalog/names.hpp"
#include "catalog/suggest.hpp"
#include "cli/flags.hpp"

// CLI11 splits the line: --name=value, -c4096, values that are missing. It knows no names of several letters
// behind one dash (-ctk), so those are spelled out first; and it is told only of the flags that stand on the
// line, because setting up all of them would take longer than the answer.
namespace vramcalc::cli {
namespace {

using Iterator = Arguments::const_iterator;

bool is_flag(std::string_view argument) { return argument.size() > 1 && argument[0] == '-'; }
bool is_letter(std::string_view name) { return name.size() == 2 && name[0] == '-' && name[1] != '-'; }
bool is_long(std::string_view name) { return name.substr(0, 2) == "--"; }
bool is_negative_number(std::string_view word) { return is_flag(word) && word[1] >= '0' && word[1] <= '9'; }

std::string_view name_part(std::string_view argument) { return argument.substr(0, argument.find('=')); }

// Also where a value hangs on a letter: -c4096.
bool is_named(const Flag& flag, std::string_view argument) {
  if (has_name(flag.names, name_part(argument))) return true;
  return !is_long(argument) && !flag.value.empty() && has_name(flag.names, argument.substr(0, 2));
}

// -ctx is another program's -c, and not -c with the value "tx".
bool is_refused_or_ignored(std::string_view name) {
  const auto is_it = [&](const auto& flag) { return has_name(flag.names, name); };
  return std::ranges::any_of(refused_flags(), is_it) || std::ranges::any_of(ignored_flags(), is_it);
}

// An exact name goes before a letter with a value: -ctk is not -c with the value "tk".
const Flag* flag_of(std::string_view argument) {
  const Flag* found = nullptr;
  if (is_refused_or_ignored(name_part(argument))) return nullptr;
  for (const Flag& flag : flags()) {
    if (has_name(flag.names, name_part(argument))) return &flag;
    if (found == nullptr && is_named(flag, argument)) found = &flag;
  }
  return found;
}

std::string_view spelled_out(const Flag& flag) {
  const std::vector<std::string_view> names = names_of(flag.names);
  const auto found = std::find_if(names.begin(), names.end(), is_long);
  return found == names.end() ? names[0] : *found;
}

struct KnownName {
  std::string_view name;
  std::string key;
};

std::vector<KnownName> every_name() {
  std::vector<KnownName> all;
  for (const Flag& flag : flags()) {
    for (const std::string_view name : names_of(flag.names)) all.push_back({name, catalog::lookup_key(name)});
  }
  return all;
}

[[noreturn]] void refuse_flag(std::string_view argument) {
  const std::string name(name_part(argument));
  for (const RefusedFlag& refused : refused_flags()) {
    if (has_name(refused.names, name))
      throw Error(ErrorCode::unsupported, fmt::format("{}: {}", name, refused.reason));
  }
  const std::vector<KnownName> names = every_name();
  std::vector<catalog::Candidate> candidates;
  for (const KnownName& known : names) candidates.push_back({known.key, known.name, 0});
  // every letter is close to every other one
  const std::vector<std::string> suggestions =
      is_letter(name) ? std::vector<std::string>() : catalog::suggest(name, candidates);
  const std::string hint =
      suggestions.empty() ? "vramcalc --help lists them all" : catalog::did_you_mean(suggestions);
  throw Error(ErrorCode::usage, fmt::format("unknown flag {}; {}", name, hint), suggestions);
}

// The flags as CLI11 can read them, and which they are.
struct Spelled {
  Arguments arguments;
  std::vector<const Flag*> used;
};

[[noreturn]] void lacks_its_value(const Flag& flag) {
  throw Error(ErrorCode::usage, fmt::format("{} needs a value: {}", flag.names, flag.value));
}

// --name=value from what stands on the line, the value's own word included; `at` ends on the last word used.
std::string spelled(const Flag& flag, Iterator& at, Iterator end) {
  const std::string_view name = name_part(*at);
  if (!has_name(flag.names, name)) return *at;  // -c4096
  std::string text(spelled_out(flag));
  const bool has_value = name.size() < at->size();
  if (flag.value.empty()) {
    if (has_value) throw Error(ErrorCode::usage, fmt::format("{} takes no value", flag.names));
    return text;
  }
  if (has_value && name.size() + 1 == at->size()) lacks_its_value(flag);
  if (has_value) return text.append(*at, name.size());
  if (at + 1 == end || at[1].empty() || (is_flag(at[1]) && !is_negative_number(at[1]))) lacks_its_value(flag);
  return text + '=' + *++at;
}

// A flag without effect, and the value that follows it.
bool skips(Iterator& at, Iterator end) {
  const std::string_view name = name_part(*at);
  const auto ignored = std::ranges::find_if(
      ignored_flags(), [&](const IgnoredFlag& flag) { return has_name(flag.names, name); });
  if (ignored == ignored_flags().end()) return false;
  const bool has_value = name.size() < at->size();
  if (ignored->has_value && !has_value && at + 1 != end) ++at;
  return true;
}

Spelled spell_out(Iterator begin, Iterator end) {
  Spelled line;
  for (Iterator at = begin; at != end; ++at) {
    if (!is_flag(*at)) {
      line.arguments.push_back(*at);
      continue;
    }
    const Flag* flag = flag_of(*at);
    if (flag == nullptr && skips(at, end)) continue;
    if (flag == nullptr) refuse_flag(*at);
    if (std::find(line.used.begin(), line.used.end(), flag) == line.used.end()) line.used.push_back(flag);
    line.arguments.push_back(spelled(*flag, at, end));
  }
  return line;
}

std::string names_for_cli11(const Flag& flag) {
  std::string text;
  for (const std::string_view name : names_of(flag.names)) {
    if (!is_letter(name) && !is_long(name)) continue;
    if (!text.empty()) text += ',';
    text += name;
  }
  return text;
}

struct Collected {
  const Flag* flag;
  std::vector<std::string> values;
};

void add_option(CLI::App& app, Collected& into) {
  const std::string names = names_for_cli11(*into.flag);
  if (into.flag->value.empty()) {
    app.add_flag(names)->each([&into](const std::string&) { into.values.emplace_back(); });
  } else {
    app.add_option(names, into.values)->allow_extra_args(false);
  }
}

Arguments words_and_values(Spelled spelled, std::vector<Collected>& collected) {
  CLI::App app;
  app.set_help_flag();
  Arguments words;
  app.add_option("words", words);
  for (Collected& one : collected) add_option(app, one);
  std::reverse(spelled.arguments.begin(), spelled.arguments.end());  // as CLI11 takes a vector
  try {
    app.parse(std::move(spelled.arguments));
  } catch (const CLI::Error& error) {
    throw Error(ErrorCode::usage, error.what());
  }
  return words;
}

// Words of other programs for what is asked otherwise here, and commands with a slip of the finger.
void refuse_other_commands(const std::string& word) {
  struct Other {
    std::string_view word, here;
  };
  constexpr std::array others = {
      Other{"help",    "vramcalc --help"   },
      Other{"version", "vramcalc --version"},
      Other{"list",    "vramcalc models"   },
      Other{"ls",      "vramcalc models"   },
      Other{"model",   "vramcalc models"   },
      Other{"gpu",     "vramcalc gpus"     },
      Other{"system",  "vramcalc systems"  },
      Other{"quant",   "vramcalc quants"   },
      Other{"fit",     "vramcalc check"    },
      Other{"run",     "vramcalc check"    },
      Other{"search",  "vramcalc models"   },
  };
  const auto other = std::ranges::find(others, word, &Other::word);
  if (other != others.end())
    throw Error(ErrorCode::usage,
                fmt::format("there is no command \"{}\"; try {}", word, other->here),
                {std::string(other->here)});
  for (const CommandName& name : commands())
    if (word.size() > 3 && catalog::edit_distance(word, name.word, 1) == 1)
      throw Error(ErrorCode::usage,
                  fmt::format("there is no command \"{}\"; did you mean {}?", word, name.word),
                  {std::string(name.word)});
}

void place_words(Arguments words, Invocation& invocation) {
  Question& question = invocation.question;
  const bool one_model = question.command == Command::overview || question.command == Command::check ||
                         question.command == Command::plan;
  if (question.command == Command::compare) {
    question.compare.models = std::move(words);
    return;
  }
  if (!one_model) {
    for (const std::string& word : words) question.filter += (question.filter.empty() ? "" : " ") + word;
    return;
  }
  if (!question.model.empty()) words.insert(words.begin(), question.model);  // -m, -hf
  if (words.size() > 1)
    throw Error(ErrorCode::usage,
                fmt::format("one model at a time: what is \"{}\" behind {}?", words[1], words[0]));
  if (!words.empty()) question.model = words[0];
}

// "; it is for check"
std::string where_it_does(const Flag& flag) {
  std::vector<std::string_view> words;
  if ((flag.commands & bit(Command::overview)) != 0) return "";
  for (const CommandName& name : commands())
    if ((flag.commands & bit(name.command)) != 0) words.push_back(name.word);
  return words.empty() ? "" : fmt::format("; it is for {}", fmt::join(words, " and "));
}

void apply_flags(const std::vector<Collected>& collected, Invocation& invocation) {
  const Command command = invocation.question.command;
  for (const Collected& one : collected) {
    if ((one.flag->commands & bit(command)) == 0)
      throw Error(ErrorCode::usage, fmt::format("{} means nothing for this command{}", one.flag->names,
                                                where_it_does(*one.flag)));
    for (const std::string& value : one.values) one.flag->apply(invocation, value);
  }
}

void require_what_is_needed(const Invocation& invocation) {
  const Question& question = invocation.question;
  if (invocation.wants != Invocation::Wants::answer) return;
  if (question.command == Command::overview && question.model.empty())
    throw Error(ErrorCode::usage, "which model? vramcalc models lists them, vramcalc --help tells the rest");
  if (question.command == Command::recommend && question.gpu.empty())
    throw Error(ErrorCode::usage, "recommend for what? --gpu HARDWARE, such as rtx-4090 or 24GiB");
  if (question.command == Command::plan && question.model.empty())
    throw Error(ErrorCode::usage, "plan for which model? vramcalc plan MODEL --gpu HARDWARE");
  if (question.command == Command::plan && question.gpu.empty())
    throw Error(ErrorCode::usage, "plan it for what? --gpu HARDWARE, such as rtx-4090 or 24GiB");
  if (question.command == Command::compare && question.compare.models.empty())
    throw Error(ErrorCode::usage,
                "compare which models? vramcalc compare MODEL... [-q Q,Q] [--gpu HARDWARE]");
  if (question.command != Command::check) return;
  if (question.model.empty())
    throw Error(ErrorCode::usage, "check which model? vramcalc check MODEL --gpu HARDWARE");
  if (question.gpu.empty())
    throw Error(ErrorCode::usage, "check it on what? --gpu HARDWARE, such as rtx-4090 or 24GiB");
}

}  // namespace

Invocation parse(const Arguments& arguments) {
  const Iterator dashes = std::find(arguments.begin(), arguments.end(), "--");
  Spelled spelled = spell_out(arguments.begin(), dashes);
  std::vector<Collected> collected;
  for (const Flag* flag : spelled.used) collected.push_back({flag, {}});
  Arguments words = words_and_values(std::move(spelled), collected);

  Invocation invocation;
  if (!words.empty()) {
    if (const auto command = command_named(words[0])) {
      invocation.question.command = *command;
      words.erase(words.begin());
    } else {
      refuse_other_commands(words[0]);
    }
  }
  if (dashes != arguments.end()) words.insert(words.end(), dashes + 1, arguments.end());
  apply_flags(collected, invocation);
  place_words(std::move(words), invocation);
  require_what_is_needed(invocation);
  return invocation;
}

bool asks_for_json(const Arguments& arguments) {
  for (std::size_t i = 0; i < arguments.size() && arguments[i] != "--"; ++i) {
    if (arguments[i] == "--json" || arguments[i] == "--format=json") return true;
    if (arguments[i] == "--format" && i + 1 < arguments.size() && arguments[i + 1] == "json") return true;
  }
  return false;
}

}  // namespace vramcalc::cli
