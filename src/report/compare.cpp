#include <algorithm>

#include "report/report.hpp"

namespace vramcalc::report {
namespace {

using Row = CompareReport::Row;

std::vector<Machine> machines_of(const Catalog& catalog, const Question& question, const Runtime& runtime) {
  std::vector<Machine> machines;
  for (const std::string& gpu : question.gpus) {
    Question one = question;
    one.gpu = gpu;
    machines.push_back(find_machine(catalog, one));
    pool_where_it_must(machines.back(), runtime, {});
  }
  return machines;
}

CompareReport::Fit fit_on(Estimator& estimator, const FileType& file_type, std::uint64_t context,
                          const Machine& machine) {
  const Spread spread = spread_over(estimator, file_type, context, machine);
  return {verdict_on(spread.estimate, machine, {}), largest_context(estimator, file_type, machine)};
}

void measure(Row& row, Estimator& estimator, const FileType& file_type, const Question& question,
             std::span<const Machine> machines) {
  const std::uint64_t full = row.summary.model.architecture.context_length;
  const std::uint64_t context = asked_context(question, row.summary.model.architecture, overview_context);
  row.settings = settings_of(question, estimator, file_type, context);
  row.bits_per_weight = estimator.weigh(file_type).bits_per_weight;
  if (const double kld = measured_loss(file_type); kld > 0) row.kld = kld;
  row.estimate = estimator.estimate(file_type, context, {}, Reasons::full);
  if (context < full) row.full_context = estimator.estimate(file_type, full, {}, Reasons::none);
  row.kv_bytes_per_token = estimator.runtime().kv_bytes_per_token(row.summary.model, question.workload);
  for (const Machine& machine : machines) row.fits.push_back(fit_on(estimator, file_type, context, machine));
}

// One model with one quantization. What the model cannot have is a row too, with the reason.
Row row_of(const Catalog& catalog, const ModelSummary& summary, const Question& question,
           std::span<const Machine> machines) {
  Row row;
  row.summary = summary;
  const FileType file_type = chosen_file_type(catalog, row.summary, question);
  row.quantization = file_type.name;
  Estimator estimator = estimator_of(catalog, row.summary, find_runtime(question.runtime), question);
  try {
    measure(row, estimator, file_type, question, machines);
  } catch (const Error& refusal) {
    if (refusal.code() != ErrorCode::unsupported) throw;
    row.refused = refusal.what();
  }
  return row;
}

void warn_once(std::vector<std::string>& warnings, const std::vector<std::string>& more) {
  for (const std::string& warning : more)
    if (std::find(warnings.begin(), warnings.end(), warning) == warnings.end()) warnings.push_back(warning);
}

}  // namespace

CompareReport compare(const Catalog& catalog, const Question& question) {
  CompareReport report;
  report.machines = machines_of(catalog, question, find_runtime(question.runtime));
  const std::vector<std::string> as_it_is = {""};
  for (const std::string& model : question.models) {
    Question one = question;
    one.model = model;
    const ModelSummary summary = find_model(catalog, one);
    for (const std::string& quantization :
         question.quantizations.empty() ? as_it_is : question.quantizations) {
      one.quantization = quantization;
      report.rows.push_back(row_of(catalog, summary, one, report.machines));
    }
    const std::uint64_t context = asked_context(question, summary.model.architecture, overview_context);
    warn_once(report.warnings, warnings_about(summary, context));
  }
  for (const Machine& machine : report.machines) warn_once(report.warnings, machine.warnings);
  return report;
}

}  // namespace vramcalc::report
