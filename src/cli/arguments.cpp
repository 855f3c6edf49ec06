#include "cli/arguments.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

#include "catalog/names.hpp"
#include "catalog/suggest.hpp"
#include "cli/deployment.hpp"
#include "cli/flags.hpp"
#include "model/letters.hpp"

// CLI11 splits the line: --name=value, -c4096, missing values. It does not support names of several letters
// after a single dash (-ctk), so those are spelled out first. It is given only the flags on the line, because
// setting up all of them would take longer than the answer.
namespace vramcalc::cli {
namespace {

using Iterator = Arguments::const_iterator;

bool is_flag(std::string_view argument) { return argument.size() > 1 && argument[0] == '-'; }
bool is_short_flag(std::string_view name) { return name.size() == 2 && name[0] == '-' && name[1] != '-'; }
bool is_long(std::string_view name) { return name.substr(0, 2) == "--"; }
bool is_negative_number(std::string_view word) { return is_flag(word) && is_digit(word[1]); }

std::string_view name_part(std::string_view argument) { return argument.substr(0, argument.find('=')); }

// Also a letter with its value attached: -c4096.
bool is_named(const Flag& flag, std::string_view argument) {
  if (has_name(flag.names, name_part(argument))) return true;
  return !is_long(argument) && !flag.value.empty() && has_name(flag.names, argument.substr(0, 2));
}

// -ctx is a flag of another program, not -c with the value "tx".
bool is_refused_or_ignored(std::string_view name) {
  const auto is_it = [&](const auto& flag) { return has_name(flag.names, name); };
  return std::ranges::any_of(refused_flags(), is_it) || std::ranges::any_of(ignored_flags(), is_it);
}

// An exact name takes precedence: -ctk is not -c with the value "tk".
const Flag* flag_of(std::string_view argument) {
  const Flag* found = nullptr;
  if (is_refused_or_ignored(name_part(argument))) return nullptr;
  for (const FlagTable* table : flag_tables())
    for (const Flag& flag : table->flags) {
      if (has_name(flag.names, name_part(argument))) return &flag;
      if (found == nullptr && is_named(flag, argument)) found = &flag;
    }
  return found;
}

// The long name if there is one.
std::string_view canonical_name(const Flag& flag) {
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
  for (const FlagTable* table : flag_tables())
    for (const Flag& flag : table->flags)
      for (const std::string_view name : names_of(flag.names))
        all.push_back({name, catalog::lookup_key(name)});
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
  // every letter is close to every other
  const std::vector<std::string> suggestions =
      is_short_flag(name) ? std::vector<std::string>() : catalog::suggest(name, candidates);
  const std::string hint =
      suggestions.empty() ? "vramcalc --help lists them all" : catalog::did_you_mean(suggestions);
  throw Error(ErrorCode::usage, fmt::format("unknown flag {}; {}", name, hint), suggestions);
}

// The command line as CLI11 can read it, and the flags on it.
struct CanonicalLine {
  Arguments arguments;
  std::vector<const Flag*> flags;
};

[[noreturn]] void fail_without_value(const Flag& flag) {
  throw Error(ErrorCode::usage, fmt::format("{} needs a value: {}", flag.names, flag.value));
}

// --name=value from one or two words of the line; `at` ends on the last word used.
std::string canonical(const Flag& flag, Iterator& at, Iterator end) {
  const std::string_view name = name_part(*at);
  if (!has_name(flag.names, name)) return *at;  // -c4096
  std::string text(canonical_name(flag));
  const bool has_value = name.size() < at->size();
  if (flag.value.empty()) {
    if (has_value) throw Error(ErrorCode::usage, fmt::format("{} does not take a value", flag.names));
    return text;
  }
  if (has_value && name.size() + 1 == at->size()) fail_without_value(flag);
  if (has_value) return text.append(*at, name.size());
  if (at + 1 == end || at[1].empty() || (is_flag(at[1]) && !is_negative_number(at[1])))
    fail_without_value(flag);
  return text + '=' + *++at;
}

// Skips a flag without effect and its value; false if it is not such a flag.
bool skip_ignored(Iterator& at, Iterator end) {
  const std::string_view name = name_part(*at);
  const auto ignored = std::ranges::find_if(
      ignored_flags(), [&](const IgnoredFlag& flag) { return has_name(flag.names, name); });
  if (ignored == ignored_flags().end()) return false;
  const bool has_value = name.size() < at->size();
  if (ignored->has_value && !has_value && at + 1 != end) ++at;
  return true;
}

CanonicalLine canonical(Iterator begin, Iterator end) {
  CanonicalLine line;
  for (Iterator at = begin; at != end; ++at) {
    if (!is_flag(*at)) {
      line.arguments.push_back(*at);
      continue;
    }
    const Flag* flag = flag_of(*at);
    if (flag == nullptr && skip_ignored(at, end)) continue;
    if (flag == nullptr) refuse_flag(*at);
    if (std::ranges::find(line.flags, flag) == line.flags.end()) line.flags.push_back(flag);
    line.arguments.push_back(canonical(*flag, at, end));
  }
  return line;
}

std::string names_for_cli11(const Flag& flag) {
  std::string text;
  for (const std::string_view name : names_of(flag.names)) {
    if (!is_short_flag(name) && !is_long(name)) continue;
    if (!text.empty()) text += ',';
    text += name;
  }
  return text;
}

struct FlagValues {
  const Flag* flag;
  std::vector<std::string> values;
};

void add_option(CLI::App& app, FlagValues& into) {
  const std::string names = names_for_cli11(*into.flag);
  if (into.flag->value.empty()) {
    app.add_flag(names)->each([&into](const std::string&) { into.values.emplace_back(); });
  } else {
    app.add_option(names, into.values)->allow_extra_args(false);
  }
}

// The words that are not flags, and the values of the flags.
Arguments read_line(Arguments line, std::vector<FlagValues>& given) {
  CLI::App app;
  app.set_help_flag();
  Arguments words;
  app.add_option("words", words);
  for (FlagValues& each : given) add_option(app, each);
  std::ranges::reverse(line);  // the order that CLI11 expects
  try {
    app.parse(std::move(line));
  } catch (const CLI::Error& error) {
    throw Error(ErrorCode::usage, error.what());
  }
  return words;
}

// Whether the words after -- are a command, and not the name of a model.
bool is_command(std::span<const std::string> words) { return words.size() > 1; }

void apply_files(Arguments words, Invocation& invocation) {
  for (const std::string& word : words)
    if (!is_deployment_file(word))
      throw Error(ErrorCode::usage,
                  fmt::format("\"{}\" is no file; check takes a model or files, not both", word));
  invocation.deployment.files = std::move(words);
}

void apply_words(Arguments words, Invocation& invocation) {
  Question& question = invocation.question;
  if (question.command == Command::check && std::ranges::any_of(words, is_deployment_file))
    return apply_files(std::move(words), invocation);
  if (question.command == Command::compare) {
    question.compare.models = std::move(words);
    return;
  }
  if (question.command == Command::site) {
    if (words.size() > 1)
      throw Error(ErrorCode::usage,
                  fmt::format("unexpected argument \"{}\" after {}; name one folder", words[1], words[0]));
    if (!words.empty()) invocation.folder = words[0];
    return;
  }
  if ((only(question.command) & about_one_model) == 0) {
    for (const std::string& word : words) question.filter += (question.filter.empty() ? "" : " ") + word;
    return;
  }
  if (!question.model.empty()) words.insert(words.begin(), question.model);  // -m, -hf
  if (words.size() > 1)
    throw Error(ErrorCode::usage, fmt::format("unexpected argument \"{}\" after {}; name one model at a time",
                                              words[1], words[0]));
  if (!words.empty()) question.model = words[0];
}

// "; it is for check"
std::string hint_of_commands(const Flag& flag) {
  std::vector<std::string_view> words;
  if ((flag.commands & only(Command::overview)) != 0) return "";
  for (const CommandName& name : commands())
    if ((flag.commands & only(name.command)) != 0) words.push_back(name.word);
  return words.empty() ? "" : fmt::format("; it is for {}", fmt::join(words, " and "));
}

void apply_flags(const std::vector<FlagValues>& given, Invocation& invocation) {
  const Command command = invocation.question.command;
  for (const FlagValues& each : given) {
    if ((each.flag->commands & only(command)) == 0)
      throw Error(ErrorCode::usage, fmt::format("{} does not apply to this command{}", each.flag->names,
                                                hint_of_commands(*each.flag)));
    if (const std::string_view runtimes = runtimes_of(*each.flag); !runtimes.empty())
      invocation.question.runtime_flags.push_back(
          {std::string(names_of(each.flag->names).front()), runtimes});
    for (const std::string& value : each.values)
      each.flag->apply(invocation, names_of(each.flag->names).front(), value);
  }
}

// What a command asks if something is missing.
struct Missing {
  Command command;
  std::string_view question;
};
constexpr std::array without_model = {
    Missing{Command::overview, "which model? vramcalc models lists them, vramcalc --help explains the rest"},
    Missing{Command::plan,     "plan for which model? vramcalc plan MODEL --gpu HARDWARE"                  },
    Missing{Command::compare,  "compare which models? vramcalc compare MODEL... [-q Q,Q] [--gpu HARDWARE]" },
    Missing{Command::check,    "check which model? vramcalc check MODEL --gpu HARDWARE"                    },
};
constexpr std::array without_gpu = {
    Missing{Command::recommend, "recommend for what? --gpu HARDWARE, such as rtx-4090 or 24GiB"},
    Missing{Command::plan,      "plan it for what? --gpu HARDWARE, such as rtx-4090 or 24GiB"  },
    Missing{Command::check,     "check it on what? --gpu HARDWARE, such as rtx-4090 or 24GiB"  },
};

void ask_back(std::span<const Missing> missing, Command command) {
  const auto found = std::ranges::find(missing, command, &Missing::command);
  if (found != missing.end()) throw Error(ErrorCode::usage, std::string(found->question));
}

// What says nothing about one model.
void refuse_words_of_deployments(const Invocation& invocation) {
  const DeploymentWords& words = invocation.deployment;
  const auto refuse = [](std::string_view what) {
    throw Error(ErrorCode::usage, fmt::format("{} is for check FILE... and check -- COMMAND", what));
  };
  if (!words.hardware.empty()) refuse("--gpu NAME=HARDWARE");
  for (const std::string& word : words.fail_on)
    if (word != "tight") refuse("--fail-on " + word);
  if (!words.supplied.variables.empty()) refuse("--set");
  if (!words.supplied.paths.empty()) refuse("--map");
  if (words.headroom) refuse("--headroom");
  if (!words.baseline.empty()) refuse("--baseline");
}

void require_command_of_hosts(Command command) {
  constexpr std::array answered = {Command::check, Command::recommend};
  if (std::ranges::find(answered, command) == answered.end())
    throw Error(ErrorCode::usage, "--backend cpu is for check and recommend, with --ram");
}

void require_model_and_gpu(const Question& question) {
  if (question.model.empty() && question.compare.models.empty()) ask_back(without_model, question.command);
  if (question.backend == Backend::cpu) return require_command_of_hosts(question.command);
  if (question.gpu.empty()) ask_back(without_gpu, question.command);
}

}  // namespace

Invocation parse(const Arguments& arguments) {
  const Iterator dashes = std::find(arguments.begin(), arguments.end(), "--");
  CanonicalLine line = canonical(arguments.begin(), dashes);
  std::vector<FlagValues> given;
  for (const Flag* flag : line.flags) given.push_back({flag, {}});
  Arguments words = read_line(std::move(line.arguments), given);

  Invocation invocation;
  if (!words.empty()) {
    if (const auto command = command_named(words[0])) {
      invocation.question.command = *command;
      words.erase(words.begin());
    } else {
      refuse_mistaken_command(words[0]);
    }
  }
  const Arguments rest(dashes == arguments.end() ? dashes : dashes + 1, arguments.end());
  const bool starts_something =
      invocation.question.command == Command::check && words.empty() && is_command(rest);
  if (starts_something)
    invocation.deployment.command = rest;
  else
    words.insert(words.end(), rest.begin(), rest.end());
  apply_flags(given, invocation);
  apply_words(std::move(words), invocation);
  if (invocation.deployment.is_asked()) return invocation;
  refuse_words_of_deployments(invocation);
  if (invocation.action != Invocation::Action::answer) return invocation;
  if (invocation.question.command == Command::site && invocation.folder.empty())
    throw Error(ErrorCode::usage, "write it where? vramcalc site DIR");
  require_model_and_gpu(invocation.question);
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
