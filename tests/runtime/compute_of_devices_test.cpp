#include "catch.hpp"
#include "runtime/llama_cpp/backend.hpp"
#include "runtime/measured_devices.hpp"
#include "runtime/shapes.hpp"
#include "support/sampled.hpp"

using namespace vramcalc;
using namespace vramcalc::llama_cpp;

namespace {

struct Estimated {
  Amount gpu, host;
};

Estimated estimated(const measured::DeviceRow& row, Backend backend) {
  const BoundedGrowth growth =
      bounded_growth(measured::shape_of(row.model), row.params, row.context, row.context, backend);
  return {growth.gpu(row.context), growth.host(row.context)};
}

bool holds(const Amount& amount, std::uint64_t bytes) {
  return amount.low <= Bytes(bytes) && Bytes(bytes) <= amount.high;
}

constexpr std::uint64_t few_pages = std::uint64_t{16} * 4096;

}  // namespace

// The best figure is that of NVIDIA's driver, except for what was not found out.
TEST_CASE("Vulkan's compute buffers are those of llama.cpp, and every driver's are inside") {
  const auto rows = test::sampled(measured::rows_of(Backend::vulkan));
  std::size_t certain = 0;
  for (const measured::DeviceRow& row : rows) {
    const Estimated ours = estimated(row, Backend::vulkan);
    INFO(row.what());
    for (const measured::BuffersOfDevice& driver : row.buffers) {
      CHECK(holds(ours.gpu, driver.gpu));
      CHECK(holds(ours.host, driver.host));
    }
    if (ours.host.high - ours.host.low > Bytes(few_pages)) continue;
    CHECK(ours.gpu.best == Bytes(row.buffers[0].gpu));
    CHECK(ours.host.best == Bytes(row.buffers[0].host));
    CHECK((ours.gpu.high - ours.gpu.low).count() * 100 < ours.gpu.best.count() * 3);
    ++certain;
  }
  CHECK(rows.size() > test::sampled(300));
  CHECK(certain * 100 >= rows.size() * 90);
}

TEST_CASE("Metal's compute buffers are those of llama.cpp to the byte") {
  const auto rows = test::sampled(measured::rows_of(Backend::metal));
  for (const measured::DeviceRow& row : rows) {
    const Estimated ours = estimated(row, Backend::metal);
    INFO(row.what());
    CHECK(ours.gpu == Amount::exactly(Bytes(row.buffers[0].gpu)));
    CHECK(ours.host == Amount::exactly(Bytes(row.buffers[0].host)));
  }
  CHECK(rows.size() > test::sampled(250));
}
