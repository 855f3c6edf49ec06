#include "runtime/rule_of_thumb.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "vramcalc/error.hpp"

namespace vramcalc::rule_of_thumb {
namespace {

// The pages compute to two decimals of a GB and show one.
constexpr std::uint64_t centi_gb = GB / 100;

// The count that the repository's page shows, which for packed checkpoints counts stored elements.
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

ResolvedWorkload resolve(const Architecture& architecture, const Workload& workload) {
  ResolvedWorkload resolved;
  resolved.context = resolved.cells = resolved.context_per_slot =
      workload.context.value_or(architecture.context_length);
  resolved.batch = workload.batch;
  resolved.ubatch = workload.ubatch;
  return resolved;
}

Weighing weigh(const Model& model, const TensorsOfModel&, const FileType& file_type, const QuantizeOptions&) {
  const auto hundredths = static_cast<std::uint64_t>(std::llround(file_type.nominal_bits * 100));
  if (hundredths == 0)
    throw Error(ErrorCode::unsupported,
                fmt::format("the rule of thumb has no bits per weight for {}", file_type.name));
  const Bytes bytes(checked_multiply(page_parameters(model), hundredths) / 800);
  return {bytes, bytes, bytes, Bytes(0), file_type.nominal_bits};
}

// It knows a file by the name of its type alone.
Weighing weigh_stored(const Model& model, const StoredWeights&, const FileType& as) {
  return weigh(model, {}, as, {});
}

// A context at a time: what it says in whole bytes does not grow evenly.
AllocationStretch stretch(const Model& model, const Workload& workload, std::uint64_t) {
  const std::uint64_t context = resolve(model.architecture, workload).context;
  const GrowingTerm cache{Place::gpu(0), TermKind::kv_cache, Basis::assumed, kv_cache(model, context).count(), 0};
  return {context, context, 1, {cache}};
}

void give_reasons(const Model& model, const Workload&, const ResolvedWorkload& resolved, Backend,
                  std::vector<PlaceEstimate>& devices) {
  for (PlaceEstimate& device : devices)
    for (Term& term : device.terms)
      term.why = fmt::format(
          "2 × {} layers × {} KV heads × ({} / {}) × {} tokens × 2 bytes (rule of thumb of model cards)",
          trunk_layers(model.architecture), model.config_kv_heads, model.architecture.hidden_size,
          model.config_attention_heads, resolved.context);
}

Bytes per_token(const Model& model, const Workload&) { return kv_cache(model, 1); }

Term overhead(const Model& model, const Weighing& weighing, const TargetDevice&, Reasons reasons) {
  const bool has_cache = model.config_kv_heads != 0;
  const Bytes bytes = has_cache ? Bytes(300'000'000) : Bytes(weighing.gpu.count() / 10);
  Term term{TermKind::runtime_overhead, Amount::exactly(bytes), Basis::assumed, {}};
  if (reasons == Reasons::full)
    term.why =
        has_cache
            ? "a flat 0.3 GB (rule of thumb of model cards)"
            : "a tenth of the weights, where the config names no KV heads (rule of thumb of model cards)";
  return term;
}

}  // namespace

Runtime runtime() {
  return {"rule-of-thumb",
          "rule of thumb of model cards",
          "2026-11",
          centi_gb,
          0,
          resolve,
          weigh,
          weigh_stored,
          stretch,
          nullptr,
          nullptr,
          nullptr,
          nullptr,
          give_reasons,
          nullptr,
          per_token,
          nullptr,
          nullptr,
          overhead,
          nullptr,
          nullptr};
}

}  // namespace vramcalc::rule_of_thumb
