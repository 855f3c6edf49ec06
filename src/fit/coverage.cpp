#include "vramcalc/coverage.hpp"

#include <array>

namespace vramcalc {
namespace {

using enum TermKind;
using enum Certainty;

// What docs/accuracy.md says, for programs. Other placements (several GPUs, parts in host memory)
// are as exact as one GPU. A release that is not listed is an interval wherever its rules differ.
// clang-format off
constexpr std::array rows{
    Coverage{"llama.cpp", "0.5.0",            "cuda",   weights,          exact,    "compute"},
    Coverage{"llama.cpp", "0.5.0",            "cuda",   kv_cache,         exact,    "compute"},
    Coverage{"llama.cpp", "0.5.0",            "cuda",   recurrent_state,  exact,    "compute"},
    Coverage{"llama.cpp", "0.5.0",            "cuda",   compute_buffer,   exact,    "compute_cuda"},
    Coverage{"llama.cpp", "0.5.0",            "cuda",   runtime_overhead, interval, "cuda_contexts.tsv"},
    Coverage{"llama.cpp", "0.5.0",            "rocm",   weights,          exact,    "compute_cuda"},
    Coverage{"llama.cpp", "0.5.0",            "rocm",   kv_cache,         exact,    "compute_cuda"},
    Coverage{"llama.cpp", "0.5.0",            "rocm",   recurrent_state,  exact,    "compute_cuda"},
    Coverage{"llama.cpp", "0.5.0",            "rocm",   compute_buffer,   exact,    "compute_cuda"},
    Coverage{"llama.cpp", "0.5.0",            "rocm",   runtime_overhead, untested, ""},
    Coverage{"llama.cpp", "0.5.0",            "metal",  weights,          interval, ""},
    Coverage{"llama.cpp", "0.5.0",            "metal",  kv_cache,         interval, ""},
    Coverage{"llama.cpp", "0.5.0",            "metal",  recurrent_state,  interval, ""},
    Coverage{"llama.cpp", "0.5.0",            "metal",  compute_buffer,   exact,    "compute_metal.tsv"},
    Coverage{"llama.cpp", "0.5.0",            "metal",  runtime_overhead, untested, ""},
    Coverage{"llama.cpp", "0.5.0",            "vulkan", weights,          interval, ""},
    Coverage{"llama.cpp", "0.5.0",            "vulkan", kv_cache,         interval, ""},
    Coverage{"llama.cpp", "0.5.0",            "vulkan", recurrent_state,  interval, ""},
    Coverage{"llama.cpp", "0.5.0",            "vulkan", compute_buffer,   interval, "compute_vulkan.tsv"},
    Coverage{"llama.cpp", "0.5.0",            "vulkan", runtime_overhead, untested, ""},
    Coverage{"llama.cpp", "0.5.0",            "sycl",   weights,          untested, ""},
    Coverage{"llama.cpp", "0.5.0",            "sycl",   kv_cache,         untested, ""},
    Coverage{"llama.cpp", "0.5.0",            "sycl",   recurrent_state,  untested, ""},
    Coverage{"llama.cpp", "0.5.0",            "sycl",   compute_buffer,   untested, ""},
    Coverage{"llama.cpp", "0.5.0",            "sycl",   runtime_overhead, untested, ""},
    Coverage{"llama.cpp", "0.5.0",            "cpu",    weights,          interval, "compute_cpu.tsv"},
    Coverage{"llama.cpp", "0.5.0",            "cpu",    kv_cache,         exact,    "compute_cpu.tsv"},
    Coverage{"llama.cpp", "0.5.0",            "cpu",    recurrent_state,  exact,    "compute_cpu.tsv"},
    Coverage{"llama.cpp", "0.5.0",            "cpu",    compute_buffer,   exact,    "compute_cpu.tsv"},
    Coverage{"llama.cpp", "0.5.0",            "cpu",    runtime_overhead, untested, ""},
    Coverage{"llama.cpp", "before 0.5.0",     "cuda",   compute_buffer,   interval, "compute_of_backends.tsv"},
    Coverage{"llama.cpp", "b12211",           "cpu",    weights,          interval, "newer_engine.tsv"},
    Coverage{"llama.cpp", "b12211",           "cpu",    kv_cache,         exact,    "newer_engine.tsv"},
    Coverage{"llama.cpp", "b12211",           "cpu",    recurrent_state,  exact,    "newer_engine.tsv"},
    Coverage{"llama.cpp", "b12211",           "cpu",    compute_buffer,   interval, "newer_engine.tsv"},
    Coverage{"llama.cpp", "b12211",           "cuda",   weights,          untested, ""},
    Coverage{"llama.cpp", "b12211",           "cuda",   kv_cache,         untested, ""},
    Coverage{"llama.cpp", "b12211",           "cuda",   recurrent_state,  untested, ""},
    Coverage{"llama.cpp", "b12211",           "cuda",   compute_buffer,   untested, ""},
    Coverage{"vllm",      "0.6.3 to 0.25.1",  "cuda",   weights,          interval, "vllm_starts.tsv"},
    Coverage{"vllm",      "0.6.3 to 0.25.1",  "cuda",   kv_cache,         exact,    "vllm_starts.tsv"},
    Coverage{"vllm",      "0.6.3 to 0.25.1",  "cuda",   activation_peak,  interval, "vllm_starts.tsv"},
    Coverage{"vllm",      "0.6.3 to 0.25.1",  "cuda",   cuda_graphs,      interval, "vllm_starts.tsv"},
    Coverage{"vllm",      "0.6.3 to 0.25.1",  "cuda",   non_torch,        interval, "vllm_starts.tsv"},
    Coverage{"vllm",      "0.26 to 0.28",     "cuda",   weights,          untested, ""},
    Coverage{"vllm",      "0.26 to 0.28",     "cuda",   kv_cache,         untested, ""},
    Coverage{"vllm",      "0.26 to 0.28",     "cuda",   activation_peak,  untested, ""},
    Coverage{"vllm",      "0.26 to 0.28",     "cuda",   cuda_graphs,      untested, ""},
    Coverage{"vllm",      "0.26 to 0.28",     "cuda",   non_torch,        untested, ""},
    Coverage{"sglang",    "0.5.13 to 0.5.21", "cuda",   weights,          interval, "sglang_starts.tsv"},
    Coverage{"sglang",    "0.5.13 to 0.5.21", "cuda",   kv_cache,         exact,    "sglang_starts.tsv"},
    Coverage{"sglang",    "0.5.13 to 0.5.21", "cuda",   activation_peak,  interval, "sglang_starts.tsv"},
    Coverage{"sglang",    "0.5.13 to 0.5.21", "cuda",   cuda_graphs,      interval, "sglang_starts.tsv"},
};
// clang-format on

}  // namespace

std::string_view to_string(Certainty certainty) {
  switch (certainty) {
    case exact: return "exact";
    case interval: return "interval";
    case untested: return "untested";
  }
  return "unknown";
}

std::span<const Coverage> coverage() { return rows; }

}  // namespace vramcalc
