#include <filesystem>
#include <istream>
#include <map>
#include <set>

#include "catch.hpp"
#include "support/measured_rows.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/catalog_date.hpp"

// Independent evidence for the catalog's models (tests/measured/evidence.tsv, contexts.tsv) agrees with their
// entries.
namespace vramcalc::test {
namespace {

struct Evidence {
  std::string kind;    // gguf, file, count, like, config, dimensions, nothing
  std::string detail;  // gguf: the measured file; like: the other model
};

std::map<std::string, Evidence> evidence_of_models() {
  std::map<std::string, Evidence> table;
  read_measured_rows("evidence.tsv", [&](std::istream& words) {
    std::string id;
    Evidence evidence;
    words >> id >> evidence.kind >> evidence.detail;
    const bool is_new = table.emplace(id, evidence).second;
    INFO(id);
    CHECK(is_new);
  });
  return table;
}

std::set<std::string> models_in(const std::string& file) {
  std::set<std::string> ids;
  read_measured_rows(file, [&](std::istream& words) {
    std::string id;
    words >> id;
    ids.insert(id);
  });
  return ids;
}

bool contains(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

bool is_measured(const std::string& file) {
  return std::filesystem::exists(std::string(VRAMCALC_MEASURED_DIR) + "/quantization/" + file + ".txt");
}

bool has_shape_of(const Model& model, const Model& other) {
  return parameters_of(model.architecture).total() == parameters_of(other.architecture).total() &&
         model.architecture.blocks == other.architecture.blocks;
}

}  // namespace

TEST_CASE("every model with a shape has a row of independent evidence") {
  const Catalog catalog;
  const std::map<std::string, Evidence> table = evidence_of_models();
  std::size_t models = 0;
  for (const ModelRow* row : catalog.models()) {
    if (!row->incomplete.empty() || !row->variant_of.empty()) continue;
    INFO(row->id << ": give it a row in tests/measured/evidence.tsv");
    CHECK(table.contains(std::string(row->id)));
    ++models;
  }
  CHECK(models == table.size());
}

TEST_CASE("the evidence for a model exists and agrees with its entry") {
  const Catalog catalog;
  const std::map<std::string, Evidence> table = evidence_of_models();
  std::set<std::string> files = models_in("published_files.tsv");
  files.merge(models_in("known_sizes.tsv"));
  std::map<std::string, int> models_of_kind;
  for (const auto& [id, evidence] : table) {
    CAPTURE(id, evidence.kind, evidence.detail);
    const Model model = catalog.model(id);
    ++models_of_kind[evidence.kind];
    if (evidence.kind == "gguf") {
      CHECK(is_measured(evidence.detail));  // compared in tests/model and tests/quantization
    } else if (evidence.kind == "file") {
      CHECK(files.contains(id));  // compared in published_files_test and known_sizes_test
    } else if (evidence.kind == "count") {
      CHECK_FALSE(model.published_rounded);
      CHECK_FALSE(contains(model.published_source, "recalled"));
      CHECK(parameters_of(model.architecture).total() == model.published_parameters);
    } else if (evidence.kind == "like") {
      REQUIRE(table.contains(evidence.detail));
      const std::string& kind = table.at(evidence.detail).kind;
      CHECK((kind == "gguf" || kind == "file" || kind == "count" || kind == "config"));
      CHECK(has_shape_of(model, catalog.model(evidence.detail)));
    } else if (evidence.kind == "config") {
      CHECK_FALSE(contains(model.source, "recalled"));
      CHECK_FALSE(contains(model.source, "inferred"));
    } else {
      CHECK((evidence.kind == "dimensions" || evidence.kind == "nothing"));
    }
  }
  // More is welcome; fewer is a regression.
  CHECK(models_of_kind["gguf"] == 47);
  CHECK(models_of_kind["file"] >= 16);
  CHECK(models_of_kind["count"] + models_of_kind["like"] >= 233);
  CHECK(models_of_kind["nothing"] <= 85);
}

// A page may count a tied head twice although the files hold it once (Gemma 4), so a count does not prove a
// second head.
TEST_CASE("evidence for a tied model whose GGUF duplicates its head is a file") {
  const Catalog catalog;
  const std::set<std::string> only_counted = {"falcon-180b",    "internvl3-1b",   "internvl3-2b",
                                              "internvl3.5-1b", "internvl3.5-2b", "internvl3.5-4b",
                                              "qwen3-1.7b"};
  for (const auto& [id, evidence] : evidence_of_models()) {
    const Architecture model = catalog.model(id).architecture;
    if (!model.stores_duplicate_head || !model.converts_duplicate_head) continue;
    INFO(id);
    CHECK((evidence.kind == "gguf" || evidence.kind == "file" || only_counted.contains(id)));
  }
}

TEST_CASE("context lengths agree with the models' files") {
  const Catalog catalog;
  std::size_t rows = 0;
  read_measured_rows("contexts.tsv", [&](std::istream& words) {
    std::string id;
    std::uint32_t context = 0;
    words >> id >> context;
    INFO(id);
    CHECK(catalog.model(id).architecture.context_length == context);
    ++rows;
  });
  CHECK(rows >= 70);
}

TEST_CASE("nothing in the catalog is newer than the catalog's date") {
  const Catalog catalog;
  const std::string_view date = catalog_date();
  REQUIRE(date.size() == 10);
  const auto check = [&](const auto& rows) {
    for (const auto* row : rows) {
      INFO(row->id);
      CHECK(row->release_date <= date.substr(0, row->release_date.size()));
    }
  };
  check(catalog.models());
  check(catalog.gpus());
  check(catalog.systems());
}

}  // namespace vramcalc::test
