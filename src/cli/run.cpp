#include "cli/run.hpp"

#include <exception>

#include "cli/help.hpp"
#include "cli/output.hpp"
#include "render/render.hpp"

namespace vramcalc::cli {
namespace {

constexpr int could_not_tell = 2;

Outcome failure(const ErrorReport& error, bool as_json) {
  if (as_json) return {render::json(error, {}), "", could_not_tell};
  return {"", render::table(error, {}), could_not_tell};
}

render::Style style_of(const Invocation& invocation, const Terminal& terminal) {
  render::Style style;
  style.columns = terminal.columns;
  style.rows = terminal.rows;
  style.colour = terminal.colour;
  style.unicode = terminal.unicode;
  style.all = invocation.all;
  style.units = invocation.units;
  return style;
}

Outcome answered(Invocation invocation, Answer answer, const Terminal& terminal) {
  switch (invocation.action) {
    case Invocation::Action::short_help: return {short_help(), "", 0};
    case Invocation::Action::long_help: return {long_help(), "", 0};
    case Invocation::Action::version: return {version_line(), "", 0};
    case Invocation::Action::answer: break;
  }
  const render::Format& format = *render::find_format(invocation.format);
  invocation.question.everything = invocation.all || format.complete;
  const Report report = answer(invocation.question);
  return {format.render(report, style_of(invocation, terminal)), "", exit_status(report)};
}

}  // namespace

Outcome outcome_of(const Arguments& arguments, Answer answer, const Terminal& terminal) {
  const bool as_json = asks_for_json(arguments);
  try {
    return answered(parse(arguments), answer, terminal);
  } catch (const Error& error) {
    return failure({error.code(), error.what(), error.suggestions()}, as_json);
  } catch (const std::exception& error) {
    return failure({ErrorCode::unsupported, std::string("internal error: ") + error.what(), {}}, as_json);
  }
}

int run(const Arguments& arguments, Answer answer) {
  prepare_streams();
  const Outcome outcome = outcome_of(arguments, answer, look_at_stdout());
  write_stderr(outcome.err);
  try {
    write_stdout(outcome.out);
  } catch (const Error& error) {
    write_stderr(failure({error.code(), error.what(), {}}, false).err);
    return could_not_tell;
  }
  return outcome.status;
}

}  // namespace vramcalc::cli
