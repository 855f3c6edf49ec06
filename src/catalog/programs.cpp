#include "catalog/programs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "catalog/fields.hpp"
#include "catalog/json_document.hpp"

namespace vramcalc::catalog {
namespace {

using nlohmann::json;

template <typename Word>
Word word_or(Fields& fields, std::string_view key, std::initializer_list<std::string_view> words,
             Word otherwise) {
  return fields.has(key) ? static_cast<Word>(fields.word(key, words)) : otherwise;
}

std::string text_or_none(Fields& fields, std::string_view key) {
  return fields.optional_text(key).value_or("");
}

bool is_date(std::string_view text) {
  return text.size() == 10 && text[4] == '-' && text[7] == '-' &&
         text.find_first_not_of("0123456789-") == std::string_view::npos;
}

void check_date(const Fields& fields, std::string_view key, const std::string& date) {
  if (!date.empty() && !is_date(date))
    fields.fail(key, fmt::format("\"{}\" is not a date; write YYYY-MM-DD", date));
}

ProgramFlag read_flag(const json& entry, const std::string& file) {
  const std::string name =
      entry.is_object() && entry.contains("names") ? entry["names"].dump() : std::string("flags");
  Fields fields(entry, file, name);
  ProgramFlag flag;
  flag.names = fields.texts("names");
  if (flag.names.empty()) fields.fail("names", "a flag needs a name");
  flag.negations = fields.texts_or_none("negations");
  flag.takes = static_cast<Takes>(fields.word("takes", {"none", "one", "optional", "many", "two"}));
  flag.grammar = word_or(
      fields, "grammar",
      {"text", "boolean", "leading_integer", "leading_number", "integer", "number", "human_integer", "json"},
      Grammar::text);
  flag.bears_on_memory = fields.flag_or("memory", false);
  flag.accumulates = fields.flag_or("accumulates", false);
  flag.meaning = text_or_none(fields, "meaning");
  flag.default_value = text_or_none(fields, "default");
  flag.variable = text_or_none(fields, "variable");
  flag.choices = fields.texts_or_none("choices");
  flag.since = text_or_none(fields, "since");
  flag.until = text_or_none(fields, "until");
  flag.replaced_by = text_or_none(fields, "replaced_by");
  check_date(fields, "since", flag.since);
  check_date(fields, "until", flag.until);
  fields.finish();
  return flag;
}

ProgramImage read_image(const json& entry, const std::string& file) {
  Fields fields(entry, file, "images");
  ProgramImage image;
  image.name = fields.text("name");
  image.tag = text_or_none(fields, "tag");
  image.entrypoint = fields.texts_or_none("entrypoint");
  image.command = fields.texts_or_none("command");
  fields.finish();
  return image;
}

ProgramRelease read_release(const json& entry, const std::string& file) {
  Fields fields(entry, file, "releases");
  ProgramRelease release{fields.text("release"), fields.text("date")};
  check_date(fields, "date", release.date);
  fields.finish();
  return release;
}

// The items of an optional list.
template <typename Read>
auto items(Fields& fields, std::string_view key, const Read& read) {
  std::vector<decltype(read(json()))> all;
  const json* list = fields.optional_raw(key);
  if (list == nullptr) return all;
  if (!list->is_array()) fields.fail(key, "is not a list");
  for (const json& entry : *list) all.push_back(read(entry));
  return all;
}

std::vector<std::string> words_of(const Fields& fields, const json& entry) {
  std::vector<std::string> words;
  if (!entry.is_array() || entry.empty()) fields.fail("starts", "holds something else than lists of words");
  for (const json& word : entry) {
    if (!word.is_string()) fields.fail("starts", "holds something else than lists of words");
    words.push_back(word.get<std::string>());
  }
  return words;
}

void index_spellings(Program& program) {
  for (std::uint32_t i = 0; i < program.flags.size(); ++i) {
    for (const std::string& name : program.flags[i].names) program.spellings.push_back({name, i, false});
    for (const std::string& name : program.flags[i].negations) program.spellings.push_back({name, i, true});
  }
  std::ranges::stable_sort(program.spellings, {}, &FlagSpelling::spelling);
}

void read_habits(Fields& fields, Program& program) {
  program.abbreviates = fields.flag_or("abbreviates", false);
  program.joins_with_equals = fields.flag_or("joins_with_equals", false);
  program.takes_underscores = fields.flag_or("takes_underscores", false);
  program.reads_dotted_keys = fields.flag_or("reads_dotted_keys", false);
  program.negates_variables = fields.flag_or("negates_variables", false);
  program.ignores_bad_variables = fields.flag_or("ignores_bad_variables", false);
  program.positional = word_or(fields, "positional", {"none", "model", "model-and-prompt"}, Positional::none);
  program.config_flag = text_or_none(fields, "config_flag");
}

// A flag that is seen until a sample must be missing in a later one.
void check_samples(const Fields& fields, const Program& program) {
  if (!std::ranges::all_of(program.samples, is_date))
    fields.fail("samples", "holds something else than dates");
  if (!std::ranges::is_sorted(program.samples)) fields.fail("samples", "is not in order");
  if (!std::ranges::is_sorted(program.releases, {}, &ProgramRelease::date))
    fields.fail("releases", "is not in order");
  const auto known = [&](const std::string& date) {
    return date.empty() || std::ranges::binary_search(program.samples, date);
  };
  for (const ProgramFlag& flag : program.flags) {
    if (!known(flag.since) || !known(flag.until))
      fields.fail("samples", fmt::format("has not the dates of {}", flag.names.front()));
    if (!flag.until.empty() && flag.until == program.samples.back())
      fields.fail("flags", fmt::format("{}: until: is the last sample", flag.names.front()));
  }
}

}  // namespace

Program read_program(std::string_view text, const std::string& file) {
  const json document = parse_json(text, file);
  Fields fields(document, file, "the document");
  Program program;
  fields.optional_text("$schema");
  program.id = fields.text("id");
  program.runtime = fields.text("runtime");
  program.title = fields.text("title");
  program.source = fields.text("source");
  read_habits(fields, program);
  program.starts = items(fields, "starts", [&](const json& entry) { return words_of(fields, entry); });
  program.images = items(fields, "images", [&](const json& entry) { return read_image(entry, file); });
  program.samples = fields.texts_or_none("samples");
  program.releases = items(fields, "releases", [&](const json& entry) { return read_release(entry, file); });
  program.branch_days = fields.number32_or("branch_days", 0);
  program.flags = items(fields, "flags", [&](const json& entry) { return read_flag(entry, file); });
  fields.finish();
  check_samples(fields, program);
  index_spellings(program);
  return program;
}

}  // namespace vramcalc::catalog
