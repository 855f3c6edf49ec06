#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/llama_cpp/kv_cache.hpp"
#include "runtime/llama_cpp/resolved_context.hpp"
#include "vramcalc/architecture.hpp"
#include "vramcalc/estimate.hpp"

// How the terms of every device are made and explained.
namespace vramcalc::llama_cpp {

inline constexpr std::string_view version = "0.5.0";

// Error (unsupported) for a model that llama.cpp cannot convert.
void require_gguf(const Architecture& architecture);

// The rows of logits that the host keeps: one per output and at least one per sequence, with 4 bytes per
// token of the vocabulary (src/llama-context.cpp).
std::uint64_t output_rows(const ResolvedContext& resolved);
// With what drafts read (src/llama-context.cpp, output_reserve): the hidden states of a batch's tokens with
// the model's own rows, and in the prediction layers' context the states and samples of its rows.
Bytes output_buffer_bytes(const Architecture& architecture, const ContextParams& params,
                          const ResolvedContext& resolved);

Term term(TermKind kind, Bytes bytes, Basis basis, std::string why);

std::string why_cache(const std::vector<CacheTensor>& tensors, const ContextParams& params,
                      const ResolvedContext& resolved);
std::string why_state(const ResolvedContext& resolved);
std::string why_compute(const Architecture& architecture, const ResolvedContext& resolved,
                        const ContextParams& params, Backend backend);
std::string why_output(const Architecture& architecture, const ContextParams& params,
                       const ResolvedContext& resolved);

// Explains each of these terms in one line.
void give_reasons(const Architecture& architecture, const ContextParams& params,
                  const ResolvedContext& resolved, Backend backend, std::vector<PlaceEstimate>& places);

}  // namespace vramcalc::llama_cpp
