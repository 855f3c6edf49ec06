#pragma once

#include <cstdint>
#include <optional>

#include "vramcalc/architecture.hpp"
#include "vramcalc/machine.hpp"
#include "vramcalc/serving/parallel.hpp"
#include "vramcalc/sglang/options.hpp"

namespace vramcalc::sglang {

// --mem-fraction-static with its bounds: the default of multimodal models depends on the vision tower's
// config, and that of some releases on rules that are only known to one release.
struct Fraction {
  double low = 0, best = 0, high = 0;
  static constexpr Fraction exactly(double value) { return {value, value, value}; }
  friend bool operator==(const Fraction&, const Fraction&) = default;
};

// The parameters of an engine with all defaults filled in (sglang/srt/server_args.py and
// srt/arg_groups/memory_hook.py).
struct Settings {
  Release release;
  // Of attention. With DP attention `tensor` is tp_size / dp_size, and `data` is dp_size.
  serving::Parallel parallel;
  std::uint32_t replicas = 1;  // whole copies of the engine: --dp-size without --enable-dp-attention
  Fraction mem_fraction_static;
  std::uint64_t context_length = 0;                   // tokens
  std::uint32_t chunked_prefill_size = 0;             // tokens; 0 if prompts are not cut
  std::uint32_t cuda_graph_max_bs = 0;                // requests; 0 without CUDA graphs
  std::uint32_t decode_graphs = 0;                    // captured batch sizes
  std::uint32_t prefill_graphs = 0;                   // captured token counts
  std::uint32_t page_size = 1;                        // tokens
  std::optional<std::uint32_t> max_running_requests;  // per attention rank; empty if not limited
  std::optional<std::uint64_t> max_total_tokens;
  CacheType kv_cache_dtype = CacheType::bfloat16;  // never automatic
  bool raw_sparse_layout = false;                  // sparse MLA in 8 bits without scales (TRT-LLM kernels)
  bool radix_cache = true;
  bool multimodal = false;
  double swa_full_tokens_ratio = 0.8;         // tokens of window layers over those of full layers
  double mamba_full_memory_ratio = 0.9;       // recurrent states over the KV cache
  std::uint32_t state_slots_per_request = 3;  // recurrent states
  serving::Drafts drafts;
  friend bool operator==(const Settings&, const Settings&) = default;
};

// All GPUs of one engine that share a layer.
inline std::uint32_t tp_size(const Settings& settings) {
  return settings.parallel.tensor * settings.parallel.data;
}

// Multi-head latent attention, and with an indexer that picks the tokens (DeepSeek V3.2, GLM-5).
bool uses_latent_attention(const Architecture& architecture);
bool uses_sparse_latent_attention(const Architecture& architecture);
bool has_recurrent_state(const Architecture& architecture);

// Whether window layers have a pool of their own. SGLang has a list of such models; the window layers of all
// others keep every token (srt/configs/model_config.py, is_hybrid_swa_model).
bool has_window_pool(const Architecture& architecture, const Release& release);

// `gpus` is the number of GPUs, for when --tp is not given. Error (bad_value) for a combination that SGLang
// refuses.
Settings resolve(const Options& options, const Architecture& architecture, const TargetDevice& device,
                 std::uint64_t context_length, std::uint32_t gpus);

}  // namespace vramcalc::sglang
