#include "runtime/llama_cpp/llama_cpp.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "runtime/llama_cpp/adapter.hpp"
#include "runtime/llama_cpp/backend.hpp"
#include "runtime/llama_cpp/compute_buffer.hpp"
#include "runtime/llama_cpp/context.hpp"
#include "runtime/llama_cpp/explanation.hpp"
#include "runtime/llama_cpp/kv_cache.hpp"
#include "runtime/llama_cpp/placed.hpp"
#include "runtime/llama_cpp/projector.hpp"
#include "runtime/llama_cpp/recurrent_state.hpp"
#include "runtime/llama_cpp/terms.hpp"
#include "runtime/llama_cpp/weights.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::llama_cpp {
namespace {

std::string why(TermKind kind, const Architecture& architecture, const Workload& workload,
                const ResolvedWorkload& resolved, Backend backend) {
  switch (kind) {
    case TermKind::kv_cache:
      return why_cache(cache_tensors(architecture, workload, resolved), workload, resolved);
    case TermKind::recurrent_state: return why_state(resolved);
    case TermKind::compute_buffer: return why_compute(resolved, workload, backend);
    case TermKind::output_buffer: return why_output(architecture, output_rows(resolved));
    default: return {};
  }
}

void give_reasons(const Model& model, const Workload& workload, const ResolvedWorkload& resolved,
                  Backend backend, std::vector<PlaceEstimate>& devices) {
  for (PlaceEstimate& device : devices)
    for (Term& term : device.terms)
      term.why = why(term.kind, model.architecture, workload, resolved, backend);
}

// Caches grow evenly but for windows, which end to grow: that they still do at the end says all.
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

AllocationStretch stretch(const Model& model, const Workload& workload, std::uint64_t last) {
  const Architecture& architecture = model.architecture;
  require_gguf(architecture);
  const ResolvedWorkload resolved = resolve(architecture, workload);
  const auto later = [&](std::uint64_t steps) {
    return with_cells(resolved, resolved.cells + steps * cell_step);
  };
  AllocationStretch result{resolved.context, resolved.context, cell_step * resolved.streams, {}};
  std::uint64_t steps = 0;
  if (last > resolved.context && only_cells_change(workload, resolved))
    steps = (last - resolved.context + result.step - 1) / result.step;
  const BufferStretch compute = compute_buffer_stretch(
      architecture, [&](std::uint64_t step) { return graph_settings(architecture, workload, later(step)); },
      {}, steps);
  const auto cache_at = [&](std::uint64_t step) {
    return kv_cache_bytes(cache_tensors(architecture, workload, later(step))).count();
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
  const Place cache = workload.kv_offload ? Place::gpu(0) : Place::host();
  result.terms.push_back(
      growing(cache, TermKind::kv_cache, Basis::exact, cache_at(0), cache_at(steps == 0 ? 0 : 1)));
  constant(cache, TermKind::recurrent_state, recurrent_state_bytes(architecture, resolved.sequences));
  buffer(Place::gpu(0), compute.bytes[0]);
  buffer(Place::host(), compute.bytes[1]);
  constant(Place::host(), TermKind::output_buffer, output_buffer_bytes(architecture, resolved));
  return result;
}

Bytes per_token(const Model& model, const Workload& workload) {
  return kv_bytes_per_token(model.architecture, workload);
}

// The CUDA context and what its libraries take: about 3 MiB for each multiprocessor, 107 MiB on an RTX 4060
// Ti with 34 and 555 MiB on an RTX PRO 6000 with 188 (llama.cpp pull request 23604); 120 to 550 MiB over all
// cards (pull request 20595). A fifth more or less holds every card of tests/measured/cuda_contexts.tsv,
// those included on which the slope was not fitted. Pools for quantized activations come with the first
// decode: tens of MiB, and more with a large ubatch, which the high bound allows for.
Amount cuda_context(std::uint32_t multiprocessors) {
  constexpr std::uint64_t each = 3, least = 100, pools = 100;
  if (multiprocessors == 0) return {Bytes(least * MiB), Bytes(350 * MiB), Bytes((550 + pools) * MiB)};
  const std::uint64_t context = std::max(least, each * multiprocessors);
  return {Bytes(context * 4 / 5 * MiB), Bytes(context * MiB), Bytes((context * 6 / 5 + pools) * MiB)};
}

Amount metal_context() { return {Bytes(0), Bytes(50 * MiB), Bytes(150 * MiB)}; }

Amount times(const Amount& one, std::uint32_t count) {
  return {one.low * count, one.best * count, one.high * count};
}

// Vulkan on an RTX 4050: 14 MiB after loading Gemma 4 E4B, 165 MiB at the peak (public log 71581386961);
// other drivers may take as much as CUDA.
Amount driver_context() { return {Bytes(0), Bytes(150 * MiB), cuda_context(0).high}; }

Amount context_of(const TargetDevice& device) {
  switch (device.backend) {
    case Backend::cuda:
    case Backend::rocm: return cuda_context(device.streaming_multiprocessors);
    case Backend::metal: return metal_context();
    case Backend::vulkan:
    case Backend::sycl:
    case Backend::other: break;
  }
  return driver_context();
}

std::string why_overhead(Backend backend) {
  switch (backend) {
    case Backend::cuda:
    case Backend::rocm:
      return "CUDA context and libraries: 107 MiB on an RTX 4060 Ti to 555 MiB on an RTX PRO 6000 "
             "(llama.cpp pull requests 20595, 23604), and pools of the first decode";
    case Backend::metal:
      return "Metal keeps pipelines and command buffers; no context of its own (assumed, unmeasured)";
    case Backend::vulkan:
    case Backend::sycl:
    case Backend::other: break;
  }
  return fmt::format(
      "what the driver and the buffers of the first decode take on {}: 14 to 165 MiB with Vulkan on "
      "an RTX 4050, elsewhere assumed",
      title(backend));
}

Term overhead(const Model&, const Weighing&, const TargetDevice& device, Reasons reasons) {
  Term term{TermKind::runtime_overhead, times(context_of(device), device.count), Basis::assumed, {}};
  if (reasons == Reasons::full) term.why = why_overhead(device.backend);
  return term;
}

}  // namespace

Runtime runtime() {
  return {"llama.cpp",
          "llama-server of llama.cpp",
          version,
          1,
          most_sequences,
          resolve,
          weigh,
          weigh_stored,
          stretch,
          is_exact,
          why_interval,
          weight_padding,
          compute_stretch,
          give_reasons,
          explanation,
          per_token,
          projector_companion,
          adapter_companion,
          overhead,
          place,
          bytes_of_layers};
}

}  // namespace vramcalc::llama_cpp
