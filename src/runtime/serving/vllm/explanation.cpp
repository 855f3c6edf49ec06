#include "runtime/serving/vllm/explanation.hpp"

#include <fmt/format.h>

#include "runtime/serving/vllm/activation.hpp"
#include "runtime/serving/vllm/block_cache.hpp"

namespace vramcalc::vllm {
namespace {

std::string version_of(const Release& release) {
  return release.patch == 0 ? fmt::format("vLLM {}.{}", release.major, release.minor)
                            : fmt::format("vLLM {}.{}.{}", release.major, release.minor, release.patch);
}

void add_bytes(std::string& text, Bytes bytes, std::string_view what) {
  if (bytes > Bytes()) text += fmt::format(" + {} bytes of {}", grouped(bytes.count()), what);
}

std::string split_of(const serving::Parallel& parallel) {
  std::string text;
  if (parallel.tensor > 1) text += fmt::format(" -tp {}", parallel.tensor);
  if (parallel.pipeline > 1) text += fmt::format(" -pp {}", parallel.pipeline);
  if (parallel.data > 1) text += fmt::format(" -dp {}", parallel.data);
  if (parallel.experts) text += " -ep";
  return text.empty() ? "" : " under" + text;
}

std::string why_weights(const LoadedModel& model, std::string_view quantization, std::size_t stage) {
  const LoadedStage& loaded = (*model.stages)[stage];
  std::string text =
      fmt::format("{} bytes of the {} checkpoint's tensors on this rank{}", grouped(loaded.tensors.count()),
                  quantization, split_of(model.settings.parallel));
  add_bytes(text, loaded.rope_tables, "rope tables");
  add_bytes(text, loaded.buffers, "buffers");
  add_bytes(text, loaded.padding, "padded experts");
  add_bytes(text, loaded.dequantized, "projections kept in 16 bits too");
  add_bytes(text, loaded.rounding, "rounding by PyTorch's allocator");
  add_bytes(text, loaded.lora, "LoRA slots");
  add_bytes(text, loaded.draft_model, "draft model");
  return text;
}

std::string why_cache(const LoadedModel& model, const Demand& demand, std::size_t stage) {
  const KvCache& cache = *model.cache;
  std::string text = fmt::format("{} blocks × {} bytes per block for ", grouped(blocks_for(cache, demand)),
                                 grouped(cache.bytes_per_block[stage].count()));
  if (demand.requests > 0)
    text += fmt::format("{} requests of {} tokens", demand.requests, grouped(demand.tokens_per_request));
  else
    text += fmt::format("one request of {} tokens", grouped(demand.tokens));
  if (cache.groups.size() > 1) text += fmt::format(", in {} groups of layers", cache.groups.size());
  return text + ", v1/core/kv_cache_utils.py";
}

std::string why_activations(const LoadedModel& model, const Architecture& architecture) {
  return fmt::format(
      "the larger of the sampler's logits for {} sequences ({} bytes) and the forward pass of {} tokens ({} "
      "bytes)",
      grouped(model.settings.max_num_seqs), grouped(sampler_peak(model.settings, architecture).count()),
      grouped(model.settings.max_num_batched_tokens),
      grouped(forward_peak(model.settings, architecture).count()));
}

std::string why(const LoadedModel& model, const Architecture& architecture, std::string_view quantization,
                const Demand& demand, std::size_t stage, TermKind kind) {
  switch (kind) {
    case TermKind::weights: return why_weights(model, quantization, stage);
    case TermKind::kv_cache: return why_cache(model, demand, stage);
    case TermKind::activation_peak: return why_activations(model, architecture);
    case TermKind::cuda_graphs:
      return fmt::format("vLLM's estimate for {} batch sizes up to {}, from logged starts",
                         model.settings.capture_sizes, model.settings.capture_max);
    case TermKind::non_torch:
      return fmt::format("NCCL, cuBLAS and other libraries for {} GPU{}, from logged starts",
                         model.settings.parallel.ranks(), model.settings.parallel.ranks() == 1 ? "" : "s");
    default: return "";
  }
}

}  // namespace

void add_reasons(const LoadedModel& model, const Architecture& architecture, std::string_view quantization,
                 const Demand& demand, std::size_t stage, std::vector<Term>& terms) {
  for (Term& term : terms)
    term.why = fmt::format("{} ({})", why(model, architecture, quantization, demand, stage, term.kind),
                           version_of(model.settings.release));
}

}  // namespace vramcalc::vllm
