#include <algorithm>
#include <iterator>
#include <sstream>

#include "model/letters.hpp"
#include "report/report.hpp"

namespace vramcalc::report {
namespace {

ModelListing::Row row_of(const ModelRow& model) {
  ModelListing::Row row;
  row.id = model.id;
  row.name = model.name;
  row.publisher = model.publisher;
  row.family = model.family;
  row.license = model.license;
  row.release_date = model.release_date;
  row.hf_repo = model.hf_repo;
  row.parameters = model.parameters;
  row.active_parameters = model.active_parameters;
  row.context_length = model.context_length;
  for (const std::string_view alias : model.aliases) row.aliases.emplace_back(alias);
  row.incomplete = model.incomplete;
  return row;
}

}  // namespace

ModelListing models(const Catalog& catalog, const Question& question) {
  ModelListing listing;
  for (const ModelRow* model : catalog.models(question.filter)) listing.rows.push_back(row_of(*model));
  return listing;
}

// Every word of the filter must be part of the name or the store.
LocalModelListing local_models(const Question& question) {
  LocalModelListing listing;
  std::istringstream words(question.filter);
  const std::vector<std::string> parts{std::istream_iterator<std::string>(words), {}};
  for (LocalModel& model : vramcalc::local_models()) {
    const bool matches = std::all_of(parts.begin(), parts.end(), [&](const std::string& part) {
      return contains_letters(model.word, part) || contains_letters(model.store, part);
    });
    if (matches) listing.rows.push_back(std::move(model));
  }
  return listing;
}

GpuListing gpus(const Catalog& catalog, const Question& question) {
  GpuListing listing;
  for (const Gpu* gpu : catalog.gpus(question.filter)) listing.rows.push_back(*gpu);
  return listing;
}

SystemListing systems(const Catalog& catalog, const Question& question) {
  SystemListing listing;
  for (const System* system : catalog.systems(question.filter)) listing.rows.push_back(*system);
  return listing;
}

QuantizationListing quantizations(const Catalog& catalog, const Question& question) {
  QuantizationListing listing;
  for (const FileType& file_type : catalog.file_types())
    if (contains_letters(file_type.name, question.filter)) listing.rows.push_back(file_type);
  for (const CheckpointFormatRow& format : catalog.checkpoint_formats())
    if (contains_letters(format.name, question.filter)) listing.formats.push_back(format);
  return listing;
}

}  // namespace vramcalc::report
