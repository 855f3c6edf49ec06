#include "vramcalc/estimate.hpp"

namespace vramcalc {

std::string to_string(Place place) {
  return place.is_host() ? "host" : "gpu" + std::to_string(place.gpu_index());
}

std::string_view to_string(Basis basis) {
  switch (basis) {
    case Basis::exact: return "exact";
    case Basis::derived: return "derived";
    case Basis::fitted: return "fitted";
    case Basis::assumed: return "assumed";
  }
  return "unknown";
}

std::string_view to_string(TermKind kind) {
  switch (kind) {
    case TermKind::weights: return "weights";
    case TermKind::kv_cache: return "kv_cache";
    case TermKind::recurrent_state: return "recurrent_state";
    case TermKind::compute_buffer: return "compute_buffer";
    case TermKind::output_buffer: return "output_buffer";
    case TermKind::projector: return "projector";
    case TermKind::lora: return "lora";
    case TermKind::draft_model: return "draft_model";
    case TermKind::activation_peak: return "activation_peak";
    case TermKind::cuda_graphs: return "cuda_graphs";
    case TermKind::non_torch: return "non_torch";
    case TermKind::runtime_overhead: return "runtime_overhead";
  }
  return "unknown";
}

Amount PlaceEstimate::total() const {
  Amount sum;
  for (const Term& term : terms) sum += term.amount;
  return sum;
}

Amount Estimate::gpu_total() const {
  Amount sum;
  for (const PlaceEstimate& each : places)
    if (!each.place.is_host()) sum += each.total();
  return sum;
}

Amount PlaceEstimate::term(TermKind kind) const {
  Amount sum;
  for (const Term& each : terms)
    if (each.kind == kind) sum += each.amount;
  return sum;
}

Amount Estimate::gpu_term(TermKind kind) const {
  Amount sum;
  for (const PlaceEstimate& each : places)
    if (!each.place.is_host()) sum += each.term(kind);
  return sum;
}

Amount Estimate::host_total() const {
  Amount sum;
  for (const PlaceEstimate& each : places)
    if (each.place.is_host()) sum += each.total();
  return sum;
}

Bytes Estimate::recommended() const {
  const Bytes with_headroom(checked_multiply(gpu_total().best.count(), 13) / 10);
  return round_up(with_headroom, GB);
}

}  // namespace vramcalc
