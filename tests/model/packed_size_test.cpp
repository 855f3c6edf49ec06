#include <istream>
#include <map>

#include "catch.hpp"
#include "support/measured_rows.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::test {
namespace {

struct Expected {
  std::uint64_t elements = 0, bytes = 0;
};

std::map<std::string, Expected> expected_sizes() {
  std::map<std::string, Expected> rows;
  read_measured_rows("packed_checkpoints.tsv", [&](std::istream& words) {
    std::string id;
    words >> id;
    words >> rows[id].elements >> rows[id].bytes;
  });
  return rows;
}

}  // namespace

TEST_CASE("a quantized checkpoint has the element count of its page and the bytes of its tensors") {
  const Catalog catalog;
  // The layout does not explain 7,808 elements of this page, 128 in each of 61 layers.
  const std::map<std::string, std::uint64_t> unexplained = {
      {"kimi-k2-thinking-int4", 7808}
  };
  const auto rows = expected_sizes();
  REQUIRE(rows.size() == 36);
  for (const auto& [id, expected] : rows) {
    INFO(id);
    const Model model = catalog.model(id);
    const PackedSize size = packed_size(model.architecture, model.packed.value().packing.value());
    CHECK(size.bytes.count() == expected.bytes);
    if (expected.elements > 0) {
      CHECK(model.packed->stored_elements == expected.elements);
      CHECK(size.elements + (unexplained.contains(id) ? unexplained.at(id) : 0) == expected.elements);
    }
  }
}

TEST_CASE("without a packing every value has 16 bits") {
  const Catalog catalog;
  const Architecture model = catalog.model("llama-3.1-8b").architecture;
  const PackedSize size = packed_size(model, Packing{});
  CHECK(size.elements == parameters_of(model).total());
  CHECK(size.bytes == Bytes(2 * parameters_of(model).total()));
}

TEST_CASE("a packing that names an unknown part of a layer is refused") {
  const Catalog catalog;
  Packing packing;
  packing.parts = {"attentoin"};
  CHECK_THROWS_AS(packed_size(catalog.model("llama-3.1-8b").architecture, packing), Error);
}

}  // namespace vramcalc::test
