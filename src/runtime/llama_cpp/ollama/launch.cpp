#include "runtime/llama_cpp/ollama/launch.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "vramcalc/weights.hpp"

namespace vramcalc::llama_cpp::ollama {

Bytes Gpus::sum() const { return std::accumulate(free.begin(), free.end(), Bytes()); }

// server/routes.go, "vram-based default context"
std::uint64_t default_context(Bytes total, std::uint64_t trained) {
  struct Tier {
    std::uint64_t gib, tokens;
  };
  constexpr std::array tiers = {
      Tier{47, 262144},
      Tier{23, 32768 },
      Tier{0,  4096  }
  };
  const auto tier =
      std::ranges::find_if(tiers, [&](const Tier& each) { return total >= Bytes(each.gib * GiB); });
  return std::min(tier->tokens, trained);
}

// server/sched.go, load
bool takes_one_slot(const Architecture& architecture) {
  constexpr std::array<std::string_view, 11> one_slot = {
      "mllama", "qwen3vl", "qwen3vlmoe", "qwen35",         "qwen35moe",      "qwen3next",
      "lfm2",   "lfm2moe", "nemotron_h", "nemotron_h_moe", "nemotron_h_omni"};
  return !architecture.causal || std::ranges::find(one_slot, architecture.gguf_name) != one_slot.end();
}

namespace {

// As attention.head_count_kv has it: one number for layers of Gated DeltaNet or lightning attention, 0 for
// other layers without a KV cache.
constexpr std::uint32_t not_said = UINT32_MAX;

struct KvHeads {
  template <class Attention>
  std::uint32_t operator()(const Attention& attention) const {
    if constexpr (requires { attention.kv_heads; }) return attention.kv_heads;
    if constexpr (requires { attention.attention.kv_heads; }) return attention.attention.kv_heads;
    if constexpr (requires { attention.absorbed; }) return attention.absorbed ? 1 : attention.heads;
    return 0;
  }
  std::uint32_t operator()(const CompressedAttention&) const { return 1; }
  std::uint32_t operator()(const GatedDeltaNet&) const { return not_said; }
  std::uint32_t operator()(const LightningAttention&) const { return not_said; }
};

std::uint32_t fewest_kv_heads(const Architecture& architecture) {
  std::uint32_t fewest = not_said;
  for (const Block& block : architecture.blocks)
    fewest = std::min(fewest, std::visit(KvHeads{}, block.attention));
  return fewest == not_said || fewest == 0 ? 1 : fewest;
}

}  // namespace

// llm/llama_server.go, PredictServerVRAM
Bytes predicted(const Architecture& architecture, Bytes file, std::uint64_t tokens) {
  const ShapeFacts facts = shape_facts(architecture);
  const std::uint64_t head = facts.heads == 0 ? 0 : architecture.hidden_size / facts.heads;
  const std::uint64_t row = checked_multiply(std::uint64_t{2} * facts.block_count * 2,
                                             checked_multiply(fewest_kv_heads(architecture), head));
  return file + Bytes(checked_multiply(row, tokens));
}

// ml/device.go, FlashAttentionSupported
FlashAttention flash_attention(FlashAttention asked, const Gpus& gpus) {
  constexpr std::uint32_t pascal = 60, xavier = 72;
  if (asked != FlashAttention::automatic || gpus.backend != Backend::cuda || gpus.capability == 0)
    return asked;
  const bool has_it = gpus.capability >= pascal && gpus.capability != xavier;
  return has_it ? FlashAttention::automatic : FlashAttention::off;
}

namespace {

Bytes percent(Bytes bytes, std::uint64_t percentage) { return Bytes(bytes.count() / 100 * percentage); }

// A batch that Ollama takes above a number of tokens if its guess leaves room: at most so many percent of the
// free memory, and with the surcharge at most 80.
struct Step {
  std::uint64_t above;
  std::uint32_t batch;
  std::uint64_t most_percent;
  Bytes surcharge;
};
constexpr std::array steps = {
    Step{32768, 2048, 60, Bytes(2048 * MiB)},
    Step{4096,  1024, 75, Bytes(768 * MiB) },
};
constexpr std::uint32_t usual_batch = 512, constrained_batch = 256, batch_of_embeddings = 2048;
constexpr std::uint64_t load_percent = 80;

bool has_room(const Step& step, Bytes guess, Bytes free) {
  if (free == Bytes()) return true;
  return guess <= percent(free, step.most_percent) && guess + step.surcharge <= percent(free, load_percent);
}

}  // namespace

// server/sched.go, automaticGenerationBatch
std::uint32_t batch_for(const Architecture& architecture, std::uint64_t tokens, Bytes guess,
                        FlashAttention flash_attention, const Gpus& gpus) {
  constexpr Bytes small_gpu(8 * GiB);
  if (!architecture.causal)
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(batch_of_embeddings, tokens));
  if (flash_attention == FlashAttention::off && gpus.backend == Backend::cuda) {
    const auto is_small = [&](Bytes free) { return free > Bytes() && free <= small_gpu; };
    const bool is_constrained = tokens > steps.back().above && std::ranges::any_of(gpus.free, is_small);
    return is_constrained ? constrained_batch : usual_batch;
  }
  for (const Step& step : steps)
    if (tokens > step.above && has_room(step, guess, gpus.sum())) return step.batch;
  return usual_batch;
}

// server/sched.go, bestSingleGPUFit
int only_gpu(Bytes guess, const Gpus& gpus) {
  const auto most = std::ranges::max_element(gpus.free);
  if (gpus.free.size() < 2 || guess > percent(*most, load_percent)) return -1;
  return static_cast<int>(most - gpus.free.begin());
}

}  // namespace vramcalc::llama_cpp::ollama
