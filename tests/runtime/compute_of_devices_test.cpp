#include <istream>
#include <vector>

#include "catch.hpp"
#include "runtime/llama_cpp/backend.hpp"
#include "runtime/shapes.hpp"
#include "support/measured_rows.hpp"

using namespace vramcalc;
using namespace vramcalc::llama_cpp;

namespace {

// A row of tests/measured/compute_vulkan.tsv or compute_metal.tsv up to its figures.
struct Setting {
  std::string model, cache, flash;
  ContextParams params;
  std::uint64_t context = 0;

  std::string what() const {
    return model + " at " + std::to_string(context) + ", " + std::to_string(*params.parallel) + " slots, ubatch " +
           std::to_string(params.ubatch) + ", " + cache + ", flash attention " + flash;
  }
};

Setting setting_in(std::istream& words) {
  Setting row;
  std::uint32_t slots = 0;
  bool unified = false;
  words >> row.model >> row.context >> slots >> unified >> row.params.ubatch >> row.cache >> row.flash;
  row.params.parallel = slots;
  row.params.kv_unified = unified;
  row.params.cache_type_k = row.params.cache_type_v = element_type_from_name(row.cache).value();
  if (row.flash == "on") row.params.flash_attention = FlashAttention::on;
  if (row.flash == "off") row.params.flash_attention = FlashAttention::off;
  return row;
}

struct Estimated {
  Amount gpu, host;
};

Estimated estimated(const Setting& row, Backend backend) {
  const BoundedGrowth growth =
      bounded_growth(measured::shape_of(row.model), row.params, row.context, row.context, backend);
  return {growth.gpu(row.context), growth.host(row.context)};
}

bool holds(const Amount& amount, std::uint64_t bytes) {
  return amount.low <= Bytes(bytes) && Bytes(bytes) <= amount.high;
}

constexpr std::uint64_t a_page = 4096, few_pages = 16 * a_page;

}  // namespace

// The interval is as wide as drivers differ in alignment, except for what was not found out.
TEST_CASE("Vulkan's compute buffers are those of llama.cpp, up to the driver's alignment") {
  std::size_t rows = 0, narrow = 0;
  test::read_measured_rows("compute_vulkan.tsv", [&](std::istream& words) {
    const Setting row = setting_in(words);
    const Estimated ours = estimated(row, Backend::vulkan);
    const bool certain = ours.gpu.high - ours.gpu.low < Bytes(a_page);
    INFO(row.what());
    ++rows;
    for (std::size_t driver = 0; driver < 3; ++driver) {
      std::uint64_t gpu = 0, host = 0;
      words >> gpu >> host;
      CHECK(holds(ours.gpu, gpu));
      CHECK(holds(ours.host, host));
      if (!certain || driver > 0) continue;
      CHECK(ours.gpu.best.count() == gpu);
      CHECK(ours.host.best.count() == host);
      CHECK(ours.host.high - ours.host.low < Bytes(few_pages));
      ++narrow;
    }
  });
  CHECK(rows > 300);
  CHECK(narrow * 100 >= rows * 90);
}

TEST_CASE("Metal's compute buffers are those of llama.cpp to the byte") {
  std::size_t rows = 0;
  test::read_measured_rows("compute_metal.tsv", [&](std::istream& words) {
    const Setting row = setting_in(words);
    const Estimated ours = estimated(row, Backend::metal);
    std::uint64_t gpu = 0, host = 0;
    words >> gpu >> host;
    INFO(row.what());
    CHECK(ours.gpu == Amount::exactly(Bytes(gpu)));
    CHECK(ours.host == Amount::exactly(Bytes(host)));
    ++rows;
  });
  CHECK(rows > 250);
}
