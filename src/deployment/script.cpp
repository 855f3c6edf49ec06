#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <deque>

#include "catalog/name_tokens.hpp"
#include "deployment/finding_codes.hpp"
#include "deployment/pattern.hpp"
#include "deployment/program_starts.hpp"
#include "deployment/running.hpp"
#include "deployment/session.hpp"
#include "deployment/shell_expansion.hpp"
#include "deployment/shell_syntax.hpp"
#include "deployment/shell_test.hpp"
#include "deployment/variable_names.hpp"

// Follows a script as it would run without arguments: each command that starts an engine becomes a launch.
// Where a condition is not known, both ways are followed, and what they do not agree on is left open.
namespace vramcalc::deployment {
namespace {

constexpr std::size_t most_rounds = 64;  // of a loop
constexpr int deepest_call = 12;
constexpr std::size_t longest_value = 1 << 16;

enum class Flow { on, returned, exited };

struct Outcome {
  std::optional<bool> success = std::nullopt;
  Flow flow = Flow::on;
};
constexpr Outcome succeeded = {.success = true};
constexpr Outcome failed = {.success = false};

// They prepare the shell of whoever runs the script and set nothing of a model.
constexpr std::array<std::string_view, 9> preparations = {"activate",      ".bashrc",    ".profile",
                                                          ".bash_profile", "conda.sh",   ".zshrc",
                                                          "nvm.sh",        "setvars.sh", "module.sh"};
constexpr std::array<std::string_view, 4> declarations = {"export", "declare", "typeset", "readonly"};
constexpr std::array<std::string_view, 4> readers = {"read", "mapfile", "readarray", "getopts"};
constexpr std::array<std::string_view, 3> killers = {"kill", "pkill", "killall"};

using catalog::is_one_of;

struct Assignment {
  std::string name;
  std::string_view value;
  bool appends = false;
  bool is_element = false;  // of an array: NAME[…]=
};

std::optional<Assignment> assignment(const ShellToken& token) {
  const std::string_view text = token.text;
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) return std::nullopt;
  Assignment parsed;
  std::string_view name = text.substr(0, equals);
  parsed.value = text.substr(equals + 1);
  parsed.appends = name.ends_with('+');
  if (parsed.appends) name.remove_suffix(1);
  const std::size_t bracket = name.find('[');
  parsed.is_element = bracket != std::string_view::npos;
  parsed.name = std::string(name.substr(0, bracket));
  return is_name(parsed.name) ? std::optional(parsed) : std::nullopt;
}

// Numbers from `first` to `last`; none if there are too many.
std::vector<Text> count_up(std::int64_t first, std::int64_t last) {
  std::vector<Text> numbers;
  if (last < first || static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first) >= most_rounds)
    return numbers;
  for (std::int64_t i = first; i <= last; ++i) numbers.push_back(known_text(fmt::format("{}", i)));
  return numbers;
}

// `{0..7}`.
std::vector<Text> brace_range(std::string_view word) {
  const std::size_t dots = word.find("..");
  if (dots == std::string_view::npos || !word.starts_with('{') || !word.ends_with('}')) return {};
  const auto first = integer_of(word.substr(1, dots - 1));
  const auto last = integer_of(word.substr(dots + 2, word.size() - dots - 3));
  return first && last ? count_up(*first, *last) : std::vector<Text>();
}

