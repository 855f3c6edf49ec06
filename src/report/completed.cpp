#include <fmt/format.h>

#include <algorithm>

#include "model/letters.hpp"
#include "report/report.hpp"

namespace vramcalc::report {
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

bool belongs_to(const RuntimeFlag& flag, std::string_view runtime) {
  const std::vector<std::string_view> ids = runtimes_of(flag);
  return ids.empty() || std::ranges::find(ids, runtime) != ids.end();
}

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
  choose(asked, question.runtime.empty() ? runtime_of_flags(question, runtimes) : question.runtime);
  return asked;
}

}  // namespace vramcalc::report
