#include <fmt/format.h>

#include <algorithm>

#include "report/report.hpp"

namespace vramcalc::report {
namespace {

std::uint64_t asked_context(const Question& question, const Architecture& architecture) {
  return question.full_context ? architecture.context_length
                               : question.workload.context.value_or(architecture.context_length);
}

// 1: it does not fit, or only tightly where that is not enough.
int status_for(Verdict verdict, bool fail_on_tight) {
  if (verdict == Verdict::great || verdict == Verdict::fits) return 0;
  return verdict == Verdict::tight && !fail_on_tight ? 0 : 1;
}

// The worst of all devices. What only host memory could take is another verdict than what nothing can.
Verdict verdict_of(const CheckReport& report, const Placement& asked) {
  const Verdict worst = worst_of(verdicts_on(report.estimate, report.machine));
  const bool asked_to_offload = asked.layers || !asked.overrides.empty();
  if (worst != Verdict::no || asked_to_offload) return worst;
  const Amount all = report.estimate.gpu_total();
  return all.high <= report.machine.usable + report.machine.host && report.machine.host > Bytes(0)
             ? Verdict::offload
             : Verdict::no;
}

std::string listed(const std::vector<double>& split) { return fmt::format("{:g}", fmt::join(split, ",")); }

// A runtime without a notion of devices sees a pool.
void pool_where_it_must(Machine& machine, const Runtime& runtime, const Placement& asked) {
  if (runtime.place != nullptr) return;
  if (asked != Placement{})
    throw Error(ErrorCode::unsupported,
                fmt::format("{} knows one pool of memory, not which part of a model lies where", runtime.id));
  if (machine.devices.size() > 1)
    machine.warnings.push_back(
        fmt::format("the {} GPUs count as one pool; what a split over them adds is not in the figures",
                    machine.devices.size()));
  machine.devices.clear();
}

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
  Estimator estimator = estimator_of(catalog, report.summary, runtime, question);

  const std::uint64_t context = asked_context(question, model.architecture);
  report.settings = settings_of(question, estimator, file_type, context);
  const Spread spread = spread_over(estimator, file_type, context, machine, asked);
  report.placement = spread.placement;
  report.estimate = estimate_on(estimator, file_type, context, machine, spread.placement, Reasons::full);
  report.verdict = verdict_of(report, asked);
  report.exit_status = status_for(report.verdict, question.fail_on_tight);
  report.fits = report.exit_status == 0;
  report.devices = device_fits(report.estimate, machine);
  report.max_context = largest_context(estimator, file_type, machine, asked);
  if (!report.fits) report.suggestions = ways_to_fit(catalog, estimator, file_type, context, report, asked);
  if (question.explain)
    report.explanation = explain(report.summary, estimator, report.estimate, file_type, context);
  report.warnings = machine.warnings;
  if (spread.moved && spread.fits)
    report.warnings.push_back(fmt::format("the default split does not fit; {} layers does (-ts {})",
                                          listed(spread.placement.split), listed(spread.placement.split)));
  for (std::string& warning : warnings_about(report.summary, context))
    report.warnings.push_back(std::move(warning));
  return report;
}

}  // namespace vramcalc::report
