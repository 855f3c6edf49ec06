#include "runtime/llama_cpp/terms.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/llama_cpp/backend.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::llama_cpp {

void require_gguf(const Architecture& architecture) {
  if (architecture.gguf_name.empty())
    throw Error(ErrorCode::unsupported,
                fmt::format("llama.cpp {} cannot convert {} models to GGUF, so it cannot run this one",
                            version, architecture.model_type));
}

std::uint64_t output_rows(const ResolvedContext& resolved) {
  return std::max(resolved.outputs, resolved.sequences);
}

Bytes output_buffer_bytes(const Architecture& architecture, const ContextParams& params,
                          const ResolvedContext& resolved) {
  const std::uint64_t rows = output_rows(resolved);
  const Bytes logits = Bytes(4) * architecture.vocab_size * rows;
  const Bytes state = Bytes(4) * architecture.hidden_size;
  if (params.predicts || architecture.draft_head) {
    // Logits, probabilities and candidates of the samplers, and the token that each chose.
    const Bytes samples = params.samples_on_device ? logits * 3 + Bytes(4) * rows : Bytes(0);
    return logits + state * rows + samples;
  }
  const std::uint64_t extracted = params.extracted_layers.size() + (params.load_mtp ? 1 : 0);
  return logits + state * resolved.batch * extracted;
}

Term term(TermKind kind, Bytes bytes, Basis basis, std::string why) {
  return {kind, Amount::exactly(bytes), basis, std::move(why)};
}

std::string why_cache(const std::vector<CacheTensor>& tensors, const ContextParams& params,
                      const ResolvedContext& resolved) {
  const auto windowed =
      std::count_if(tensors.begin(), tensors.end(), [](const CacheTensor& t) { return t.windowed; });
  std::uint64_t row = 0;
  for (const CacheTensor& tensor : tensors)
    if (!tensor.windowed) row += tensor.row;
  std::string why =
      fmt::format("{} tensors: {} elements per token × {} cells × {} stream{} at {}/{}", tensors.size(),
                  grouped(row), grouped(resolved.cells), resolved.streams, resolved.streams == 1 ? "" : "s",
                  to_string(params.cache_type_k), to_string(params.cache_type_v));
  if (windowed > 0) why += fmt::format("; {} of them hold only a sliding window", windowed);
  return why + fmt::format(" (llama.cpp {}, src/llama-kv-cache.cpp)", version);
}

std::string why_state(const ResolvedContext& resolved) {
  const std::string each =
      resolved.states_per_sequence > 1
          ? fmt::format(" × {} states, to which rejected drafts return,", resolved.states_per_sequence)
          : "";
  return fmt::format(
      "f32 state of every recurrent layer × {} sequences{} regardless of the context (llama.cpp {}, "
      "src/llama-memory-recurrent.cpp)",
      resolved.sequences, each.empty() ? "," : each, version);
}

std::string why_compute(const Architecture& architecture, const ResolvedContext& resolved,
                        const ContextParams& params, Backend backend) {
  const std::string interval = why_interval(architecture, params, backend);
  return fmt::format(
      "the widest point of the graph for {} tokens over {} cells, {} logits rows, flash attention {} "
      "(llama.cpp {}, ggml/src/ggml-alloc.c){}{}",
      resolved.ubatch, grouped(resolved.cells),
      params.rules.all_logits == Applies::yes ? resolved.ubatch : resolved.outputs,
      resolved.flash_attention ? "on" : "off", version, interval.empty() ? "" : "; ", interval);
}

std::string why_output(const Architecture& architecture, const ContextParams& params,
                       const ResolvedContext& resolved) {
  std::string also;
  if ((params.load_mtp && !params.predicts) || !params.extracted_layers.empty())
    also = fmt::format(", and the hidden states of {} tokens", grouped(resolved.batch));
  if (params.predicts || architecture.draft_head)
    also = params.samples_on_device ? ", their hidden states and their samples" : ", and their hidden states";
  return fmt::format(
      "4 bytes × {} tokens of the vocabulary × {} rows{} (llama.cpp {}, src/llama-context.cpp)",
      grouped(architecture.vocab_size), output_rows(resolved), also, version);
}

}  // namespace vramcalc::llama_cpp
