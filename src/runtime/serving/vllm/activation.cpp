#include "runtime/serving/vllm/activation.hpp"

#include <algorithm>
#include <array>

#include "runtime/serving/vllm/defaults.hpp"
#include "runtime/serving/vllm/release_row.hpp"

namespace vramcalc::vllm {
namespace {

// How often the sampler holds the logits in 32 bits, and bounds in percent. Until 0.16 top-k and top-p sort
// the logits (9.6 to 9.9 times in twelve of fifteen logs), from 0.17 a Triton kernel does, and from 0.21
// FlashInfer, after a second warm-up. Earlier releases also use FlashInfer where it is enabled, with 3.7
// to 4.9 times.
struct SamplerRow {
  Release since;
  std::uint64_t copies_in_tenths;
  std::uint64_t low_percent, high_percent, forward_percent;
};
constexpr std::array sampler_rows = {
    SamplerRow{{0, 8, 0},  97, 38, 119, 100},
    SamplerRow{{0, 17, 0}, 55, 65, 160, 100},
    SamplerRow{{0, 21, 0}, 50, 30, 280, 110},
};

// The forward pass alone explains starts with few sequences to within a tenth; compiled kernels may need
// less.
constexpr std::uint64_t forward_low_percent = 60;

constexpr std::uint64_t float32 = 4, sixteen_bits = 2;

Bytes percent(Bytes bytes, std::uint64_t percent) {
  return Bytes(checked_multiply(bytes.count() / 100, percent));
}

// Intermediate values per token that are alive at once in the feed-forward part.
std::uint64_t feed_forward_values(const FeedForward& part, std::uint64_t hidden, std::uint64_t tensor) {
  if (const auto* dense = std::get_if<DenseFeedForward>(&part))
    return checked_multiply(3, dense->width) / tensor;
  const auto* moe = std::get_if<MixtureOfExperts>(&part);
  if (moe == nullptr) return 0;
  const std::uint64_t width = moe->latent > 0 ? moe->latent : hidden;
  return checked_multiply(moe->experts_used, 2 * std::uint64_t{moe->width} / tensor + width);
}

// The dummy run of a vision or audio encoder with the largest items: nothing where the language model takes
// more, and several GiB for an image of 16,384 tokens.
Amount encoder_peak(const Options& options, const Architecture& architecture) {
  const bool runs =
      !architecture.towers.empty() && !options.language_model_only && !options.skip_mm_profiling;
  return runs ? Amount{{}, Bytes(3 * GiB / 10), Bytes(3 * GiB)} : Amount{};
}

// Sparse attention over latents gathers the chosen rows of several sequences, and the indexer's keys, in
// workspaces that are sized for the full length.
Bytes sparse_workspace(const Settings& settings, const Architecture& architecture) {
  const auto sparse = std::ranges::find_if(architecture.blocks, [](const Block& block) {
    const auto* latent = std::get_if<LatentAttention>(&block.attention);
    return latent != nullptr && latent->indexer.has_value();
  });
  if (sparse == architecture.blocks.end()) return {};
  const auto& latent = std::get<LatentAttention>(sparse->attention);
  const std::uint64_t row = sixteen_bits * (std::uint64_t{latent.kv_lora_rank} + latent.qk_rope_head_dim);
  const std::uint64_t key = latent.indexer->key_length + float32;
  return Bytes(settings.max_model_len) * (5 * row + 40 * key);
}

}  // namespace

Bytes sampler_peak(const Settings& settings, const Architecture& architecture) {
  if (!architecture.causal || !architecture.has_output) return {};
  const std::uint64_t rows = std::min(settings.max_num_seqs, settings.max_num_batched_tokens);
  const Bytes logits = Bytes(checked_multiply(rows, architecture.checkpoint_vocab_size)) * float32;
  return Bytes(checked_multiply(logits.count(), row_for(sampler_rows, settings.release).copies_in_tenths) /
               10);
}

Bytes forward_peak(const Settings& settings, const Architecture& architecture) {
  std::uint64_t values = 0;
  for (const Block& block : architecture.blocks)
    values = std::max(
        values, feed_forward_values(block.feed_forward, architecture.hidden_size, settings.parallel.tensor));
  values = checked_add(values, checked_multiply(4, architecture.hidden_size));
  return percent(Bytes(checked_multiply(values, settings.max_num_batched_tokens)) * sixteen_bits,
                 row_for(sampler_rows, settings.release).forward_percent);
}

// Workspaces of FP8 and NVFP4 experts take up to 1.8 times the forward pass, and a first start also counts
// what the compiler tries out.
Amount activation_peak(const Settings& settings, const Options& options, const Architecture& architecture) {
  const SamplerRow& row = row_for(sampler_rows, settings.release);
  const Bytes sampler = sampler_peak(settings, architecture), forward = forward_peak(settings, architecture);
  const Bytes larger = std::max(sampler, forward);
  const Bytes low = std::max(percent(sampler, row.low_percent), percent(forward, forward_low_percent));
  const Bytes workspaces = has_experts(architecture) ? percent(forward, 180) : Bytes();
  const Bytes high = std::max(percent(larger, row.high_percent), workspaces) + Bytes(128 * MiB);
  return Amount{std::min(low, larger), larger, high} + encoder_peak(options, architecture) +
         Amount::exactly(sparse_workspace(settings, architecture));
}

}  // namespace vramcalc::vllm
