#include <algorithm>
#include <istream>
#include <map>

#include "catch.hpp"
#include "support/measured_rows.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/checkpoint.hpp"

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

TEST_CASE("the parts of a checkpoint add up to its size, and say what is packed") {
  const Catalog catalog;
  for (const char* id : {"deepseek-r1-0528-nvfp4-v2", "kimi-k2.5-int4", "qwen3-8b-awq", "gemma-3-27b"}) {
    INFO(id);
    const Model model = catalog.model(id);
    const Packing packing = model.packed ? model.packed->packing.value() : Packing{};
    const auto parts = checkpoint_parts(model.architecture, packing);
    CHECK(bytes_of(parts) == packed_size(model.architecture, packing).bytes);
  }
}

TEST_CASE("a checkpoint's parts without prediction layers are what an engine loads") {
  const Model model = Catalog().model("deepseek-r1-0528-nvfp4-v2");
  std::vector<CheckpointPart> parts =
      checkpoint_parts(model.architecture, model.packed.value().packing.value());
  CHECK(bytes_of(parts) == Bytes(413306995616));
  const auto first =
      std::ranges::find(parts, Role::expert_down, [](const CheckpointPart& part) { return part.kind.role; });
  REQUIRE(first != parts.end());
  CHECK(first->layer == 3);
  CHECK(first->packed);
  CHECK(first->elements == std::uint64_t{256} * 2048 * 7168);
  CHECK(first->bytes == Bytes(std::uint64_t{256} * (2048 * 7168 / 2 + 2048 * 7168 / 16 + 8)));
  std::erase_if(parts, [](const CheckpointPart& part) { return part.prediction; });
  CHECK((bytes_of(parts).count() + 50'000'000) / 100'000'000 == 3864);
}

TEST_CASE("towers keep 16 bits, and are marked") {
  const Architecture model = Catalog().model("gemma-3-27b").architecture;
  Packing packing;
  packing.layout.parts = {PackedPart::attention, PackedPart::feed_forward};
  packing.layout.value_bits = 4;
  Bytes towers;
  for (const CheckpointPart& part : checkpoint_parts(model, packing))
    if (part.tower) towers += part.bytes;
  CHECK(towers == Bytes(2 * parameters_of(model).towers));
}

TEST_CASE("a second layout is of the parts that it names") {
  const Architecture model = Catalog().model("llama-3.1-8b").architecture;
  Packing packing;
  packing.layout.parts = {PackedPart::attention, PackedPart::feed_forward};
  packing.layout.value_bits = 4;
  packing.others[0].parts = {PackedPart::feed_forward};
  packing.others[0].value_bits = 8;
  for (const CheckpointPart& part : checkpoint_parts(model, packing)) {
    if (part.kind == Role::q) CHECK(part.bytes == Bytes(part.elements / 2));
    if (part.kind == Role::up) CHECK(part.bytes == Bytes(part.elements));
    if (part.kind == Role::output) CHECK(part.bytes == Bytes(part.elements * 2));
  }
}

}  // namespace vramcalc::test