// Output of the few commands whose output is their arguments.
std::optional<Text> output_of(const std::vector<Text>& words) {
  if (words.size() < 2 || !std::ranges::all_of(words, &Text::is_known)) return std::nullopt;
  const std::string name = words[0].spelled();
  if (name == "which" || (name == "command" && words[1].spelled() == "-v")) return words.back();
  if (name == "basename" && words.size() == 2) return known_text(base_name(words[1].spelled()));
  if (name == "seq") {
    const auto first = words.size() > 2 ? integer_of(words[1].spelled()) : std::optional<std::int64_t>(1);
    const auto last = integer_of(words.back().spelled());
    Text rows;
    if (words.size() < 4 && first && last)
      for (const Text& number : count_up(*first, *last))
        rows.add(rows.is_empty() ? number.spelled() : "\n" + number.spelled());
    return rows.is_empty() ? std::nullopt : std::optional(rows);
  }
  if (name != "echo" || words[1].spelled().starts_with('-')) return std::nullopt;
  Text line;
  for (std::size_t i = 1; i < words.size(); ++i) line.add((i > 1 ? " " : "") + words[i].spelled());
  return line;
}

class Interpreter {
 public:
  Interpreter(const Launch& base, ScriptPlace place, Session& session)
      : base_(base), place_(std::move(place)), session_(session), first_(session.reading.launches.size()) {}

  void run(std::string_view script, const std::vector<Word>& arguments) {
    for (const Word& argument : arguments) scope_.arguments.push_back(to_text(argument));
    scope_.knows_arguments = !arguments.empty();
    for (const Variable& variable : base_.environment)
      if (is_name(variable.name))
        scope_.values[variable.name] = {
            .items = {to_text(variable.value)}, .is_array = false, .is_exported = true};
    parsed_.push_back(parse_shell(script, place_.first_line.file));
    run_list(parsed_.back());
    if (launches() == 0) run_functions();
    if (session_.depth == 1) share_machine();
    if (session_.steps_left == 0)
      session_.reading.findings.push_back(
          finding("unresolved", "the script is too long to be followed to its end", place_.first_line));
  }

  std::size_t launches() const { return session_.reading.launches.size() - first_; }

 private:
  struct State {
    Scope scope;
    Running running;
  };

  State state() {
    spend(scope_.values.size());
    return {scope_, running_};
  }
  void restore(State state) {
    scope_ = std::move(state.scope);
    running_.or_else({});
    running_.now = std::move(state.running.now);
  }
  void either(const State& other) {
    scope_ = merge(std::move(scope_), other.scope);
    running_.or_else(other.running.now);
  }

  bool spend(std::size_t steps) {
    session_.steps_left -= std::min(steps + 1, session_.steps_left);
    return session_.steps_left > 0;
  }

  Position at(std::uint32_t line) const {
    Position position = place_.first_line;
    if (!place_.one_line) position.line += line - 1;
    return position;
  }

  ShellExpander expander() {
    return ShellExpander(scope_, session_.supplied,
                         [this](std::string_view commands) { return substitute(commands); });
  }

  // ---- lists ----

  Outcome run_list(const ShellList& list) {
    Outcome last = succeeded;
    for (const ShellStep& step : list) {
      if (!spend(1)) return {.success = std::nullopt, .flow = Flow::exited};
      const bool conditional = step.when != ShellStep::When::always;
      const bool wanted = step.when == ShellStep::When::success;
      if (conditional && last.success && *last.success != wanted) continue;
      last = conditional && (!last.success || assumed_) ? run_if_so(step, last) : run_step(step);
      if (last.flow != Flow::on) return last;
    }
    return last;
  }

  // A step that runs only if the one before went so, which is not known.
  Outcome run_if_so(const ShellStep& step, const Outcome& before) {
    const State without = state();
    const std::size_t count = launches();
    const bool decided = before.success.has_value();
    Outcome outcome = run_step(step);
    if (outcome.flow != Flow::on && (!decided || launches() == count)) {
      restore(without);
      return {};
    }
    if (!decided) {
      either(without);
      outcome.success = std::nullopt;
    }
    return outcome;
  }

  Outcome run_step(const ShellStep& step) {
    const bool shell_of_its_own =
        step.background || (step.piped && step.node.kind != ShellNode::Kind::simple);
    if (step.background) ++background_;
    std::optional<Scope> before;
    if (shell_of_its_own && spend(scope_.values.size())) before = scope_;
    Outcome outcome = run_node(step.node);
    if (step.background) --background_;
    if (before) {
      scope_ = std::move(*before);
      outcome = {.success = step.background ? std::optional(true) : std::nullopt};
    }
    if (step.piped) outcome.success = std::nullopt;
    if (step.negated && outcome.success) outcome.success = !*outcome.success;
    return outcome;
  }

