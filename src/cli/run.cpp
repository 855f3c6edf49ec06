#include "cli/run.hpp"

#include <algorithm>
#include <exception>

#include "cli/complete.hpp"
#include "cli/deployment.hpp"
#include "cli/generate.hpp"
#include "cli/help.hpp"
#include "cli/output.hpp"
#include "cli/site.hpp"
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
  style.chart = invocation.chart;
  style.units = invocation.units;
  return style;
}

bool is_page(const Invocation& invocation) {
  return render::find_format(invocation.format)->is_page ||
         std::ranges::any_of(invocation.outputs, [](const Output& output) {
           return render::find_format(output.format)->is_page;
         });
}

Report report_on(const Invocation& invocation, const Answer& answer) {
  if (invocation.deployment.is_asked()) return answer.of_deployment(question_of(invocation));
  return answer.of_model(invocation.question);
}

Outcome answered(Invocation invocation, Answer answer, const Terminal& terminal) {
  switch (invocation.action) {
    case Invocation::Action::short_help: return {short_help(), "", 0};
    case Invocation::Action::long_help: return {long_help(), "", 0};
    case Invocation::Action::version:
      return {invocation.format == "json" ? render::version_json() : render::version_table(), "", 0};
    case Invocation::Action::generate: return {generated()[invocation.generated].text(), "", 0};
    case Invocation::Action::answer: break;
  }
  if (invocation.question.command == Command::site) return write_site(invocation, answer);
  const render::Format& format = *render::find_format(invocation.format);
  invocation.question.everything = invocation.all || format.complete;
  invocation.question.curves = invocation.chart;
  invocation.question.page = is_page(invocation);
  const Report report = report_on(invocation, answer);
  Outcome outcome{format.render(report, style_of(invocation, terminal)), "", exit_status(report)};
  for (const Output& output : invocation.outputs)
    outcome.files.emplace_back(output.file,
                               render::find_format(output.format)->render(report, style_of(invocation, {})));
  return outcome;
}

}  // namespace

Outcome outcome_of(const Arguments& arguments, Answer answer, const Terminal& terminal) {
  if (!arguments.empty() && arguments[0] == complete_command)
    return {completions({arguments.begin() + 1, arguments.end()}), "", 0};
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
    for (const auto& [path, text] : outcome.files) write_file(path, text);
    write_stdout(outcome.out);
  } catch (const Error& error) {
    write_stderr(failure({error.code(), error.what(), {}}, false).err);
    return could_not_tell;
  }
  return outcome.status;
}

}  // namespace vramcalc::cli
