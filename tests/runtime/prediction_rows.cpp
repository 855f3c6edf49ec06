#include "runtime/prediction_rows.hpp"

#include <ostream>

#include "runtime/llama_cpp/drafting.hpp"
#include "runtime/llama_cpp/growth_of_terms.hpp"
#include "support/measured_rows.hpp"

namespace vramcalc::measured {

using namespace llama_cpp;

namespace {

FlashAttention flash_attention(const std::string& word) {
  if (word == "auto") return FlashAttention::automatic;
  return word == "on" ? FlashAttention::on : FlashAttention::off;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Taken& taken) {
  return out << taken.context << " + " << taken.compute << ", host " << taken.host_compute;
}

std::vector<PredictionRow> prediction_rows() {
  std::vector<PredictionRow> result;
  test::read_measured_rows("prediction_layers.tsv", [&](std::istream& words) {
    PredictionRow row;
    ContextParams& params = row.options.context;
    std::uint32_t slots = 0, unified = 0, drafted = 0, samples = 0;
    std::string k, v, draft_k, draft_v, flash;
    words >> row.model >> row.file_type >> row.tokens >> slots >> unified >> drafted >> params.ubatch >> k >>
        v >> draft_k >> draft_v >> flash >> samples >> row.weights >> row.host_weights;
    words >> row.trunk.context >> row.trunk.compute >> row.trunk.host_compute;
    words >> row.predictions.context >> row.predictions.compute >> row.predictions.host_compute;
    params.parallel = slots;
    params.kv_unified = unified != 0;
    params.flash_attention = flash_attention(flash);
    params.samples_on_device = samples != 0;
    params.cache_type_k = element_type_from_name(k).value();
    params.cache_type_v = element_type_from_name(v).value();
    row.options.draft_cache_type_k = element_type_from_name(draft_k).value();
    row.options.draft_cache_type_v = element_type_from_name(draft_v).value();
    row.options.drafting.types = {Drafting::draft_mtp};
    row.options.drafting.draft_tokens = drafted;
    complete_drafting(row.options, false);
    result.push_back(std::move(row));
  });
  return result;
}

Taken taken_by_one_gpu(const Architecture& architecture, const ContextParams& params, std::uint64_t tokens) {
  Taken taken;
  for (const PlaceEstimate& each : growth_of_terms(architecture, params, tokens, tokens).at(tokens)) {
    const bool host = each.place.is_host();
    const Bytes buffer = each.term(TermKind::compute_buffer).best;
    (host ? taken.host_compute : taken.compute) = buffer.count();
    if (!host) taken.context = (each.total().best - buffer).count();
  }
  return taken;
}

}  // namespace vramcalc::measured
