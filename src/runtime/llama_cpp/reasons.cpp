#include "runtime/llama_cpp/terms.hpp"

namespace vramcalc::llama_cpp {
namespace {

std::string why(TermKind kind, const Architecture& architecture, const ContextParams& params,
                const ResolvedContext& resolved, Backend backend) {
  switch (kind) {
    case TermKind::kv_cache:
      return why_cache(cache_tensors(architecture, params, resolved), params, resolved);
    case TermKind::recurrent_state: return why_state(resolved);
    case TermKind::compute_buffer: return why_compute(architecture, resolved, params, backend);
    case TermKind::output_buffer: return why_output(architecture, params, resolved);
    default: return {};
  }
}

}  // namespace

void give_reasons(const Architecture& architecture, const ContextParams& params,
                  const ResolvedContext& resolved, Backend backend, std::vector<PlaceEstimate>& places) {
  for (PlaceEstimate& each : places)
    for (Term& term : each.terms) term.why = why(term.kind, architecture, params, resolved, backend);
}

}  // namespace vramcalc::llama_cpp
