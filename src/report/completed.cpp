#include <fmt/format.h>

#include <algorithm>

#include "model/letters.hpp"
#include "report/report.hpp"

namespace vramcalc {
namespace {

std::vector<std::string_view> runtimes_of(const RuntimeFlag& flag) {
  std::vector<std::string_view> ids;
  for (std::string_view rest = flag.runtimes; !rest.empty();) {
    const std::size_t blank = std::min(rest.find(' '), rest.size());
    ids.push_back(rest.substr(0, blank));
    rest.remove_prefix(std::min(blank + 1, rest.size()));
  }
  return ids;
}

}  // namespace

bool belongs_to(const RuntimeFlag& flag, std::string_view runtime_id) {
  const std::vector<std::string_view> ids = runtimes_of(flag);
  return ids.empty() || std::ranges::find(ids, runtime_id) != ids.end();
}

namespace report {
namespace {

// "-tp is a flag of vllm and sglang"
std::string owners_of(const RuntimeFlag& flag) {
  return fmt::format("{} is a flag of {}", flag.name, fmt::join(runtimes_of(flag), " and "));
}

// The first runtime that has all of the flags.
std::string_view runtime_of_flags(const Question& question, std::span<const Runtime> runtimes) {
  const auto has_all = [&](const Runtime& runtime) {
    return std::ranges::all_of(question.runtime_flags,
                               [&](const RuntimeFlag& flag) { return belongs_to(flag, runtime.id); });
  };
  const auto found = std::ranges::find_if(runtimes, has_all);
  if (found != runtimes.end()) return found->id;
  std::vector<std::string> owners;
  for (const RuntimeFlag& flag : question.runtime_flags) owners.push_back(owners_of(flag));
  throw Error(ErrorCode::usage,
              fmt::format("no runtime has all of these flags: {}", fmt::join(owners, "; ")));
}

void refuse_flags_of_others(const Question& question, const Runtime& runtime) {
  for (const RuntimeFlag& flag : question.runtime_flags)
    if (!belongs_to(flag, runtime.id))
      throw Error(ErrorCode::usage,
                  fmt::format("{}, and the figures are for {}", owners_of(flag), runtime.id));
}

}  // namespace

void keep_flags_of(Question& question, std::string_view runtime) {
  const std::string_view id = runtime.substr(0, runtime.find('@'));
  std::erase_if(question.runtime_flags, [&](const RuntimeFlag& flag) { return !belongs_to(flag, id); });
}

void choose(Asked& asked, std::string_view runtime) {
  const Question& question = asked.question;
  asked.choice = choose_runtime(asked.runtimes, runtime, question.options);
  refuse_flags_of_others(question, asked.runtime());
  if (asked.runtime().complete != nullptr)
    asked.runtime().complete(asked.choice.options, !question.draft.empty());
}

Asked completed(const Question& question, std::span<const Runtime> runtimes, const EmbeddedFigures& figures) {
  Asked asked{question, {}, false, runtimes, figures};
  asked.may_choose = question.runtime.empty() && question.runtime_flags.empty();
  const std::vector<std::string>& compared = question.compare.runtimes;
  if (question.command == Command::compare && compared.size() > 1) {
    asked.choice = choose_runtime(runtimes, compared.front(), question.options);
    return asked;
  }
  choose(asked, question.runtime.empty() ? runtime_of_flags(question, runtimes) : question.runtime);
  return asked;
}

}  // namespace report
}  // namespace vramcalc
