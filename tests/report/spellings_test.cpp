// The table of spellings (spellings.txt), and invariants of every name in the catalog.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "catalog/names.hpp"
#include "catch.hpp"
#include "report/report.hpp"
#include "support/sampled.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::test {
namespace {

const Catalog& embedded() {
  static const Catalog catalog;
  return catalog;
}

struct Spelling {
  std::string kind, typed, meant;
};

std::vector<Spelling> spellings() {
  std::ifstream file(VRAMCALC_SOURCE_DIR "/tests/report/spellings.txt");
  std::vector<Spelling> all;
  for (std::string line; std::getline(file, line);) {
    const std::size_t kind_end = line.find(' '), arrow = line.find(" => ");
    if (line.empty() || line[0] == '#') continue;
    REQUIRE(arrow != std::string::npos);
    std::string typed = line.substr(kind_end, arrow - kind_end);
    typed.erase(0, typed.find_first_not_of(' '));
    all.push_back({line.substr(0, kind_end), typed, line.substr(arrow + 4)});
  }
  return all;
}

// A note tells if it is another model of that shape or a repository of other publishers.
std::string model_meant_by(const Spelling& spelling) {
  const NamedModel named = embedded().named_model(spelling.typed);
  const bool is_said = std::ranges::any_of(
      named.notes, [](const std::string& note) { return note.find(" is taken for ") != note.npos; });
  std::string meant(named.row->id);
  if (!named.quantization.empty()) meant += " " + named.quantization;
  if (!named.checkpoint_format.empty()) meant += " in " + named.checkpoint_format;
  const bool is_base = spelling.meant.starts_with("base of ");
  if (is_base) CHECK(is_said);
  if (!is_base && spelling.typed.find('/') == std::string::npos) CHECK(!is_said);
  return is_base ? "base of " + meant : meant;
}

std::string machine_meant_by(const std::string& typed) {
  Question question;
  question.gpu = typed;
  return report::find_machine(embedded(), report::completed(question, runtimes())).id;
}

std::string meant_by(const Spelling& spelling) {
  if (spelling.kind == "model") return model_meant_by(spelling);
  if (spelling.kind == "gpu") return machine_meant_by(spelling.typed);
  return std::string(embedded().file_type(spelling.typed).name);
}

// "several: a b", "unknown: a", "none of a GGUF: a": the words after the colon are among the suggestions.
void check_refusal(const Spelling& spelling, const Error& refusal) {
  const std::string what = refusal.what();
  CAPTURE(what);
  const std::size_t colon = spelling.meant.find(": ");
  const std::string kind = spelling.meant.substr(0, colon);
  CHECK((kind == "several" || kind == "unknown" || kind == "none of a GGUF"));
  CHECK((kind == "none of a GGUF") == (refusal.code() == ErrorCode::unsupported && spelling.kind == "quant"));
  CHECK((kind == "several") == (what.find("; name one: ") != what.npos));
  std::istringstream wanted(colon == std::string::npos ? "" : spelling.meant.substr(colon + 2));
  for (std::string id; wanted >> id;) {
    CAPTURE(id);
    CHECK(std::ranges::find(refusal.suggestions(), id) != refusal.suggestions().end());
  }
}

bool is_refusal(const std::string& meant) {
  return meant.starts_with("several") || meant.starts_with("unknown") || meant.starts_with("none of");
}

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

// With another separator between the words. A dot between digits stays, since people do not see it as a
// separator.
std::string separated_by(char sign, std::string text) {
  for (char& c : text)
    if (c == '-' || c == ' ') c = sign;
  return text;
}

std::vector<std::string> ways_to_write(const std::string& name) {
  return {name, upper(name), separated_by(' ', name), separated_by('_', name), separated_by('-', name)};
}

}  // namespace

