#include "runtime/llama_cpp/llama_cpp.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/llama_cpp/compute_buffer.hpp"
#include "runtime/llama_cpp/context.hpp"
#include "runtime/llama_cpp/kv_cache.hpp"
#include "runtime/llama_cpp/recurrent_state.hpp"
#include "runtime/llama_cpp/weights.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::llama_cpp {
namespace {

constexpr std::string_view version = "0.5.0";

void require_gguf(const Architecture& architecture) {
  if (architecture.gguf_name.empty())
    throw Error(ErrorCode::unsupported,
                fmt::format("llama.cpp {} cannot convert {} models to GGUF, so it cannot run this one",
                            version, architecture.model_type));
}

Term term(TermKind kind, Bytes bytes, Basis basis, std::string why) {
  return {kind, Amount::exactly(bytes), basis, std::move(why)};
}

std::string why_cache(const std::vector<CacheTensor>& tensors, const Workload& workload,
                      const ResolvedWorkload& resolved) {
  const auto windowed =
      std::count_if(tensors.begin(), tensors.end(), [](const CacheTensor& t) { return t.windowed; });
  std::uint64_t row = 0;
  for (const CacheTensor& tensor : tensors)
    if (!tensor.windowed) row += tensor.row;
  std::string why =
      fmt::format("{} tensors: {} elements a token × {} cells × {} stream{} at {}/{}", tensors.size(),
                  grouped(row), grouped(resolved.cells), resolved.streams, resolved.streams == 1 ? "" : "s",
                  to_string(workload.cache_type_k), to_string(workload.cache_type_v));
  if (windowed > 0) why += fmt::format("; {} of them hold only a sliding window", windowed);
  return why + fmt::format(" (llama.cpp {}, src/llama-kv-cache.cpp)", version);
}

std::string why_state(const ResolvedWorkload& resolved) {
  return fmt::format(
      "f32 state of every recurrent layer × {} sequences, whatever the context (llama.cpp {}, "
      "src/llama-memory-recurrent.cpp)",
      resolved.sequences, version);
}

std::string why_compute(const ResolvedWorkload& resolved) {
  return fmt::format(
      "the widest point of the graph for {} tokens over {} cells, {} logits rows, flash attention {} "
      "(llama.cpp {}, ggml/src/ggml-alloc.c)",
      resolved.ubatch, grouped(resolved.cells), resolved.outputs, resolved.flash_attention ? "on" : "off",
      version);
}

std::string why_output(const Architecture& architecture, std::uint64_t rows) {
  return fmt::format("4 bytes × {} tokens of the vocabulary × {} rows (llama.cpp {}, src/llama-context.cpp)",
                     grouped(architecture.vocab_size), rows, version);
}

std::vector<DeviceEstimate> allocate(const Model& model, const Workload& workload, Reasons reasons) {
  const Architecture& architecture = model.architecture;
  require_gguf(architecture);
  const ResolvedWorkload resolved = resolve(architecture, workload);
  const std::vector<CacheTensor> cache = cache_tensors(architecture, workload, resolved);
  const Bytes state = recurrent_state_bytes(architecture, resolved.sequences);
  const ComputeBuffers compute =
      compute_buffers(architecture, graph_settings(architecture, workload, resolved));
  const std::uint64_t output_rows = std::max(resolved.outputs, resolved.sequences);
  const auto said = [&](auto why) { return reasons == Reasons::full ? why() : std::string(); };

  DeviceEstimate gpu{"gpu0", {}}, host{"host", {}};
  DeviceEstimate& memory = workload.kv_offload ? gpu : host;
  memory.terms.push_back(term(TermKind::kv_cache, kv_cache_bytes(cache), Basis::exact,
                              said([&] { return why_cache(cache, workload, resolved); })));
  if (state > Bytes(0))
    memory.terms.push_back(
        term(TermKind::recurrent_state, state, Basis::exact, said([&] { return why_state(resolved); })));
  gpu.terms.push_back(term(TermKind::compute_buffer, compute.device, Basis::derived,
                           said([&] { return why_compute(resolved); })));
  host.terms.push_back(term(TermKind::compute_buffer, compute.host, Basis::derived,
                            said([&] { return why_compute(resolved); })));
  host.terms.push_back(term(TermKind::output_buffer, Bytes(4) * architecture.vocab_size * output_rows,
                            Basis::exact, said([&] { return why_output(architecture, output_rows); })));
  return {std::move(gpu), std::move(host)};
}

Bytes per_token(const Model& model, const Workload& workload) {
  return kv_bytes_per_token(model.architecture, workload);
}

// The CUDA context and what its libraries take: 107 MiB on an RTX 4060 Ti with 34 multiprocessors, 555 MiB on
// an RTX PRO 6000 with 188 (llama.cpp pull request 23604), so about 60 MiB and 2.7 MiB for each; 120 to 550
// MiB over all cards (pull request 20595). Pools for quantized activations come with the first decode: tens
// of MiB, and up to a few hundred with a large ubatch, which the high bound allows for.
Amount cuda_context(std::uint32_t multiprocessors) {
  constexpr std::uint64_t pools = 100;
  if (multiprocessors == 0) return {Bytes(150 * MiB), Bytes(350 * MiB), Bytes((550 + pools) * MiB)};
  const std::uint64_t context = std::clamp<std::uint64_t>(60 + multiprocessors * 27ull / 10, 100, 600);
  return {Bytes(context * 3 / 4 * MiB), Bytes(context * MiB), Bytes((context * 5 / 4 + pools) * MiB)};
}

Amount metal_context() { return {Bytes(0), Bytes(50 * MiB), Bytes(150 * MiB)}; }

Amount times(const Amount& one, std::uint32_t count) {
  return {one.low * count, one.best * count, one.high * count};
}

Term overhead(const Model&, const Weighing&, const TargetDevice& device, Reasons reasons) {
  const Amount one =
      device.dedicated_context ? cuda_context(device.streaming_multiprocessors) : metal_context();
  Term term{TermKind::runtime_overhead, times(one, device.count), Basis::assumed, {}};
  if (reasons == Reasons::full)
    term.why = device.dedicated_context
                   ? "CUDA context and libraries: 107 MiB on an RTX 4060 Ti to 555 MiB on an RTX PRO 6000 "
                     "(llama.cpp pull requests 20595, 23604), and pools of the first decode"
                   : "Metal keeps pipelines and command buffers; no context of its own (assumed, unmeasured)";
  return term;
}

}  // namespace

Runtime runtime() {
  return {
      "llama.cpp", "llama-server of llama.cpp", version, 1, resolve, weigh, weigh_stored, allocate, per_token,
      overhead};
}

}  // namespace vramcalc::llama_cpp
