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

std::vector<std::string> ways_to_fit(const Catalog& catalog, Estimator& estimator, const FileType& file_type,
                                     std::uint64_t context, const CheckReport& report) {
  std::vector<std::string> ways;
  const Machine& machine = report.machine;
  if (report.max_context && *report.max_context < context)
    ways.push_back(
        fmt::format("fits at {} tokens (-c {})", grouped(*report.max_context), *report.max_context));
  if (const FileType* smaller =
          best_quantization(estimator, common_file_types(catalog), context, machine.usable, machine.device);
      smaller != nullptr && smaller->name != file_type.name)
    ways.push_back(fmt::format("fits at {} (--quant {})", smaller->name, smaller->name));
  const std::uint64_t one_gpu = machine.usable.count() / machine.device.count;
  const Bytes needed = estimator.gpu_total(file_type, context, machine.device).high;
  if (const std::uint64_t gpus = (needed.count() + one_gpu - 1) / one_gpu; gpus > machine.device.count)
    ways.push_back(fmt::format("{} such GPUs would hold it", gpus));
  return ways;
}

std::vector<DeviceFit> devices_of(const Estimate& estimate, const Machine& machine) {
  std::vector<DeviceFit> devices;
  for (const DeviceEstimate& device : estimate.devices) {
    const bool is_host = device.device == "host";
    DeviceFit fit{device.device, is_host ? "host memory" : machine.name,
                  is_host ? machine.host : machine.usable, device.total(), std::nullopt};
    if (fit.usable > Bytes(0)) fit.verdict = verdict_for(fit.used, fit.usable);
    devices.push_back(std::move(fit));
  }
  return devices;
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
  report.machine = find_machine(catalog, question.gpu);
  Estimator estimator = estimator_of(catalog, report.summary, runtime, question);

  const std::uint64_t context = asked_context(question, model.architecture);
  report.settings = settings_of(question, runtime, model, file_type, context);
  report.estimate = estimator.estimate(file_type, context, report.machine.device, Reasons::full);
  report.verdict = verdict_for(report.estimate.gpu_total(), report.machine.usable, report.machine.host);
  report.exit_status = status_for(report.verdict, question.fail_on_tight);
  report.fits = report.exit_status == 0;
  report.devices = devices_of(report.estimate, report.machine);
  report.max_context = largest_context(estimator, file_type, report.machine.usable, report.machine.device);
  if (!report.fits) report.suggestions = ways_to_fit(catalog, estimator, file_type, context, report);
  report.warnings = warnings_about(report.summary, context);
  report.warnings.insert(report.warnings.begin(), report.machine.warnings.begin(),
                         report.machine.warnings.end());
  return report;
}

}  // namespace vramcalc::report
