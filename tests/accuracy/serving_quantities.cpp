#include <algorithm>
#include <cmath>

#include "accuracy/accuracy.hpp"
#include "serving/sglang_pairs.hpp"
#include "serving/vllm_pairs.hpp"
#include "support/checkpoint_sizes.hpp"

namespace vramcalc::accuracy {
namespace {

std::uint64_t bytes(double gib) {
  return static_cast<std::uint64_t>(std::llround(std::max(0.0, gib) * static_cast<double>(GiB)));
}

// A log tells memory to 0.005 GiB, so the measured figure is the one in that range that is nearest.
std::uint64_t measured_bytes(double estimate, double logged) {
  return bytes(std::clamp(std::max(0.0, estimate), logged - test::rounding, logged + test::rounding));
}

Pair memory_pair(const test::Pair& pair) {
  return {bytes(pair.estimate), measured_bytes(pair.estimate, pair.measured), bytes(pair.low),
          bytes(pair.high)};
}

// The memory that a log names decides the figure only within its rounding.
Pair derived_pair(const test::Pair& pair, double unit) {
  const auto in_units = [&](double value) { return static_cast<std::uint64_t>(std::llround(value / unit)); };
  const double derived = std::clamp(pair.measured, pair.low, pair.high);
  return {in_units(derived), in_units(pair.measured)};
}

Quantity tokens(const Catalog& catalog) {
  Quantity quantity{"vLLM: KV cache tokens from the logged memory", {}};
  for (const test::Pair& pair : test::token_pairs(catalog)) quantity.cases.push_back(derived_pair(pair, 1));
  return quantity;
}

Quantity concurrency(const Catalog& catalog) {
  Quantity quantity{"vLLM: maximum concurrency from the logged memory", {}};
  for (const test::Pair& pair : test::concurrency_pairs(catalog))
    quantity.cases.push_back(derived_pair(pair, 0.01));
  return quantity;
}

Quantity weights(const Catalog& catalog) {
  Quantity quantity{"vLLM: weights per GPU", {}};
  for (const test::Pair& pair : test::weights_pairs(catalog)) quantity.cases.push_back(memory_pair(pair));
  return quantity;
}

Quantity available_kv(const Catalog& catalog) {
  Quantity quantity{"vLLM: available KV memory from settings, as a share of the GPU's", {}};
  for (const test::Pair& pair : test::available_kv_pairs(catalog)) {
    quantity.cases.push_back(memory_pair(pair));
    quantity.cases.back().whole = bytes(pair.device);
  }
  return quantity;
}

// K and V are logged with two decimals each.
Quantity pools(const Catalog& catalog) {
  Quantity quantity{"SGLang: bytes of the pools of the logged tokens", {}};
  for (const test::SglangPools& pools : test::sglang_pools(catalog)) {
    const double estimate = static_cast<double>(pools.sizes.cache.count()) / static_cast<double>(GiB);
    const double logged = pools.start.kv_gib, margin = 2 * test::rounding;
    quantity.cases.push_back(
        {bytes(estimate), bytes(std::clamp(estimate, logged - margin, logged + margin))});
  }
  return quantity;
}

Quantity checkpoints(const Catalog& catalog) {
  Quantity quantity{"size of published checkpoints (16 bits, FP8, INT4 and MLX)", {}};
  for (const test::CheckpointSize& row : test::checkpoint_sizes()) {
    const test::ComputedSize computed = test::computed_size(catalog, row);
    quantity.cases.push_back(
        {computed.usual.count(), row.bytes.count(), computed.least.count(), computed.most.count()});
  }
  return quantity;
}

// FP8, AWQ, GPTQ, NVFP4, MXFP4 and INT4, counted from the tensors' shapes.
Quantity packed_checkpoints(const Catalog& catalog) {
  Quantity quantity{"tensor bytes of quantized checkpoints", {}};
  test::read_measured_rows("packed_checkpoints.tsv", [&](std::istream& words) {
    std::string id;
    std::uint64_t elements = 0, expected = 0;
    words >> id >> elements >> expected;
    const Model model = catalog.model(id);
    const PackedSize size = packed_size(model.architecture, model.packed.value().packing.value());
    quantity.cases.push_back({size.bytes.count(), expected});
  });
  return quantity;
}

}  // namespace

std::vector<Quantity> serving_quantities(const Catalog& catalog) {
  return {tokens(catalog), concurrency(catalog), weights(catalog),           available_kv(catalog),
          pools(catalog),  checkpoints(catalog), packed_checkpoints(catalog)};
}

}  // namespace vramcalc::accuracy