  Outcome run_node(const ShellNode& node) {
    if (session_.nesting >= deepest_nesting) return {};
    ++session_.nesting;
    const Outcome outcome = run_kind(node);
    --session_.nesting;
    return outcome;
  }

  Outcome run_kind(const ShellNode& node) {
    switch (node.kind) {
      case ShellNode::Kind::simple: return run_simple(node);
      case ShellNode::Kind::group: return run_list(node.lists.front());
      case ShellNode::Kind::subshell: return run_subshell(node);
      case ShellNode::Kind::choice: return run_choice(node);
      case ShellNode::Kind::each: return run_each(node);
      case ShellNode::Kind::loop: return run_loop(node);
      case ShellNode::Kind::match: return run_match(node);
      case ShellNode::Kind::function: break;
    }
    if (!node.lists.empty()) functions_.insert_or_assign(node.name, &node.lists.front());
    return succeeded;
  }

  Outcome run_subshell(const ShellNode& node) {
    Scope before = scope_;
    spend(scope_.values.size());
    run_list(node.lists.front());
    scope_ = std::move(before);
    return {};
  }

  // ---- ways ----

  // Ways that a script may take from here; those that end it do not go on.
  class Ways {
   public:
    explicit Ways(Interpreter& interpreter) : interpreter_(interpreter) {}
    void take(const Outcome& outcome) {
      flow_ = outcome.flow;
      if (outcome.flow != Flow::on) return;
      if (!open_)
        open_ = interpreter_.state();
      else {
        interpreter_.either(*open_);
        open_ = interpreter_.state();
      }
    }
    Outcome join() {
      if (!open_) return {.success = std::nullopt, .flow = flow_ == Flow::on ? Flow::exited : flow_};
      interpreter_.restore(std::move(*open_));
      return {};
    }

   private:
    Interpreter& interpreter_;
    std::optional<State> open_;
    Flow flow_ = Flow::on;
  };

  Outcome run_choice(const ShellNode& node) {
    Ways ways(*this);
    for (std::size_t i = 0; i + 1 < node.lists.size(); i += 2) {
      assumed_ = false;
      const Outcome condition = run_list(node.lists[i]);
      const bool by_default = assumed_;
      if (condition.success == false) continue;
      State without = state();
      const std::size_t count = launches();
      const Outcome outcome = run_list(node.lists[i + 1]);
      // What only says that a value is missing and ends: with that value the script goes on.
      const bool complains = by_default && outcome.flow == Flow::exited && launches() == count;
      if (condition.success == true && !complains) {
        ways.take(outcome);
        return ways.join();
      }
      if (!complains) ways.take(outcome);
      restore(std::move(without));
    }
    const bool has_else = node.lists.size() % 2 == 1;
    ways.take(has_else ? run_list(node.lists.back()) : Outcome{});
    return ways.join();
  }

  Outcome run_match(const ShellNode& node) {
    auto words = expander();
    const Text subject = node.words.empty() ? Text() : words.value(node.words.front().text);
    Ways ways(*this);
    bool has_default = false;
    for (std::size_t i = 0; i < node.lists.size(); ++i) {
      const bool any = std::ranges::any_of(node.patterns[i],
                                           [](const ShellToken& pattern) { return pattern.text == "*"; });
      has_default = has_default || any;
      if (subject.is_known()) {
        if (matches(subject, node.patterns[i])) return run_list(node.lists[i]);
        continue;
      }
      State without = state();
      ways.take(run_list(node.lists[i]));
      restore(std::move(without));
    }
    if (subject.is_known()) return {};
    if (!has_default) ways.take({});
    return ways.join();
  }

