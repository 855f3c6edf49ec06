#include <algorithm>

#include "report/judge.hpp"
#include "report/judged_rows.hpp"
#include "report/rule_of_thumb.hpp"

namespace vramcalc::report {
namespace {

constexpr std::size_t shown_related = 8;

// What the table of quantizations is asked about.
struct Columns {
  std::uint64_t context;
  std::optional<std::uint64_t> full;  // where it is more than `context`
  TargetDevice device;
};

QuantizationRow describe(const FileType& file_type) {
  QuantizationRow row;
  row.name = file_type.name;
  row.nominal_bits = file_type.nominal_bits;
  row.nominal_quality = file_type.nominal_quality;
  row.quality = file_type.quality;
  row.quality_class = to_string(file_type.quality_class);
  if (const double kld = measured_loss(file_type); kld > 0) row.kld = kld;
  row.in_default_table = file_type.in_default_table;
  return row;
}

void measure(QuantizationRow& row, Estimator& estimator, const FileType& file_type, const Columns& columns) {
  const Weighing& weighing = estimator.weigh(file_type);
  row.bits_per_weight = weighing.bits_per_weight;
  row.tensor_bytes = weighing.tensor_bytes;
  row.file_bytes = weighing.file_bytes;
  row.at_context = estimator.gpu_total(file_type, columns.context, columns.device);
  if (columns.full) row.at_full_context = estimator.gpu_total(file_type, *columns.full, columns.device);
}

QuantizationRow row_of(Estimator& estimator, const FileType& file_type, const Columns& columns) {
  QuantizationRow row = describe(file_type);
  try {
    measure(row, estimator, file_type, columns);
  } catch (const Error& refusal) {
    if (refusal.code() != ErrorCode::unsupported) throw;
    row.refused = refusal.what();
  }
  return row;
}

// Of the catalog's file types, and of the file itself where the model is one.
std::vector<QuantizationRow> quantization_rows(const Catalog& catalog, const ModelSummary& summary,
                                               Estimator& estimator, const FileType& chosen,
                                               std::string_view smallest, std::string_view best,
                                               const Columns& columns, bool everything) {
  std::vector<QuantizationRow> rows;
  rows.reserve(catalog.file_types().size() + 1);
  const auto add = [&](const FileType& file_type) {
    const bool is_chosen = file_type.name == chosen.name;
    const bool is_named = is_chosen || file_type.name == smallest;
    if (!everything && !file_type.in_default_table && !is_named) return;
    rows.push_back(row_of(estimator, file_type, columns));
    rows.back().chosen = is_chosen;
    rows.back().recommended = file_type.name == best;
  };
  std::ranges::for_each(catalog.file_types(), add);
  if (summary.stored) add(stored_file_type(catalog, *summary.stored));
  if (const auto& published = summary.model.published_file; published && published->name == best)
    add(published_file_type(catalog, *published));
  std::stable_sort(rows.begin(), rows.end(), [](const QuantizationRow& a, const QuantizationRow& b) {
    return a.tensor_bytes < b.tensor_bytes;
  });
  return rows;
}

// Types that nobody has measured on an ordinary model are for models trained in them.
bool for_any_model(const FileType& file_type) {
  return file_type.derived_from.empty() && file_type.quality_class != QualityClass::unknown;
}

std::vector<const FileType*> by_bits(const Catalog& catalog) {
  std::vector<const FileType*> file_types;
  for (const FileType& file_type : catalog.file_types())
    if (for_any_model(file_type)) file_types.push_back(&file_type);
  std::stable_sort(file_types.begin(), file_types.end(),
                   [](const FileType* a, const FileType* b) { return bits_of_type(*a) < bits_of_type(*b); });
  return file_types;
}

// Rules raise tensors above a file type's own element type, so that what begins above the smallest need not
// be weighed.
std::string smallest_of(const Catalog& catalog, Estimator& estimator) {
  std::string smallest;
  double bits = 0;
  for (const FileType* file_type : by_bits(catalog)) {
    if (!smallest.empty() && bits_of_type(*file_type) > bits) break;
    const Weighing* weighing = estimator.find_weighing(*file_type);
    if (weighing == nullptr || (!smallest.empty() && weighing->bits_per_weight >= bits)) continue;
    smallest = file_type->name;
    bits = weighing->bits_per_weight;
  }
  return smallest;
}

std::string best_of(const Model& model, const Question& question) {
  const bool has_file = model.published_file && question.runtime == Question{}.runtime;
  return has_file ? model.published_file->name : std::string(recommended_quantization);
}

// The next step up from the recommended one, as model-card sites name it.
std::string better_of(const Catalog& catalog, Estimator& estimator) {
  for (const char* name : {"Q5_K_S", "Q5_K_M"})
    if (estimator.find_weighing(catalog.file_type(name)) != nullptr) return name;
  return {};
}

std::vector<RelatedModel> related_to(const Catalog& catalog, const Model& model) {
  std::vector<RelatedModel> related;
  for (const ModelRow* row : catalog.models_of_family(model.family))
    if (row->id != model.id && related.size() < shown_related)
      related.push_back({std::string(row->id), std::string(row->name), row->parameters});
  return related;
}

// Those that were computed while building, where this asks what they were computed for.
std::optional<HardwareTables> known_tables(const Catalog& catalog, const ModelSummary& summary,
                                           const Question& question, const FileType& file_type,
                                           std::uint64_t context) {
  const bool usual = summary.source == "catalog" && catalog.is_as_embedded() && !question.everything &&
                     !question.no_mtp && file_type.name == best_of(summary.model, question) &&
                     context == asked_context({}, summary.model.architecture, overview_context) &&
                     asks_as_usual(question);
  return usual ? judged_tables(catalog, summary.model.id) : std::nullopt;
}

void add_hardware(OverviewReport& report, const Catalog& catalog, Estimator& estimator,
                  const Question& question, const FileType& file_type, std::uint64_t context) {
  if (auto known = known_tables(catalog, report.summary, question, file_type, context)) {
    report.gpus = std::move(known->gpus);
    report.systems = std::move(known->systems);
    if (question.gpu.empty()) return;
  }
  Judge judge(catalog, estimator, file_type, context, question.backend);
  if (report.gpus.rows.empty()) {
    const std::size_t rows = question.everything ? SIZE_MAX : rows_a_verdict;
    report.gpus = gpu_table(catalog, judge, rows);
    report.systems = system_table(catalog, judge, rows);
  }
  if (question.gpu.empty()) return;
  Machine machine = find_machine(catalog, question);
  pool_where_it_must(machine, estimator.runtime(), {});
  report.asked_hardware = hardware_row(judge, machine);
  report.warnings = machine.warnings;
}

void add_other_files(OverviewReport& report, const OtherFiles& others, QuantizerRelease release) {
  if (others.by_other_release) report.other_quantizer = {other_than(release), *others.by_other_release};
  report.tensor_bytes_without_mtp = others.without_mtp;
}

}  // namespace

OverviewReport overview(const Catalog& catalog, const Question& question) {
  OverviewReport report;
  report.summary = find_model(catalog, question);
  const Model& model = report.summary.model;
  const Runtime& runtime = find_runtime(question.runtime);
  const FileType file_type = chosen_file_type(catalog, report.summary, question);
  Estimator estimator = estimator_of(catalog, report.summary, runtime, question);

  Columns columns{asked_context(question, model.architecture, overview_context), std::nullopt, {}};
  if (columns.context < model.architecture.context_length) columns.full = model.architecture.context_length;
  report.settings = settings_of(question, estimator, file_type, columns.context);
  if (!question.gpu.empty()) report.settings.backend = find_machine(catalog, question).device.backend;
  columns.device.backend = report.settings.backend;
  report.estimate = estimator.estimate(file_type, columns.context, columns.device, Reasons::full);
  if (columns.full)
    report.full_context = estimator.estimate(file_type, *columns.full, columns.device,
                                             question.everything ? Reasons::full : Reasons::none);
  report.kv_bytes_per_token = runtime.kv_bytes_per_token(model, question.workload);

  report.smallest = smallest_of(catalog, estimator);
  report.best = best_of(model, question);
  report.quantizations = quantization_rows(catalog, report.summary, estimator, file_type, report.smallest,
                                           report.best, columns, question.everything);
  if (report.best == recommended_quantization) report.better = better_of(catalog, estimator);

  add_hardware(report, catalog, estimator, question, file_type, columns.context);
  add_interval_note(report.warnings, estimator, report.settings.backend);
  report.related = related_to(catalog, model);
  report.rule_of_thumb = rule_of_thumb_beside(report, estimator, file_type, columns.context, columns.full);
  add_other_files(report, estimator.other_files(file_type), question.quantizer);
  if (question.explain) {
    report.explanation = explain(report.summary, estimator, report.estimate, file_type, columns.context);
    if (!question.gpu.empty()) {
      const Machine machine = find_machine(catalog, question);
      report.explanation->speeds =
          explained_speeds(estimator, file_type, columns.context,
                           spread_over(estimator, file_type, columns.context, machine), machine);
    }
  }
  for (std::string& warning : warnings_about(report.summary, columns.context))
    report.warnings.push_back(std::move(warning));
  return report;
}

}  // namespace vramcalc::report
