#include "catch.hpp"
#include "support/cuda_contexts.hpp"

using namespace vramcalc;

TEST_CASE("CUDA's own memory is in the interval for every measured card") {
  const auto contexts = test::cuda_contexts();
  REQUIRE(contexts.size() >= 6);
  for (const test::CudaContext& measured : contexts) {
    INFO(measured.card);
    const Amount ours = test::overhead_on(measured.multiprocessors);
    CHECK(ours.low <= measured.bytes);
    CHECK(measured.bytes <= ours.high);
  }
}

namespace {

// Bytes per multiprocessor, by least squares over all other cards.
double slope_without(const std::string& card, const std::vector<test::CudaContext>& contexts) {
  double products = 0, squares = 0;
  for (const test::CudaContext& each : contexts) {
    if (each.card == card) continue;
    const double multiprocessors = each.multiprocessors;
    products += multiprocessors * static_cast<double>(each.bytes.count());
    squares += multiprocessors * multiprocessors;
  }
  return products / squares;
}

}  // namespace

TEST_CASE("the bounds include a card to which they were not fitted") {
  const auto contexts = test::cuda_contexts();
  constexpr std::uint32_t many = 1000;
  const double pools = 100.0 * static_cast<double>(MiB);
  const Amount ours = test::overhead_on(many);
  const double best = static_cast<double>(ours.best.count());
  const double low = static_cast<double>(ours.low.count()) / best;
  const double high = (static_cast<double>(ours.high.count()) - pools) / best;
  for (const test::CudaContext& measured : contexts) {
    INFO(measured.card);
    const double fitted = slope_without(measured.card, contexts) * measured.multiprocessors;
    CHECK(fitted * low <= static_cast<double>(measured.bytes.count()));
    CHECK(static_cast<double>(measured.bytes.count()) <= fitted * high + pools);
  }
}

TEST_CASE("the interval of a card with unknown multiprocessors includes every measured context") {
  const Amount ours = test::overhead_on(0);
  for (const test::CudaContext& measured : test::cuda_contexts()) {
    CHECK(ours.low <= measured.bytes);
    CHECK(measured.bytes <= ours.high);
  }
}