  bool matches(const Text& subject, const std::vector<ShellToken>& patterns) {
    const std::string text = subject.spelled();
    if (text.size() > 4096) return false;
    return std::ranges::any_of(patterns, [&](const ShellToken& pattern) {
      const std::string expanded = expander().value(pattern.text).spelled();
      return expanded.size() < 256 && matches_pattern(expanded, text);
    });
  }

  // ---- loops ----

  Outcome run_each(const ShellNode& node) {
    std::vector<Text> values;
    for (const ShellToken& word : node.words) {
      std::vector<Text> range = brace_range(word.text);
      if (range.empty()) range = expander().fields(word.text);
      std::ranges::move(range, std::back_inserter(values));
    }
    if (node.over_arguments) values = scope_.arguments;
    const bool known = std::ranges::all_of(values, &Text::is_known) && values.size() <= most_rounds;
    const bool counts = node.words.empty() && !node.over_arguments;  // `for ((…))`, `select`
    if (counts || !known) {
      if (is_name(node.name)) forget(scope_, node.name, "changes from round to round of a loop");
      return run_maybe(node.lists.front());
    }
    for (const Text& value : values) {
      if (is_name(node.name)) assign(scope_, node.name, {.items = {value}});
      const Outcome outcome = run_list(node.lists.front());
      if (outcome.flow != Flow::on) return outcome;
    }
    return {};
  }

  Outcome run_maybe(const ShellList& list) {
    const State without = state();
    const Outcome outcome = run_list(list);
    if (outcome.flow != Flow::on)
      restore(without);
    else
      either(without);
    return {};
  }

  Outcome run_loop(const ShellNode& node) {
    if (node.lists.size() < 2 || reads_arguments(node.lists[0])) return {};
    const bool forever = is_constant(node.lists[0]);
    for (std::size_t round = 0; round < most_rounds; ++round) {
      const Outcome condition = run_list(node.lists[0]);
      if (condition.flow != Flow::on) return condition;
      if (!condition.success) return run_maybe(node.lists[1]);
      if (*condition.success == node.negated_loop) return {};
      const Outcome outcome = run_list(node.lists[1]);
      if (outcome.flow != Flow::on || forever) return outcome;
    }
    return {};
  }

  static bool is_constant(const ShellList& condition) {
    if (condition.size() != 1 || condition[0].node.words.size() != 1) return false;
    const std::string& word = condition[0].node.words[0].text;
    return word == "true" || word == ":" || word == "false";
  }

  // `while [ $# -gt 0 ]`, `while getopts …`: a script that gets no arguments leaves it at once.
  bool reads_arguments(const ShellList& condition) const {
    if (scope_.knows_arguments || condition.empty()) return false;
    return std::ranges::any_of(condition.front().node.words, [](const ShellToken& word) {
      return word.text == "getopts" || word.text.find("$#") != std::string::npos ||
             word.text.find("${#}") != std::string::npos || word.text == "$1" || word.text == "\"$1\"" ||
             word.text == "\"${1:-}\"" || word.text == "${1:-}";
    });
  }

  // ---- simple commands ----

  Outcome run_simple(const ShellNode& node) {
    std::size_t i = 0;
    std::vector<Variable> own;
    line_ = node.line;
    while (i < node.words.size() && assignment(node.words[i])) ++i;
    assumed_ = false;
    if (i == node.words.size()) {
      for (const ShellToken& token : node.words) set(token, false);
      return succeeded;
    }
    const std::span<const ShellToken> tokens = std::span(node.words).subspan(i);
    if (tokens[0].text == "[[" || tokens[0].text == "[" || tokens[0].text == "test") return run_test(tokens);
    if (const auto outcome = run_declaration(tokens)) return *outcome;
    for (std::size_t k = 0; k < i; ++k) {
      const auto parsed = assignment(node.words[k]);
      own.push_back({parsed->name, to_word(expander().value(parsed->value), at(node.words[k].line))});
    }
    return run_words(tokens, std::move(own));
  }

