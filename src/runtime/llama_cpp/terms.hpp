#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/llama_cpp/kv_cache.hpp"
#include "vramcalc/architecture.hpp"
#include "vramcalc/estimate.hpp"
#include "vramcalc/runtime.hpp"

// What the terms of every device have in common: how they are made, and what is said of them.
namespace vramcalc::llama_cpp {

inline constexpr std::string_view version = "0.5.0";

// Error (unsupported) for a model that no converter takes.
void require_gguf(const Architecture& architecture);

// Logits that the host keeps: 4 bytes for each token of the vocabulary, a row an output and at least one a
// sequence (src/llama-context.cpp).
std::uint64_t output_rows(const ResolvedWorkload& resolved);
Bytes output_buffer_bytes(const Architecture& architecture, const ResolvedWorkload& resolved);

Term term(TermKind kind, Bytes bytes, Basis basis, std::string why);

std::string why_cache(const std::vector<CacheTensor>& tensors, const Workload& workload,
                      const ResolvedWorkload& resolved);
std::string why_state(const ResolvedWorkload& resolved);
std::string why_compute(const ResolvedWorkload& resolved, const Workload& workload, Backend backend);
std::string why_output(const Architecture& architecture, std::uint64_t rows);

}  // namespace vramcalc::llama_cpp
