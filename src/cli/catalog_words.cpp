#include "cli/catalog_words.hpp"

#include <algorithm>
#include <iterator>

namespace vramcalc::cli {
namespace {

// Ids first, then what else names the same.
template <typename Row>
void append_rows(std::vector<Word>& words, const std::vector<const Row*>& rows) {
  for (const Row* row : rows) words.push_back({row->id, row->name});
  for (const Row* row : rows)
    for (const std::string_view alias : row->aliases) words.push_back({alias, row->name, true});
}

// One part of every model, each of them once and sorted.
std::vector<Word> distinct(const Catalog& catalog, std::string_view ModelRow::*part) {
  std::vector<std::string_view> texts;
  for (const ModelRow* row : catalog.models())
    if (!(row->*part).empty()) texts.push_back(row->*part);
  std::ranges::sort(texts);
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  std::vector<Word> words;
  for (const std::string_view text : texts) words.push_back({text, {}});
  return words;
}

}  // namespace

std::vector<Word> model_words(const Catalog& catalog) {
  const std::vector<const ModelRow*> models = catalog.models();
  std::vector<Word> words;
  append_rows(words, models);
  for (const ModelRow* row : models)
    if (!row->hf_repo.empty()) words.push_back({row->hf_repo, row->name, true});
  return words;
}

std::vector<Word> quantization_words(const Catalog& catalog) {
  std::vector<Word> words;
  for (const FileType& type : catalog.file_types()) words.push_back({type.name, "GGUF"});
  for (const CheckpointFormatRow& format : catalog.checkpoint_formats())
    if (std::ranges::find(words, format.name, &Word::text) == words.end())
      words.push_back({format.name, format.title});
  return words;
}

std::vector<Word> gpu_words(const Catalog& catalog) {
  std::vector<Word> words;
  append_rows(words, catalog.gpus());
  return words;
}

std::vector<Word> system_words(const Catalog& catalog) {
  std::vector<Word> words;
  append_rows(words, catalog.systems());
  return words;
}

std::vector<Word> hardware_words(const Catalog& catalog) {
  std::vector<Word> words = {
      {"local", "the GPUs of this machine"}
  };
  std::ranges::copy(gpu_words(catalog), std::back_inserter(words));
  std::ranges::copy(system_words(catalog), std::back_inserter(words));
  return words;
}

std::vector<Word> family_words(const Catalog& catalog) { return distinct(catalog, &ModelRow::family); }
std::vector<Word> license_words(const Catalog& catalog) { return distinct(catalog, &ModelRow::license); }
std::vector<Word> model_type_words(const Catalog& catalog) {
  return distinct(catalog, &ModelRow::model_type);
}

std::vector<Word> modality_words(const Catalog& catalog) {
  std::vector<Word> words;
  for (const ModelRow* row : catalog.models())
    for (const std::string_view modality : row->modalities)
      if (std::ranges::find(words, modality, &Word::text) == words.end()) words.push_back({modality, {}});
  return words;
}

}  // namespace vramcalc::cli
