#include "runtime/llama_cpp/overhead.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace vramcalc::llama_cpp {
namespace {

// The CUDA context and its libraries: about 3 MiB per multiprocessor, 107 MiB on an RTX 4060 Ti with 34 and
// 555 MiB on an RTX PRO 6000 with 188 (llama.cpp pull request 23604); 120 to 550 MiB over all cards (pull
// request 20595). A margin of a fifth covers every card of tests/measured/cuda_contexts.tsv, including those
// to which the slope was not fitted. The first decode adds pools for quantized activations: tens of MiB, and
// more with a large ubatch, which the high bound allows for.
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

// Without a GPU: 11 to 29 MiB after loading five models with 0.5.0, and 340 MiB with the 80 billion
// parameters of qwen3-next; the vocabulary and the work memory of the threads come on top.
Amount process_memory() { return {Bytes(10 * MiB), Bytes(60 * MiB), Bytes(400 * MiB)}; }

Amount context_of(const TargetDevice& device) {
  switch (device.backend) {
    case Backend::cuda:
    case Backend::rocm: return cuda_context(device.streaming_multiprocessors);
    case Backend::metal: return metal_context();
    case Backend::cpu: return process_memory();
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
      return "Metal pipelines and command buffers; Metal has no context of its own (assumed, not measured)";
    case Backend::cpu:
      return "the program with its vocabulary and the work memory of its threads: 11 to 340 MiB after "
             "loading "
             "with llama.cpp 0.5.0";
    case Backend::vulkan:
    case Backend::sycl:
    case Backend::other: break;
  }
  return fmt::format(
      "the driver and the buffers of the first decode on {}: "
      "14 to 165 MiB measured with Vulkan on an RTX 4050, assumed elsewhere",
      title(backend));
}

}  // namespace

Amount overhead_bytes(const TargetDevice& device) { return times(context_of(device), device.count); }

Term overhead(const TargetDevice& device, Reasons reasons) {
  Term term{TermKind::runtime_overhead, overhead_bytes(device), Basis::assumed, {}};
  if (reasons == Reasons::full) term.why = why_overhead(device.backend);
  return term;
}

}  // namespace vramcalc::llama_cpp
