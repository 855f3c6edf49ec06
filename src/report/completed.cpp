#include <fmt/format.h>

#include "report/report.hpp"

namespace vramcalc::report {

Asked completed(const Question& question, std::span<const Runtime> runtimes, const EmbeddedFigures& figures) {
  Asked asked{question, {}, runtimes, figures};
  asked.choice = choose_runtime(runtimes, question.runtime, asked.question.options);
  if (!asked.runtime().can.has_options && question.options != Question{}.options)
    throw Error(
        ErrorCode::unsupported,
        fmt::format("{} has no options; leave out the workload and placement flags", asked.runtime().id));
  if (asked.runtime().complete != nullptr)
    asked.runtime().complete(asked.question.options, !question.draft.empty());
  return asked;
}

}  // namespace vramcalc::report