TEST_CASE("names that people type are understood, or refused with suggestions") {
  std::size_t count = 0;
  for (const Spelling& spelling : spellings()) {
    ++count;
    CAPTURE(spelling.kind, spelling.typed, spelling.meant);
    try {
      const std::string meant = meant_by(spelling);
      CHECK(meant == spelling.meant);
    } catch (const Error& refusal) {
      CAPTURE(std::string(refusal.what()));
      CHECK(is_refusal(spelling.meant));
      if (is_refusal(spelling.meant)) check_refusal(spelling, refusal);
    }
  }
  CHECK(count >= 300);
}

TEST_CASE("a word as long as a command line may be is not a name") {
  for (const char* part : {"-", "q4-", "4bit-", "2x", "(", "qwen3-8b ", ".", "4090+"}) {
    std::string word;
    while (word.size() < 120'000) word += part;
    CAPTURE(part);
    CHECK_THROWS_AS(embedded().named_model(word), Error);
    CHECK_THROWS_AS(embedded().hardware(word), Error);
    CHECK_THROWS_AS(embedded().file_type(word), Error);
    Question question;
    question.gpu = word;
    CHECK_THROWS_AS(report::find_machine(embedded(), report::completed(question, runtimes())), Error);
  }
}

TEST_CASE("every name of a model finds it, however it is written") {
  for (const ModelRow* row : sampled_models(embedded())) {
    std::vector<std::string> names = {std::string(row->id)};
    for (const std::string_view alias : row->aliases) names.emplace_back(alias);
    if (!row->hf_repo.empty()) names.emplace_back(row->hf_repo);
    for (const std::string& name : names) {
      for (const std::string& written : ways_to_write(name)) {
        CAPTURE(row->id, written);
        CHECK(embedded().named_model(written).row == row);
      }
      if (!row->variant_of.empty()) continue;
      CAPTURE(row->id, name);
      CHECK(embedded().named_model(name + "-GGUF").row == row);
      CHECK(embedded().named_model(upper(separated_by('_', name)) + "-GGUF").row == row);
      if (name.find_first_of("/:") == name.npos)
        CHECK(embedded().named_model("somebody/" + name + "-GGUF:Q8_0").row == row);
    }
  }
}

TEST_CASE("a title shared by several models names none of them") {
  for (const ModelRow* row : embedded().models()) {
    CAPTURE(row->id, row->name);
    try {
      const ModelRow* found = embedded().named_model(row->name).row;
      CHECK(catalog::lookup_key(found->name) == catalog::lookup_key(row->name));
    } catch (const Error& refusal) {
      CHECK(std::ranges::find(refusal.suggestions(), row->id) != refusal.suggestions().end());
    }
  }
}

TEST_CASE("every name of a GPU or a system finds it, however it is written") {
  struct Found {
    std::string_view id, name;
  };
  const auto found_by = [](const std::string& written) {
    const auto [gpu, system] = embedded().hardware(written);
    return gpu != nullptr ? Found{gpu->id, gpu->name} : Found{system->id, system->name};
  };
  const auto check_names = [&](const auto& row) {
    std::vector<std::string> names = {std::string(row.id)};
    for (const std::string_view alias : row.aliases) names.emplace_back(alias);
    for (const std::string& name : names)
      for (const std::string& written : ways_to_write(name)) {
        CAPTURE(row.id, written);
        CHECK(found_by(written).id == row.id);
      }
    // Two with different sizes may share a title.
    for (const std::string& written : ways_to_write(std::string(row.name))) {
      CAPTURE(row.id, written);
      try {
        const std::string key = catalog::lookup_key(found_by(written).name);
        CHECK(key == catalog::lookup_key(row.name));
      } catch (const Error& refusal) {
        CHECK(std::ranges::find(refusal.suggestions(), row.id) != refusal.suggestions().end());
      }
    }
  };
  for (const Gpu* gpu : embedded().gpus()) check_names(*gpu);
  for (const System* system : embedded().systems()) check_names(*system);
}

}  // namespace vramcalc::test
