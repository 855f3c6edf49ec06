#include "deployment/formats/compose_file.hpp"

#include <fmt/format.h>

#include "deployment/formats/written_words.hpp"
#include "deployment/yaml_text.hpp"

// docs.docker.com/reference/compose-file, and compose-go where that leaves something open.
namespace vramcalc::deployment {
namespace {

constexpr std::size_t most_copies = 1'000'000;

// What a variable holds is split as well.
void add_known(const Word& word, std::vector<Word>& words) {
  for (const std::string_view each : written_words(word.text)) words.push_back({unquoted(each), word.at});
}

}  // namespace

ComposeFile compose_file(const Documents& documents, const Yaml& services) {
  ComposeFile file{documents, services, {}, {}, SourceLines(documents.input.text)};
  for (const auto& [name, service] : services.members) file.by_name.emplace(name, &service);
  for (const auto& [name, value] : documents.variables)
    file.variables.push_back({
        name, {value, {}}
    });
  return file;
}

Position place(const ComposeFile& file, const Yaml& value) { return {file.documents.input.name, value.line}; }

Word compose_word(const ComposeFile& file, const Yaml& value) {
  if (!value.is_scalar()) return {"", place(file, value)};
  return expand(value.text, place(file, value), Expansion::compose, file.variables, file.documents.supplied);
}

std::vector<Word> compose_words(const ComposeFile& file, const Yaml* value) {
  std::vector<Word> words;
  if (value == nullptr) return words;
  for (const Yaml& item : value->items) words.push_back(compose_word(file, item));
  if (!value->is_scalar()) return words;
  SourceLines::Cursor cursor = file.lines.from(value->line);
  for (const std::string_view written : written_words(value->text)) {
    const Position at{file.documents.input.name, cursor.next(written)};
    const Word word = expand(written, at, Expansion::compose, file.variables, file.documents.supplied);
    if (word.is_known())
      add_known(word, words);
    else
      words.push_back({unquoted(word.text), at, word.holes});
  }
  return words;
}

void charge_copies(ComposeFile& file, std::size_t values, const Yaml& at) {
  file.copied += values;
  if (file.copied > most_copies)
    fail_at(place(file, at), fmt::format("extends and env_file copy more than {} values", most_copies));
}

}  // namespace vramcalc::deployment
