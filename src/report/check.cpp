#include <fmt/format.h>

#include <algorithm>

#include "report/report.hpp"

namespace vramcalc::report {
namespace {

// 1: it does not fit, or only tightly where that is not enough.
int status_for(Verdict verdict, bool fail_on_tight) {
  if (verdict == Verdict::great || verdict == Verdict::fits) return 0;
  return verdict == Verdict::tight && !fail_on_tight ? 0 : 1;
}

std::string listed(const std::vector<double>& split) { return fmt::format("{:g}", fmt::join(split, ",")); }

}  // namespace

CheckReport check(const Catalog& catalog, const Question& question) {
  if (question.gpu.empty())
    throw Error(ErrorCode::usage,
                "check needs --gpu: a GPU (rtx-4090), a system (dgx-h100) or a size (24GiB)");
  CheckReport report;
  report.summary = find_model(catalog, question);
  const Model& model = report.summary.model;
  const Runtime& runtime = find_runtime(question.runtime);
  const FileType file_type = chosen_file_type(catalog, report.summary, question);
  Machine& machine = report.machine = find_machine(catalog, question);
  const Placement asked = asked_placement(question, machine);
  pool_where_it_must(machine, runtime, asked);
  Estimator estimator = estimator_of(catalog, report.summary, runtime, driven_as(question, machine));

  const std::uint64_t context =
      asked_context(question, model.architecture, model.architecture.context_length);
  report.settings = settings_of(question, estimator, file_type, context);
  report.settings.backend = machine.device.backend;
  const Spread spread = spread_over(estimator, file_type, context, machine, asked);
  report.placement = spread.placement;
  report.estimate = estimate_on(estimator, file_type, context, machine, spread.placement, Reasons::full);
  report.verdict = verdict_on(report.estimate, machine, asked);
  report.exit_status = status_for(report.verdict, question.fail_on_tight);
  report.fits = report.exit_status == 0;
  report.places = place_fits(report.estimate, machine);
  report.max_context = largest_context(estimator, file_type, machine, asked);
  if (!report.fits) report.suggestions = ways_to_fit(catalog, estimator, file_type, context, report, asked);
  if (report.fits && report.max_context) {
    const std::uint64_t tokens = report.settings.resolved.context_per_slot;
    const std::uint32_t sequences =
        most_sequences_of(catalog, report.summary, question, estimator, file_type, tokens, machine, asked);
    if (sequences > 0) report.room = Room{*report.max_context, tokens, sequences};
  }
  if (question.explain) {
    report.explanation = explain(report.summary, estimator, report.estimate, file_type, context);
    report.explanation->speeds = explained_speeds(estimator, file_type, context, spread, machine);
  }
  report.warnings = machine.warnings;
  add_interval_note(report.warnings, estimator, machine.device.backend);
  if (spread.moved && spread.fits)
    report.warnings.push_back(fmt::format("the default split does not fit; {} layers does (-ts {})",
                                          listed(spread.placement.split), listed(spread.placement.split)));
  for (std::string& warning : warnings_about(report.summary, context))
    report.warnings.push_back(std::move(warning));
  return report;
}

}  // namespace vramcalc::report
