#include "runtime/llama_cpp/growth_of_terms.hpp"

#include <functional>

#include "runtime/llama_cpp/compute_buffer.hpp"
#include "runtime/llama_cpp/context.hpp"
#include "runtime/llama_cpp/kv_cache.hpp"
#include "runtime/llama_cpp/recurrent_state.hpp"
#include "runtime/llama_cpp/terms.hpp"

namespace vramcalc::llama_cpp {
namespace {

// Caches grow evenly except for windows, which stop growing, so it is enough to check the last step.
std::uint64_t even_growth(const std::function<std::uint64_t(std::uint64_t)>& bytes_at, std::uint64_t steps) {
  if (steps == 0) return 0;
  const graph::Linear line = graph::line_through(bytes_at(0), bytes_at(1));
  while (steps > 1 && line.after(steps) != bytes_at(steps)) steps /= 2;
  return steps;
}

GrowingTerm growing(Place place, TermKind kind, Basis basis, std::uint64_t now, std::uint64_t next) {
  const graph::Linear line = graph::line_through(now, next);
  return {place, kind, basis, line.at, line.slope};
}

}  // namespace

EvenGrowth growth_of_terms(const Architecture& architecture, const ContextParams& params, std::uint64_t first,
                           std::uint64_t last) {
  require_gguf(architecture);
  const ResolvedContext resolved = resolve(architecture, params, first);
  const auto later = [&](std::uint64_t steps) {
    return with_cells(resolved, resolved.cells + steps * cell_step);
  };
  const SameBatches alike = same_batches(params, resolved, first);
  EvenGrowth result{resolved.context, alike.last, cell_step * resolved.streams, alike.least, {}};
  std::uint64_t steps = 0;
  if (last > resolved.context && only_cells_change(params, resolved))
    steps = (last - resolved.context + result.step - 1) / result.step;
  const BufferGrowth compute = growth_of_buffers(
      architecture, [&](std::uint64_t step) { return graph_settings(architecture, params, later(step)); }, {},
      steps);
  const Place cache = params.kv_offload ? Place::gpu(0) : Place::host();
  const auto cache_at = [&](std::uint64_t step) {
    return kv_cache_bytes(cache_tensors(architecture, params, later(step)), cache).count();
  };
  steps = even_growth(cache_at, compute.steps);
  result.last += steps * result.step;

  const auto constant = [&](Place place, TermKind kind, Bytes bytes) {
    if (bytes > Bytes(0) || kind == TermKind::output_buffer)
      result.terms.push_back(growing(place, kind, Basis::exact, bytes.count(), bytes.count()));
  };
  const auto buffer = [&](Place place, const graph::Linear& line) {
    result.terms.push_back(
        {place, TermKind::compute_buffer, Basis::derived, line.at, steps == 0 ? 0 : line.slope});
  };
  result.terms.push_back(
      growing(cache, TermKind::kv_cache, Basis::exact, cache_at(0), cache_at(steps == 0 ? 0 : 1)));
  constant(cache, TermKind::recurrent_state, recurrent_state_bytes(architecture, resolved));
  buffer(Place::gpu(0), compute.bytes[0]);
  buffer(Place::host(), compute.bytes[1]);
  constant(Place::host(), TermKind::output_buffer, output_buffer_bytes(architecture, params, resolved));
  return result;
}

}  // namespace vramcalc::llama_cpp