  Outcome run_words(std::span<const ShellToken> tokens, std::vector<Variable> own) {
    auto words = expander();
    std::vector<Text> texts;
    std::vector<Word> all;
    for (const ShellToken& token : tokens)
      for (Text& text : words.fields(token.text)) {
        if (!spend(text.spelled().size() / 16)) return {};
        all.push_back(to_word(text, at(token.line)));
        texts.push_back(std::move(text));
      }
    if (all.empty()) return {};
    const bool known = texts[0].is_known();
    const auto function = known ? functions_.find(all[0].text) : functions_.end();
    if (function != functions_.end()) return call(*function->second, texts);
    if (known)
      if (const auto outcome = run_builtin(texts, all)) return *outcome;
    return start(all, std::move(own), words.left_out_arguments());
  }

  Outcome start(const std::vector<Word>& words, std::vector<Variable> own, bool left_out_arguments) {
    const bool replaces = words[0].text == "exec" && words.size() > 1;
    const Outcome outcome = {.success = std::nullopt, .flow = replaces ? Flow::exited : Flow::on};
    if (!may_start(words)) return outcome;
    Launch base = base_;
    if (base.at.line == 0) base.at = words[0].at;
    base.environment = environment(std::move(own));
    const std::size_t before = session_.reading.launches.size();
    const Started started = start_words(words, base, session_, false);
    std::vector<std::size_t> added;
    for (std::size_t i = before; i < session_.reading.launches.size(); ++i) {
      added.push_back(i);
      if (left_out_arguments) note_arguments(session_.reading.launches[i]);
    }
    if (!added.empty()) running_.start(added, background_ > 0 || started.goes_on);
    return outcome;
  }

  static void note_arguments(Launch& launch) {
    Finding note =
        finding("unresolved", "arguments that the script's caller adds ($@) are not part of this", launch.at);
    note.severity = Severity::note;
    launch.findings.push_back(std::move(note));
  }

  std::vector<Variable> environment(std::vector<Variable> own) {
    std::vector<Variable> all;
    for (const Variable& variable : base_.environment)
      if (!is_name(variable.name)) all.push_back(variable);
    spend(scope_.values.size());
    for (const auto& [name, value] : scope_.values) {
      const bool replaced = std::ranges::find(own, name, &Variable::name) != own.end();
      if (value.is_exported && !replaced && !value.items.empty())
        all.push_back({name, to_word(expander().value(fmt::format("${{{}}}", name)), where(name))});
    }
    std::ranges::move(own, std::back_inserter(all));
    return all;
  }

  Position where(const std::string& name) const {
    const auto found = set_at_.find(name);
    return found == set_at_.end() ? place_.first_line : found->second;
  }

  // ---- variables ----

  void set(const ShellToken& token, bool exported) {
    const auto parsed = assignment(token);
    if (!parsed) return;
    set_at_[parsed->name] = at(token.line);
    if (parsed->is_element || holds_keys(token)) {
      forget(scope_, parsed->name, "is an array that is not followed");
      return;
    }
    ShellValue value{.items = {},
                     .is_array = token.kind == ShellToken::Kind::array,
                     .is_exported = exported || exports_all_};
    auto words = expander();
    if (value.is_array) {
      for (const ShellToken& item : token.items)
        for (Text& text : words.fields(item.text)) value.items.push_back(std::move(text));
    } else {
      value.items.push_back(words.value(parsed->value));
    }
    std::size_t size = 0;
    for (const Text& item : value.items) size += 16 + item.spelled().size();
    spend(size / 16);
    if (size > longest_value) return forget(scope_, parsed->name, "is too long to be followed");
    if (!parsed->appends)
      assign(scope_, parsed->name, std::move(value));
    else if (spend(size_of(parsed->name)))
      append(scope_, parsed->name, std::move(value));
  }

