#include <fmt/format.h>

#include "report/report.hpp"

namespace vramcalc::report {

ModelSummary summarize(Model model) {
  ModelSummary summary;
  summary.parameters = parameters_of(model.architecture);
  summary.model = std::move(model);
  return summary;
}

std::vector<const FileType*> common_file_types(const Catalog& catalog) {
  std::vector<const FileType*> common;
  for (const FileType& file_type : catalog.file_types())
    if (file_type.in_default_table) common.push_back(&file_type);
  return common;
}

const FileType& chosen_file_type(const Catalog& catalog, const Question& question) {
  return catalog.file_type(question.quantization.empty() ? std::string(recommended_quantization)
                                                         : question.quantization);
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
  settings.quantization = file_type.name;
  settings.asked = question.workload;
  settings.asked.context = context;
  settings.resolved = runtime.resolve(model.architecture, settings.asked);
  settings.imatrix = question.imatrix.value_or(file_type.needs_imatrix == ImatrixNeed::always);
  return settings;
}

std::vector<std::string> warnings_about(const Model& model, std::uint64_t context) {
  if (context <= model.architecture.context_length) return {};
  return {fmt::format("{} tokens are beyond the {} that {} was trained for", context,
                      model.architecture.context_length, model.name)};
}

}  // namespace vramcalc::report
