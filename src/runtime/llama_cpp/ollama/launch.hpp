#pragma once

#include <cstdint>
#include <vector>

#include "vramcalc/architecture.hpp"
#include "vramcalc/backend.hpp"
#include "vramcalc/bytes.hpp"
#include "vramcalc/llama_cpp/options.hpp"

// How Ollama starts llama-server (0.33 to 0.35: server/sched.go, server/routes.go, llm/llama_server.go,
// ml/device.go). It passes -c, -np, -b, -ub and -fa, and leaves the layers to llama-server's own fit.
namespace vramcalc::llama_cpp::ollama {

// GPUs as Ollama sees them; no memory if they are unknown.
struct Gpus {
  std::vector<Bytes> free;
  Backend backend = Backend::cuda;
  std::uint32_t capability = 0;  // the least compute capability of NVIDIA's: 90 for 9.0; 0 for others
  Bytes sum() const;
};

// The context of a slot by the memory of all GPUs, at most the model's own.
std::uint64_t default_context(Bytes total, std::uint64_t trained);

// Architectures whose slots are not used at once, whatever OLLAMA_NUM_PARALLEL says.
bool takes_one_slot(const Architecture& architecture);

// Ollama's own guess: the file, and a cache in f16 with the fewest KV heads of any layer.
Bytes predicted(const Architecture& architecture, Bytes file, std::uint64_t tokens);

// Flash attention as it is passed on: what the user says, and off for GPUs that do not have it.
FlashAttention flash_attention(FlashAttention asked, const Gpus& gpus);

// -b and -ub, which are the same. `tokens` are those of all slots, `guess` is from predicted().
std::uint32_t batch_for(const Architecture& architecture, std::uint64_t tokens, Bytes guess,
                        FlashAttention flash_attention, const Gpus& gpus);

// The GPU that is enough for the whole model by that guess; -1 if all GPUs are used.
int only_gpu(Bytes guess, const Gpus& gpus);

}  // namespace vramcalc::llama_cpp::ollama
