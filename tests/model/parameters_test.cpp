#include <istream>

#include "catch.hpp"
#include "support/measured_rows.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::test {
namespace {

struct Expected {
  std::string id;
  std::uint64_t parameters = 0, active = 0, published = 0;
  std::string within;
};

std::vector<Expected> expected_parameters() {
  std::vector<Expected> rows;
  read_measured_rows("parameters.tsv", [&](std::istream& words) {
    Expected row;
    words >> row.id >> row.parameters >> row.active >> row.published >> row.within;
    rows.push_back(row);
  });
  return rows;
}

std::uint64_t head_parameters(const Architecture& model) {
  return std::uint64_t{model.checkpoint_vocab_size} * model.hidden_size;
}

double distance(std::uint64_t a, std::uint64_t b) {
  const auto x = static_cast<double>(a), y = static_cast<double>(b);
  return (x > y ? x - y : y - x) / y;
}

}  // namespace

TEST_CASE("every model has the parameter count of its config, to the last parameter") {
  const Catalog catalog;
  const std::vector<Expected> rows = expected_parameters();
  REQUIRE(rows.size() == 457);
  for (const Expected& row : rows) {
    INFO(row.id);
    const Model model = catalog.model(row.id);
    const Parameters parameters = parameters_of(model.architecture);
    CHECK(parameters.total() == row.parameters);
    if (row.active > 0) CHECK(parameters.active == row.active);
    if (row.active == 0) CHECK(parameters.active == parameters.trunk);
    CHECK(model.published_parameters == row.published);
    if (row.within == "head") {
      CHECK(row.published - parameters.total() == head_parameters(model.architecture));
    } else if (row.published > 0) {
      CHECK(distance(parameters.total(), row.published) <= std::stod(row.within));
    }
  }
}

TEST_CASE("every model with a complete shape has an expected count") {
  const Catalog catalog;
  std::size_t models = 0;
  for (const ModelRow* row : catalog.models()) models += row->incomplete.empty() && row->variant_of.empty();
  CHECK(models == expected_parameters().size());
}

TEST_CASE("the file's elements are the parameters if the converter drops, trims and pads nothing") {
  const Catalog catalog;
  for (const ModelRow* row : catalog.models()) {
    if (!row->incomplete.empty() || !row->variant_of.empty()) continue;
    INFO(row->id);
    const Architecture model = catalog.model(row->id).architecture;
    const bool same = !model.gguf_name.empty() && model.vocab_size == model.checkpoint_vocab_size &&
                      !model.pooler && model.position_embeddings == model.checkpoint_position_embeddings &&
                      !model.attention_residual_scores && !model.per_layer_input;
    if (!same) continue;
    std::uint64_t elements = 0;
    for (const Tensor& tensor : tensors_of(model))
      if (tensor.learned) elements += tensor.shape.elements();
    const Parameters parameters = parameters_of(model);
    const bool keeps_mtp = model.mtp && model.mtp->in_file != MultiTokenPrediction::InFile::dropped;
    const std::uint64_t head = model.converts_duplicate_head ? parameters.duplicate_head : 0;
    CHECK(elements == parameters.trunk + (keeps_mtp ? parameters.mtp : 0) + head);
  }
}

TEST_CASE("a model that llama.cpp cannot convert has a parameter count but no tensors") {
  const Catalog catalog;
  for (const char* id :
       {"opt-13b", "gpt-j-6b", "llama-3.2-11b-vision", "longcat-flash", "mimo-7b", "hy-mt2-30b-a3b"}) {
    INFO(id);
    const Architecture model = catalog.model(id).architecture;
    CHECK(parameters_of(model).total() > 0);
    CHECK_THROWS_AS(tensors_of(model), Error);
  }
}

TEST_CASE("sizes beyond 64 bits are an error and do not wrap around") {
  Architecture model;
  model.gguf_name = "llama";
  model.vocab_size = model.checkpoint_vocab_size = model.hidden_size = UINT32_MAX;
  GroupedQueryAttention attention;
  attention.heads = attention.kv_heads = attention.key_length = attention.value_length = UINT32_MAX;
  model.blocks.push_back({attention, DenseFeedForward{.width = UINT32_MAX}});
  CHECK_THROWS_AS(parameters_of(model), Error);
}

}  // namespace vramcalc::test
