#include <algorithm>

#include "report/report.hpp"

namespace vramcalc::report {
namespace {

using Row = CompareReport::Row;

std::vector<Machine> machines_of(const Catalog& catalog, const Asked& asked) {
  std::vector<Machine> machines;
  for (const std::string& gpu : asked.question.compare.gpus) {
    Asked one = asked;
    one.question.gpu = gpu;
    machines.push_back(find_machine(catalog, one));
    pool_where_it_must(machines.back(), asked.runtime(), {});
  }
  return machines;
}

CompareReport::Fit fit_on(Session& session, const Quantization& quantization, const Demand& demand,
                          Machine machine) {
  apply_budget(machine, session);
  const Load load = session.load(quantization, demand, machine, {});
  CompareReport::Fit fit{session.verdict(load, machine),
                         session.longest_context(quantization, machine, {}, 0), std::nullopt};
  if (may_fit(fit.verdict)) fit.decode = session.speed(quantization, load, machine).decode;
  return fit;
}

void measure(Row& row, Session& session, const Quantization& quantization, const Asked& asked,
             std::span<const Machine> machines) {
  const Architecture& architecture = row.summary.model.architecture;
  const Demand demand = demand_on(asked.question, session, {}, overview_context);
  const Demand full{architecture.context_length, Origin::shape};
  const TargetDevice device{.backend = asked.question.backend.value_or(Backend::cuda)};
  row.settings = settings_of(asked, session, quantization, demand, device);
  row.bits_per_weight = session.weights(quantization).bits_per_weight;
  if (const FileType* file_type = file_type_of(quantization))
    if (const double kld = measured_loss(*file_type); kld > 0) row.kld = kld;
  row.estimate = session.estimate(quantization, demand, {}, Reasons::full);
  add_capacity(row.estimate, session, quantization, demand);
  if (demand.tokens < full.tokens) {
    row.full_context = session.estimate(quantization, full, {}, Reasons::none);
    add_capacity(*row.full_context, session, quantization, full);
  }
  row.kv_bytes_per_token = session.kv_bytes_per_token();
  for (const Machine& machine : machines) row.fits.push_back(fit_on(session, quantization, demand, machine));
}

// One model with one quantization. An impossible combination is a row with the reason.
Row row_of(const Catalog& catalog, const ModelSummary& summary, const Asked& asked,
           std::span<const Machine> machines) {
  Row row;
  row.summary = summary;
  const Quantization quantization = chosen_quantization(catalog, row.summary, asked);
  row.quantization = name_of(quantization);
  const auto session = open(catalog, row.summary, asked);
  try {
    measure(row, *session, quantization, asked, machines);
  } catch (const Error& refusal) {
    if (refusal.code() != ErrorCode::unsupported && refusal.code() != ErrorCode::bad_value) throw;
    row.refused = refusal.what();
  }
  return row;
}

// The question about one model under one runtime, which is empty if the quantization chooses it.
Asked about(const Asked& all, const std::string& model, const std::string& runtime) {
  Asked one = all;
  one.question.model = model;
  if (runtime.empty()) return one;
  one.may_choose = false;
  if (all.question.compare.runtimes.size() > 1) keep_flags_of(one.question, runtime);
  choose(one, runtime);
  return one;
}

// A quantization that one of several runtimes does not load is no row of its own.
void drop_refusals_of_one(std::vector<Row>& rows, std::size_t first) {
  const auto loads_elsewhere = [&](const Row& row) {
    return !row.refused.empty() && std::any_of(rows.begin() + static_cast<std::ptrdiff_t>(first), rows.end(),
                                               [](const Row& other) { return other.refused.empty(); });
  };
  const auto last =
      std::remove_if(rows.begin() + static_cast<std::ptrdiff_t>(first), rows.end(), loads_elsewhere);
  rows.erase(last, rows.end());
}

void warn_once(std::vector<std::string>& warnings, const std::vector<std::string>& more) {
  for (const std::string& warning : more)
    if (std::find(warnings.begin(), warnings.end(), warning) == warnings.end()) warnings.push_back(warning);
}

}  // namespace

CompareReport compare(const Catalog& catalog, Asked asked) {
  CompareReport report;
  report.machines = machines_of(catalog, asked);
  const CompareQuestion& compared = asked.question.compare;
  const std::vector<std::string> as_it_is = {""};
  for (const std::string& model : compared.models) {
    const LoadedModel loaded = load_model(catalog, model, load_options(asked.question));
    for (const std::string& quantization :
         compared.quantizations.empty() ? as_it_is : compared.quantizations) {
      const std::size_t first = report.rows.size();
      for (const std::string& runtime : compared.runtimes.empty() ? as_it_is : compared.runtimes) {
        Asked one = about(asked, model, runtime);
        one.question.quantization = quantization;
        const ModelSummary summary = find_model(catalog, one, loaded);
        report.rows.push_back(row_of(catalog, summary, one, machines_of(catalog, one)));
        const Demand demand = demand_of(one.question, summary.model.architecture, overview_context);
        warn_once(report.warnings, warnings_about(summary, demand));
      }
      drop_refusals_of_one(report.rows, first);
    }
  }
  for (const Machine& machine : report.machines) warn_once(report.warnings, machine.warnings);
  return report;
}

}  // namespace vramcalc::report
