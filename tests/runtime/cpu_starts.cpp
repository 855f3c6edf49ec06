#include "runtime/cpu_starts.hpp"

#include <istream>
#include <ostream>

#include "runtime/llama_cpp/placed.hpp"
#include "runtime/measured.hpp"
#include "support/measured_rows.hpp"
#include "support/measured_shape.hpp"

namespace vramcalc::measured {

std::ostream& operator<<(std::ostream& out, const Held& held) {
  return out << held.weights << ' ' << held.memory << ' ' << held.compute;
}

std::vector<CpuStart> cpu_starts() {
  std::vector<CpuStart> starts;
  test::read_measured_rows("compute_cpu.tsv", [&](std::istream& words) {
    CpuStart start;
    std::uint32_t slots = 0, unified = 0;
    std::string cache, flash;
    words >> start.model >> start.context >> slots >> unified >> start.params.ubatch >> cache >> flash >>
        start.held.weights >> start.held.memory >> start.held.compute;
    start.params.parallel = slots;
    start.params.kv_unified = unified != 0;
    start.params.cache_type_k = start.params.cache_type_v = element_type_from_name(cache).value();
    if (flash == "off") start.params.flash_attention = llama_cpp::FlashAttention::off;
    starts.push_back(std::move(start));
  });
  return starts;
}

PlaceEstimate derived_without_gpu(const Catalog& catalog, const std::string& name, std::uint64_t context,
                                  const llama_cpp::ContextParams& params) {
  const Model model = test::measured_model(catalog, name);
  const ClassifiedTensors tensors(model.architecture);
  const Weights weights = weights_of(tensors, catalog.file_type(file_type(name)));
  llama_cpp::Placement placement;
  placement.backend = Backend::cpu;
  llama_cpp::KnownPlacements known;
  return llama_cpp::place(model.architecture, weights, params, context, placement, Reasons::none,
                          llama_cpp::Buffers::all, known)
      .front();
}

Held best_of(const PlaceEstimate& host) {
  const auto bytes = [&](TermKind kind) { return host.term(kind).best.count(); };
  return {bytes(TermKind::weights), bytes(TermKind::kv_cache) + bytes(TermKind::recurrent_state),
          bytes(TermKind::compute_buffer)};
}

}  // namespace vramcalc::measured
