#include <fmt/format.h>

#include "report/report.hpp"

namespace vramcalc::report {

ModelSummary find_model(const Catalog& catalog, const Question& question) {
  LoadOptions options;
  if (!question.model_type.empty()) options.model_type = question.model_type;
  LoadedModel loaded = load_model(catalog, question.model, options);
  ModelSummary summary;
  if (loaded.source == "catalog" && catalog.is_as_embedded())
    summary.figures = model_figures(loaded.model.id, catalog.file_types());
  summary.parameters =
      summary.figures ? summary.figures->parameters : parameters_of(loaded.model.architecture);
  summary.model = std::move(loaded.model);
  summary.source = std::move(loaded.source);
  summary.stored = std::move(loaded.stored);
  summary.checkpoint = std::move(loaded.checkpoint);
  summary.warnings = std::move(loaded.warnings);
  return summary;
}

FileType stored_file_type(const Catalog& catalog, const StoredWeights& stored) {
  FileType own;
  own.name = as_stored;
  own.in_default_table = true;
  if (stored.file_type.empty()) return own;
  const FileType& named = catalog.file_type(stored.file_type);
  own.derived_from = named.name;
  own.nominal_bits = named.nominal_bits;
  return own;
}

namespace {

// What figures are computed for while building: the context alone may differ.
bool is_usual(const Question& question) {
  Workload workload = question.workload;
  workload.context.reset();
  return question.runtime == Question{}.runtime && workload == Workload{} && !question.imatrix;
}

Estimator estimator_alone(const Catalog& catalog, const ModelSummary& summary, const Runtime& runtime,
                          const Question& question) {
  const QuantizeOptions options = quantize_options(question);
  if (summary.figures && is_usual(question))
    return {summary.model, runtime, question.workload, options, summary.figures->known};
  if (!summary.stored) return {summary.model, runtime, question.workload, options};
  return {summary.model, runtime,         question.workload,
          options,       *summary.stored, stored_file_type(catalog, *summary.stored)};
}

}  // namespace

Estimator estimator_of(const Catalog& catalog, const ModelSummary& summary, const Runtime& runtime,
                       const Question& question) {
  Estimator estimator = estimator_alone(catalog, summary, runtime, question);
  add_companions(catalog, summary, question, estimator);
  return estimator;
}

std::vector<const FileType*> common_file_types(const Catalog& catalog) {
  std::vector<const FileType*> common;
  for (const FileType& file_type : catalog.file_types())
    if (file_type.in_default_table) common.push_back(&file_type);
  return common;
}

FileType chosen_file_type(const Catalog& catalog, const ModelSummary& summary, const Question& question) {
  if (!question.quantization.empty()) return catalog.file_type(question.quantization);
  if (summary.stored) return stored_file_type(catalog, *summary.stored);
  return catalog.file_type(recommended_quantization);
}

QuantizeOptions quantize_options(const Question& question) {
  QuantizeOptions options;
  options.imatrix = question.imatrix;
  return options;
}

Settings settings_of(const Question& question, const Runtime& runtime, const Model& model,
                     const FileType& file_type, std::uint64_t context) {
  Settings settings;
  settings.runtime = runtime.id;
  settings.runtime_version = runtime.version;
  settings.rounds_to = runtime.rounds_to;
  const bool says_its_type = file_type.name == as_stored && !file_type.derived_from.empty();
  settings.quantization = says_its_type ? file_type.derived_from : file_type.name;
  settings.asked = question.workload;
  settings.asked.context = context;
  settings.resolved = runtime.resolve(model.architecture, settings.asked);
  settings.imatrix = question.imatrix.value_or(file_type.needs_imatrix == ImatrixNeed::always);
  return settings;
}

std::vector<std::string> warnings_about(const ModelSummary& summary, std::uint64_t context) {
  std::vector<std::string> warnings = summary.warnings;
  const Model& model = summary.model;
  if (context > model.architecture.context_length)
    warnings.push_back(fmt::format("{} tokens are beyond the {} that {} was trained for", context,
                                   model.architecture.context_length, model.name));
  return warnings;
}

}  // namespace vramcalc::report