  // What appending to a value may copy again and again.
  std::size_t size_of(const std::string& name) const {
    const ShellValue* value = find_value(scope_, name);
    if (value == nullptr || value->is_array) return 0;
    std::size_t size = 0;
    for (const Text& item : value->items) size += item.pieces.size() + item.spelled().size() / 64;
    return size;
  }

  static bool holds_keys(const ShellToken& token) {
    return std::ranges::any_of(token.items,
                               [](const ShellToken& item) { return item.text.starts_with('['); });
  }

  // `export A=b`, `local x`: values are not split.
  std::optional<Outcome> run_declaration(std::span<const ShellToken> tokens) {
    const std::string_view name = tokens[0].text;
    if (!is_one_of(declarations, name) && name != "local") return std::nullopt;
    bool exported = name == "export";
    for (const ShellToken& token : tokens.subspan(1)) {
      if (token.kind == ShellToken::Kind::word && token.text.starts_with('-')) {
        exported = exported || token.text.find('x') != std::string::npos;
      } else if (assignment(token)) {
        set(token, exported);
      } else if (token.text.starts_with("$(") || token.text.starts_with('`')) {
        forget_all(scope_, "a file that the script reads");  // export $(grep -v '^#' .env | xargs)
      } else if (const auto found = scope_.values.find(token.text); found != scope_.values.end()) {
        found->second.is_exported = found->second.is_exported || exported;
      } else if (exported && is_name(token.text) &&
                 supplied_value(session_.supplied, token.text) != nullptr) {
        assign(scope_, token.text,
               {.items = {known_text(*supplied_value(session_.supplied, token.text))},
                .is_array = false,
                .is_exported = true});
      }
    }
    return succeeded;
  }

  // ---- builtins ----

  std::optional<Outcome> run_builtin(const std::vector<Text>& texts, const std::vector<Word>& words) {
    struct Builtin {
      std::string_view name;
      Outcome (Interpreter::*run)(const std::vector<Text>& texts, const std::vector<Word>& words);
    };
    static constexpr std::array builtins = {
        Builtin{"source", &Interpreter::run_source},
        Builtin{".",      &Interpreter::run_source},
        Builtin{"unset",  &Interpreter::run_unset },
        Builtin{"set",    &Interpreter::run_set   },
        Builtin{"shift",  &Interpreter::run_shift },
        Builtin{"eval",   &Interpreter::run_eval  },
        Builtin{"exit",   &Interpreter::run_exit  },
        Builtin{"return", &Interpreter::run_return},
        Builtin{"true",   &Interpreter::run_true  },
        Builtin{":",      &Interpreter::run_true  },
        Builtin{"false",  &Interpreter::run_false },
        Builtin{"wait",   &Interpreter::run_wait  },
    };
    const std::string& name = words[0].text;
    const auto row = std::ranges::find(builtins, name, &Builtin::name);
    if (row != builtins.end()) return (this->*row->run)(texts, words);
    if (is_one_of(readers, name)) return run_read(words);
    if (is_one_of(killers, name)) running_.stop_all();
    if (name == "docker" || name == "podman") stop_containers(words);
    return std::nullopt;
  }

  Outcome run_true(const std::vector<Text>&, const std::vector<Word>&) { return succeeded; }
  Outcome run_false(const std::vector<Text>&, const std::vector<Word>&) { return failed; }
  Outcome run_exit(const std::vector<Text>&, const std::vector<Word>&) {
    return {.success = std::nullopt, .flow = Flow::exited};
  }
  Outcome run_return(const std::vector<Text>& texts, const std::vector<Word>&) {
    const auto status = texts.size() > 1 ? integer_of(texts[1].spelled()) : std::nullopt;
    return {.success = status ? std::optional(*status == 0) : std::nullopt, .flow = Flow::returned};
  }

  Outcome run_wait(const std::vector<Text>&, const std::vector<Word>&) {
    running_.stop_all();
    return {};
  }

