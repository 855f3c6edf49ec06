#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <vector>

#include "runtime/llama_cpp/overhead.hpp"
#include "support/measured_rows.hpp"

// tests/measured/cuda_contexts.tsv: what CUDA keeps of a GPU for itself.
namespace vramcalc::test {

struct CudaContext {
  std::string card;
  std::uint32_t multiprocessors = 0;
  Bytes bytes;
};

inline std::vector<CudaContext> cuda_contexts() {
  std::vector<CudaContext> contexts;
  read_measured_rows("cuda_contexts.tsv", [&](std::istream& words) {
    CudaContext context;
    std::uint64_t mib = 0;
    words >> context.card >> context.multiprocessors >> mib;
    context.bytes = Bytes(mib * MiB);
    contexts.push_back(std::move(context));
  });
  return contexts;
}

inline Amount overhead_on(std::uint32_t multiprocessors) {
  TargetDevice device;
  device.streaming_multiprocessors = multiprocessors;
  return llama_cpp::overhead_bytes(device);
}

}  // namespace vramcalc::test
