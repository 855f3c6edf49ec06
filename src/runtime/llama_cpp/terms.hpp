#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/llama_cpp/kv_cache.hpp"
#include "runtime/llama_cpp/resolved_context.hpp"
#include "vramcalc/architecture.hpp"
#include "vramcalc/estimate.hpp"

// What the terms of every device have in common: how they are made, and what is said of them.
namespace vramcalc::llama_cpp {

inline constexpr std::string_view version = "0.5.0";

// Error (unsupported) for a model that no converter takes.
void require_gguf(const Architecture& architecture);

// Logits that the host keeps: 4 bytes for each token of the vocabulary, a row an output and at least one a
// sequence (src/llama-context.cpp).
std::uint64_t output_rows(const ResolvedContext& resolved);
Bytes output_buffer_bytes(const Architecture& architecture, const ResolvedContext& resolved);

Term term(TermKind kind, Bytes bytes, Basis basis, std::string why);

std::string why_cache(const std::vector<CacheTensor>& tensors, const ContextParams& params,
                      const ResolvedContext& resolved);
std::string why_state(const ResolvedContext& resolved);
std::string why_compute(const ResolvedContext& resolved, const ContextParams& params, Backend backend);
std::string why_output(const Architecture& architecture, std::uint64_t rows);

// Says of each of these terms, in one line, why it is what it is.
void give_reasons(const Architecture& architecture, const ContextParams& params, const ResolvedContext& resolved,
                  Backend backend, std::vector<PlaceEstimate>& places);

}  // namespace vramcalc::llama_cpp