  void stop_containers(const std::vector<Word>& words) {
    static constexpr std::array<std::string_view, 3> verbs = {"stop", "rm", "kill"};
    if (words.size() < 2 || !is_one_of(verbs, words[1].text)) return;
    for (std::size_t i = 2; i < words.size(); ++i) {
      if (!words[i].is_known()) return running_.stop_all();
      if (!words[i].text.starts_with('-')) running_.stop(words[i].text, session_.reading.launches);
    }
  }

  Outcome run_source(const std::vector<Text>&, const std::vector<Word>& words) {
    if (words.size() < 2) return {};
    const std::string_view name = base_name(words[1].text);
    if (is_one_of(preparations, name)) return {};
    const auto input =
        std::ranges::find_if(session_.inputs, [&](const Input& i) { return base_name(i.name) == name; });
    if (input == session_.inputs.end() || ++calls_ > deepest_call) {
      forget_all(scope_, std::string(name));
      return {};
    }
    const ScriptPlace place = std::exchange(place_, {
                                                        .first_line = {input->name, 1}
    });
    parsed_.push_back(parse_shell(input->text, input->name));
    const Outcome outcome = run_list(parsed_.back());
    place_ = place;
    --calls_;
    return {.success = outcome.success, .flow = outcome.flow == Flow::exited ? Flow::exited : Flow::on};
  }

  Outcome run_unset(const std::vector<Text>&, const std::vector<Word>& words) {
    for (std::size_t i = 1; i < words.size(); ++i)
      if (is_name(words[i].text)) scope_.values[words[i].text] = {.items = {Text()}};
    return succeeded;
  }

  Outcome run_set(const std::vector<Text>& texts, const std::vector<Word>& words) {
    for (std::size_t i = 1; i < words.size(); ++i) {
      const std::string& word = words[i].text;
      if (word == "--") {
        scope_.arguments.assign(texts.begin() + static_cast<std::ptrdiff_t>(i) + 1, texts.end());
        scope_.knows_arguments = true;
        break;
      }
      const bool all = word == "allexport" || (word.size() < 6 && word.find('a') != std::string::npos);
      if (all && (word[0] == '-' || word == "allexport")) exports_all_ = i < 2 || words[i - 1].text != "+o";
      if (all && word[0] == '+') exports_all_ = false;
    }
    return succeeded;
  }

  Outcome run_shift(const std::vector<Text>& texts, const std::vector<Word>&) {
    const auto number = texts.size() > 1 ? integer_of(texts[1].spelled()) : std::optional<std::int64_t>(1);
    const std::size_t count = number && *number > 0 ? static_cast<std::size_t>(*number) : 0;
    auto& arguments = scope_.arguments;
    arguments.erase(arguments.begin(),
                    arguments.begin() + static_cast<std::ptrdiff_t>(std::min(count, arguments.size())));
    return succeeded;
  }

  Outcome run_eval(const std::vector<Text>&, const std::vector<Word>& words) {
    std::string script;
    for (std::size_t i = 1; i < words.size(); ++i) script += words[i].text + " ";
    if (++calls_ > deepest_call || !spend(script.size())) {
      --calls_;
      return {};
    }
    const ScriptPlace place = std::exchange(place_, {.first_line = words[0].at, .one_line = true});
    parsed_.push_back(parse_shell(script, place.first_line.file));
    const Outcome outcome = run_list(parsed_.back());
    place_ = place;
    --calls_;
    return outcome;
  }

  Outcome run_read(const std::vector<Word>& words) {
    for (std::size_t i = 1; i < words.size(); ++i)
      if (is_name(words[i].text)) forget(scope_, words[i].text, "is read while the script runs");
    return {};
  }

