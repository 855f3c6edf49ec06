#pragma once

#include <cstdint>
#include <optional>

#include "vramcalc/element_type.hpp"

namespace vramcalc {

enum class FlashAttention { automatic, on, off };

// What the runtime is asked to do. Names and defaults are llama-server's (llama.cpp 0.5.0, common/arg.cpp);
// an empty optional means that the flag was not given, which is not the same as any value of it.
struct Workload {
  std::optional<std::uint64_t> context;         // -c, tokens over all slots; empty: the model's full context
  std::optional<std::uint32_t> parallel;        // -np; empty: four slots over one unified cache
  std::optional<bool> kv_unified;               // -kvu, -no-kvu; only with an explicit -np
  ElementType cache_type_k = ElementType::f16;  // -ctk
  ElementType cache_type_v = ElementType::f16;  // -ctv
  std::uint32_t batch = 2048;                   // -b, tokens
  std::uint32_t ubatch = 512;                   // -ub, tokens
  FlashAttention flash_attention = FlashAttention::automatic;  // -fa
  bool swa_full = false;                                       // --swa-full
  std::uint32_t draft_tokens = 0;  // --draft-max, drafted at once by a model beside it; 0: none is
  bool kv_offload = true;          // false: --no-kv-offload
  // A row of logits is reserved for every token of a micro-batch, as builds before June 2026 (llama.cpp pull
  // request 23861), llama-bench, llama-fit-params and bindings do; else for those that are asked for.
  bool reserves_all_logits = false;
  friend bool operator==(const Workload&, const Workload&) = default;
};

}  // namespace vramcalc
