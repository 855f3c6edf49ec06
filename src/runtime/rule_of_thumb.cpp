#include "runtime/rule_of_thumb.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "vramcalc/session.hpp"

namespace vramcalc::rule_of_thumb {
namespace {

// The pages compute to two decimals of a GB and show one.
constexpr std::uint64_t centi_gb = GB / 100;

// The count that the repository's page shows, which is the stored elements of packed checkpoints.
std::uint64_t page_parameters(const Model& model) {
  if (model.packed && model.packed->stored_elements != 0) return model.packed->stored_elements;
  if (model.published_parameters != 0) return model.published_parameters;
  return parameters_of(model.architecture).total();
}

std::uint64_t trunk_layers(const Architecture& architecture) {
  return static_cast<std::uint64_t>(std::count_if(architecture.blocks.begin(), architecture.blocks.end(),
                                                  [](const Block& block) { return !block.mtp; }));
}

Bytes kv_cache(const Model& model, std::uint64_t context) {
  if (model.config_kv_heads == 0 || model.config_attention_heads == 0) return {};
  const Architecture& architecture = model.architecture;
  std::uint64_t bytes = checked_multiply(4 * trunk_layers(architecture), model.config_kv_heads);
  bytes = checked_multiply(checked_multiply(bytes, architecture.hidden_size), context);
  return Bytes(bytes / model.config_attention_heads);
}

Bytes weights_of(const Model& model, const Quantization& quantization) {
  const auto hundredths = static_cast<std::uint64_t>(std::llround(nominal_bits(quantization) * 100));
  if (hundredths == 0)
    throw Error(ErrorCode::unsupported,
                fmt::format("the rule of thumb has no bits per weight for {}", name_of(quantization)));
  return Bytes(checked_multiply(page_parameters(model), hundredths) / 800);
}

Term overhead(const Model& model, Bytes weights) {
  if (model.config_kv_heads != 0)
    return {TermKind::runtime_overhead, Amount::exactly(Bytes(300'000'000)), Basis::assumed,
            "a flat 0.3 GB (rule of thumb of model cards)"};
  return {TermKind::runtime_overhead, Amount::exactly(Bytes(weights.count() / 10)), Basis::assumed,
          "a tenth of the weights, since the config names no KV heads (rule of thumb of model cards)"};
}

std::string why_cache(const Model& model, std::uint64_t tokens) {
  return fmt::format(
      "2 × {} layers × {} KV heads × ({} / {}) × {} tokens × 2 bytes (rule of thumb of model cards)",
      trunk_layers(model.architecture), model.config_kv_heads, model.architecture.hidden_size,
      model.config_attention_heads, tokens);
}

class RuleOfThumb final : public Session {
 public:
  using Session::Session;

  // It uses only the name of the file type.
  WeightBytes weigh(const Quantization& quantization) override {
    const Bytes bytes = weights_of(model(), quantization);
    return {bytes, bytes, bytes, Bytes(0), nominal_bits(quantization)};
  }

  Estimate estimate(const Quantization& quantization, const Demand& demand, const TargetDevice&,
                    Reasons reasons) override {
    const WeightBytes& bytes = weights(quantization);
    PlaceEstimate gpu{Place::gpu(0), {}};
    gpu.terms.push_back({TermKind::weights, Amount::exactly(bytes.gpu), Basis::exact, {}});
    gpu.terms.push_back(
        {TermKind::kv_cache, Amount::exactly(kv_cache(model(), demand.tokens)), Basis::assumed, {}});
    gpu.terms.push_back(overhead(model(), bytes.gpu));
    if (reasons == Reasons::full) {
      gpu.terms[0].why =
          fmt::format("{} bytes of the {} that {} takes at {:.4f} bits per weight ({} {})",
                      grouped(bytes.gpu.count()), grouped(bytes.tensor_bytes.count()), name_of(quantization),
                      bytes.bits_per_weight, runtime().id, runtime().version);
      gpu.terms[1].why = why_cache(model(), demand.tokens);
    }
    return {bytes.tensor_bytes, bytes.file_bytes, {std::move(gpu)}};
  }

  Bytes kv_bytes_per_token() const override { return kv_cache(model(), 1); }
};

}  // namespace

Runtime runtime() {
  Runtime row;
  row.id = "rule-of-thumb";
  row.title = "rule of thumb of model cards";
  row.version = "2026-11";
  row.rounds_to = centi_gb;
  row.context_step = 256;
  row.can.counts_nominal_bits = true;
  row.open = open_session<RuleOfThumb>;
  return row;
}

}  // namespace vramcalc::rule_of_thumb