  Outcome run_test(std::span<const ShellToken> tokens) {
    auto words = expander();
    words.take_unset_as_empty();
    std::vector<Text> operands;
    for (const ShellToken& token : tokens.subspan(1))
      if (token.text != "]" && token.text != "]]") operands.push_back(words.value(token.text));
    const Outcome outcome = {.success = evaluate_test(operands)};
    assumed_ = words.assumed();
    return outcome;
  }

  // ---- functions ----

  Outcome call(const ShellList& body, const std::vector<Text>& words) {
    if (calls_ >= deepest_call) return {};
    ++calls_;
    std::vector<Text> arguments(words.begin() + 1, words.end());
    std::swap(arguments, scope_.arguments);
    const bool knew = std::exchange(scope_.knows_arguments, true);
    Outcome outcome = run_list(body);
    scope_.arguments = std::move(arguments);
    scope_.knows_arguments = knew;
    --calls_;
    if (outcome.flow == Flow::returned) outcome.flow = Flow::on;
    return outcome;
  }

  // Where nothing is started, what the functions would start counts: some are called by words that nobody
  // knows here.
  void run_functions() {
    const auto all = functions_;
    const State before = state();
    for (const auto& [name, body] : all) {
      run_list(*body);
      restore(before);
      if (launches() > 0 && session_.steps_left == 0) return;
    }
  }

  std::optional<Text> substitute(std::string_view commands) {
    if (calls_ >= deepest_call || !spend(commands.size() / 16)) return std::nullopt;
    const std::vector<ShellToken> tokens = shell_tokens(commands);
    const bool simple = std::ranges::all_of(tokens, [](const ShellToken& token) {
      return token.kind == ShellToken::Kind::word || token.kind == ShellToken::Kind::end;
    });
    ++calls_;
    std::optional<Text> output;
    if (commands.find(" run ") != std::string_view::npos) {
      run_within(commands);
    } else if (simple) {
      auto words = expander();
      std::vector<Text> texts;
      for (const ShellToken& token : tokens)
        if (token.kind == ShellToken::Kind::word)
          std::ranges::move(words.fields(token.text), std::back_inserter(texts));
      output = output_of(texts);
    }
    --calls_;
    return output;
  }

  // `ID=$(docker run -d …)`.
  void run_within(std::string_view commands) {
    const ScriptPlace place = std::exchange(place_, {.first_line = at(line_), .one_line = true});
    parsed_.push_back(parse_shell(commands, place.first_line.file));
    const Scope before = scope_;
    spend(scope_.values.size());
    run_list(parsed_.back());
    scope_ = before;
    place_ = place;
  }

  // ---- machines ----

  void share_machine() {
    auto& launches = session_.reading.launches;
    if (launches.size() - first_ < 2 || !base_.machine.empty()) return;
    const std::string machine =
        base_.at.line == 0 ? place_.first_line.file : fmt::format("{}:{}", base_.at.file, base_.at.line);
    for (std::size_t i = first_; i < launches.size(); ++i) launches[i].machine = machine;
    auto sets = running_.sets();
    if (sets.size() > 1) session_.reading.together.push_back({machine, std::move(sets)});
  }

  const Launch& base_;
  ScriptPlace place_;
  Session& session_;
  std::size_t first_;
  Scope scope_;
  Running running_;
  std::map<std::string, const ShellList*, std::less<>> functions_;
  std::map<std::string, Position, std::less<>> set_at_;
  std::deque<ShellList> parsed_;
  std::uint32_t line_ = 1;  // of the command that runs
  int background_ = 0;
  int calls_ = 0;
  bool exports_all_ = false;
  bool assumed_ = false;  // the last test took an unset variable as empty
};

}  // namespace

Started start_script(std::string_view script, const Launch& base, const std::vector<Word>& arguments,
                     const ScriptPlace& place, Session& session) {
  if (session.depth >= deepest_script) return {};
  ++session.depth;
  Interpreter interpreter(base, place, session);
  interpreter.run(script, arguments);
  --session.depth;
  return {.launches = interpreter.launches()};
}

}  // namespace vramcalc::deployment
