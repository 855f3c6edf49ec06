#include "deployment/argument_list.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "deployment/finding_codes.hpp"
#include "deployment/release_date.hpp"
#include "deployment/value_grammar.hpp"

namespace vramcalc::deployment {
namespace {

// Each search for the nearest spelling looks at all flags.
constexpr std::size_t most_suggestions = 16;
constexpr std::size_t longest_shown = 60;

constexpr std::array<std::string_view, 4> ends_of_secrets = {"api-key", "-token", "-password", "_token"};

bool holds_secret(std::string_view flag) {
  return std::ranges::any_of(ends_of_secrets, [&](std::string_view end) { return flag.ends_with(end); });
}

std::string name_of(std::string_view word) { return shortened(word.substr(0, word.find('='))); }

std::string missing_value(const ProgramFlag& flag, std::string_view spelling) {
  return fmt::format("{} needs {}", spelling, flag.takes == Takes::two ? "two values" : "a value");
}

bool takes_no_value(const ProgramFlag& flag) { return flag.takes == Takes::none; }

std::size_t least_values(const ProgramFlag& flag) {
  return flag.takes == Takes::one ? 1 : flag.takes == Takes::two ? 2 : 0;
}

}  // namespace

std::string shortened(std::string_view text) {
  std::string line(text.substr(0, longest_shown));
  std::ranges::replace_if(
      line, [](unsigned char c) { return c < ' ' || c >= 0x7f; }, '?');
  return text.size() > longest_shown ? line + "…" : line;
}

void ArgumentList::refuse(std::string_view code, std::string message, const Position& at, std::string fix) {
  command_.findings.push_back(finding(code, std::move(message), at, std::move(fix)));
  command_.starts = false;
}

void ArgumentList::leave_open(const Word& word) {
  command_.holes.insert(command_.holes.end(), word.holes.begin(), word.holes.end());
}

void ArgumentList::unknown(const Word& word) {
  const std::string name = name_of(word.text);
  const std::string near = ++unknown_ <= most_suggestions ? nearest_spelling(program_, name) : "";
  const bool is_joined = near == name && word.text.size() > name.size();  // llama.cpp reads no "="
  const std::string fix = near.empty() ? "Leave it out"
                          : is_joined  ? "Write the value as a word of its own"
                                       : fmt::format("Did you mean {}", near);
  command_.findings.push_back(
      finding("unknown-flag",
              fmt::format("{} has no flag {}", program_.title, is_joined ? shortened(word.text) : name),
              word.at, fix));
  command_.holes.push_back({name, fmt::format("is no flag of {} that is known", program_.title), fix});
}

void ArgumentList::ambiguous(const Word& word, const std::vector<std::string>& candidates) {
  const std::string name = name_of(word.text);
  command_.findings.push_back(finding("ambiguous-flag",
                                      fmt::format("{} could be {}", name, fmt::join(candidates, ", ")),
                                      word.at, "Write the flag in full"));
  command_.holes.push_back({name, "could be one of several flags", "Write the flag in full"});
}

void ArgumentList::add_model(const Word& word) {
  has_model_ = true;
  command_.arguments.push_back({"model", word.text, word.at, true, word.holes});
}

bool ArgumentList::has_model() const { return has_model_ || placed_.contains("--model"); }

// A model is named once. What is not known where it could stand may as well be flags.
void ArgumentList::finish() {
  if (has_model_ && placed_.contains("--model")) {
    const auto model = std::ranges::find(command_.arguments, "model", &Argument::flag);
    if (model->holes.empty())
      refuse("invalid-value", fmt::format("{} is given two models", program_.title), model->at, "Name one");
    command_.holes.insert(command_.holes.end(), model->holes.begin(), model->holes.end());
    command_.arguments.erase(model);
  }
  for (const Argument& argument : command_.arguments)
    if (argument.bears_on_memory)
      command_.holes.insert(command_.holes.end(), argument.holes.begin(), argument.holes.end());
}

bool ArgumentList::is_removed(const Given& given) {
  const ProgramFlag& flag = *given.named.flag;
  const Presence presence = presence_of(flag, program_, command_.release);
  if (presence == Presence::gone) {
    refuse("removed-flag", fmt::format("{} no longer has {}", program_.title, given.named.spelling), given.at,
           flag.replaced_by.empty() ? "Leave it out" : fmt::format("Write {}", flag.replaced_by));
    return true;
  }
  if (presence == Presence::not_yet) {
    command_.findings.push_back(finding("unknown-flag",
                                        fmt::format("{} {} seems to be older than {}", program_.title,
                                                    shortened(command_.release), given.named.spelling),
                                        given.at, "Use a newer release"));
    command_.findings.back().severity = Severity::warning;
  }
  return false;
}

void ArgumentList::add(Given given) {
  const ProgramFlag& flag = *given.named.flag;
  if (is_removed(given)) return;
  if (takes_no_value(flag) && !given.values.empty())
    return refuse("invalid-value", fmt::format("{} takes no value", given.named.spelling), given.at,
                  "Leave the value out");
  if (given.values.size() < least_values(flag))
    return refuse("invalid-value", missing_value(flag, given.named.spelling), given.at);
  auto argument = read(given);
  // What an environment says otherwise is nobody's business.
  if (given.origin == Origin::environment && !flag.bears_on_memory) return;
  if (argument) place(flag, *std::move(argument), given.origin);
}

// Empty if a value is refused.
std::optional<Argument> ArgumentList::read(const Given& given) {
  const ProgramFlag& flag = *given.named.flag;
  Argument argument{flag.names.front(), "", given.at, flag.bears_on_memory, {}};
  if (takes_no_value(flag)) argument.value = given.named.negated ? "false" : "true";
  for (const Word& value : given.values) {
    if (!argument.value.empty()) argument.value += ' ';
    if (!read_into(argument, given, value)) return std::nullopt;
  }
  return argument;
}

bool ArgumentList::read_into(Argument& argument, const Given& given, const Word& value) {
  const ProgramFlag& flag = *given.named.flag;
  if (holds_secret(flag.names.front())) return true;
  if (!value.is_known()) {
    argument.value += value.text;
    argument.holes.insert(argument.holes.end(), value.holes.begin(), value.holes.end());
    return true;
  }
  ReadValue read = read_value(flag, value.text);
  const std::string shown = flag.bears_on_memory
                                ? fmt::format("{} {}", given.named.spelling, shortened(value.text))
                                : given.named.spelling;
  if (!read.value) {
    refuse("invalid-value", fmt::format("{}: {} wants {}", shown, program_.title, read.wanted), given.at,
           std::move(read.fix));
    return false;
  }
  argument.value += *read.value;
  if (read.surprise.empty() || !flag.bears_on_memory) return true;
  command_.findings.push_back(finding("reads-differently", fmt::format("{} {}", shown, read.surprise),
                                      given.at, std::move(read.fix)));
  return true;
}

void ArgumentList::place(const ProgramFlag& flag, Argument argument, Origin origin) {
  const auto [row, is_new] =
      placed_.try_emplace(flag.names.front(), Placed{command_.arguments.size(), origin, false});
  Placed& before = row->second;
  if (is_new || flag.accumulates) {
    command_.arguments.push_back(std::move(argument));
    return;
  }
  if (before.origin == origin && !before.repeated) {
    before.repeated = true;
    command_.findings.push_back(
        finding("repeated-flag",
                fmt::format("{} is given more than once, and the last one counts", flag.names.front()),
                argument.at, "Give it once"));
  }
  before.origin = origin;
  command_.arguments[before.index] = std::move(argument);
}

}  // namespace vramcalc::deployment
