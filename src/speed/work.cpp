#include "speed/work.hpp"

#include <algorithm>
#include <variant>

#include "model/cache_rows.hpp"
#include "vramcalc/model.hpp"

namespace vramcalc::speed {
namespace {

double in_floating(std::uint64_t count) { return static_cast<double>(count); }
double in_floating(Bytes bytes) { return static_cast<double>(bytes.count()); }

const MixtureOfExperts* experts_of(const Block& block) {
  return block.mtp ? nullptr : std::get_if<MixtureOfExperts>(&block.feed_forward);
}

double experts_used_share(const MixtureOfExperts& moe) {
  return moe.experts == 0 ? 1 : in_floating(moe.experts_used) / in_floating(moe.experts);
}

const MixtureOfExperts* first_experts(const Architecture& architecture) {
  for (const Block& block : architecture.blocks)
    if (const MixtureOfExperts* moe = experts_of(block)) return moe;
  return nullptr;
}

template <class Counts>
double layers_with(const Architecture& architecture, Counts counts) {
  return static_cast<double>(std::ranges::count_if(
      architecture.blocks, [&](const Block& block) { return !block.mtp && counts(block); }));
}

double layers_of(const Architecture& architecture) {
  return layers_with(architecture, [](const Block&) { return true; });
}

// Alternating updates predict and correct four streams around each layer, in some twice as many kernels as
// the layer has itself (src/models/gemma3n.cpp).
double started_layers(const Architecture& architecture) {
  return layers_of(architecture) * (architecture.alternating_updates ? 3 : 1);
}

// ---- attention

// The earlier tokens that a token attends to.
double seen(const std::optional<Window>& window, double tokens) {
  return window ? std::min(tokens, in_floating(window->tokens)) : tokens;
}

// The elements that a token reads, and its multiplications and additions, for each earlier token.
struct Attended {
  double tokens = 0;
  TokenRow row;
  double flops = 0;
};

struct AttentionOver {
  double tokens;

  Attended operator()(const GroupedQueryAttention& attention) const {
    return {seen(attention.window, tokens), token_row(attention),
            2.0 * attention.heads * (attention.key_length + attention.value_length)};
  }
  Attended operator()(const LatentAttention& attention) const {
    const double width = attention.absorbed
                             ? 2.0 * attention.kv_lora_rank + attention.qk_rope_head_dim
                             : attention.qk_nope_head_dim + attention.qk_rope_head_dim + attention.v_head_dim;
    return {tokens, token_row(attention), 2.0 * attention.heads * width};
  }
  Attended operator()(const ParallelMamba2Attention& both) const { return (*this)(both.attention); }
  Attended operator()(const BlockSparseAttention& sparse) const {
    Attended all = (*this)(sparse.attention);
    all.tokens = std::min(all.tokens, 1.0 * sparse.top_k_blocks * sparse.block_size);
    return all;
  }
  // The window's tokens and one row for `compress_ratio` others.
  Attended operator()(const CompressedAttention& attention) const {
    const double near = std::min(tokens, in_floating(attention.window));
    const double far = attention.compress_ratio == 0 ? 0 : tokens / attention.compress_ratio;
    return {
        near + far, {attention.head_dim, 0},
           4.0 * attention.heads * attention.head_dim
    };
  }
  template <class AttendsToNone>
  Attended operator()(const AttendsToNone&) const {
    return {};
  }
};

Attended attended(const Block& block, double tokens) {
  return block.mtp ? Attended{} : std::visit(AttentionOver{tokens}, block.attention);
}

// Each token reads and writes them, in 32 bits.
double state_bytes(const Architecture& architecture, const Block& block) {
  const SequenceState state = sequence_state(block.attention, architecture.hidden_size);
  return block.mtp ? 0 : 2 * 4 * in_floating(state.convolution() + state.recurrence);
}

double attention_flops(const Architecture& architecture, double tokens) {
  double flops = 0;
  for (const Block& block : architecture.blocks) {
    const Attended all = attended(block, tokens);
    flops += all.tokens * all.flops;
  }
  return flops;
}

// ---- matrices

double output_parameters(const Architecture& architecture) {
  return in_floating(architecture.vocab_size) * in_floating(architecture.hidden_size);
}

// Rows of tables that are looked up, not multiplied.
double looked_up_parameters(const Architecture& architecture) {
  double tables = architecture.tied_embeddings ? 0 : output_parameters(architecture);
  if (const auto& input = architecture.per_layer_input)
    tables += in_floating(input->vocab_size) * in_floating(input->width) * layers_of(architecture);
  return tables;
}

// Those of the experts that a token uses.
double expert_parameters(const Architecture& architecture) {
  double used = 0;
  for (const Block& block : architecture.blocks)
    if (const MixtureOfExperts* moe = experts_of(block)) {
      const double in = moe->latent > 0 ? moe->latent : architecture.hidden_size;
      used += (moe->gated ? 3.0 : 2.0) * in * moe->width * moe->experts_used;
    }
  return used;
}

double share_of_experts(const Architecture& architecture) {
  const MixtureOfExperts* moe = first_experts(architecture);
  return moe == nullptr ? 1 : experts_used_share(*moe);
}

}  // namespace

double cache_read(const Architecture& architecture, std::uint64_t tokens, double key_bytes,
                  double value_bytes) {
  double bytes = 0;
  for (const Block& block : architecture.blocks) {
    const Attended all = attended(block, in_floating(tokens));
    bytes += all.tokens * (in_floating(all.row.keys) * key_bytes + in_floating(all.row.values) * value_bytes);
    bytes += state_bytes(architecture, block);
  }
  return bytes;
}

double multiplied_parameters(const Architecture& architecture) {
  return in_floating(parameters_of(architecture).active) - looked_up_parameters(architecture);
}

TokenWork token_work(const Architecture& architecture, const WeightBytes& weights, double cache_bytes,
                     double parameters) {
  TokenWork work;
  work.generates = architecture.causal && architecture.has_output && architecture.graph.computes_logits;
  const double used = work.share_of_experts = share_of_experts(architecture);
  work.low_bit = in_floating(weights.low_bit);
  work.dense =
      std::max(0.0, in_floating(weights.gpu) - in_floating(weights.experts) - in_floating(weights.looked_up));
  work.half_experts = used * in_floating(weights.half_experts);
  work.experts = used * in_floating(weights.experts);
  work.cache = cache_bytes;
  work.layers = started_layers(architecture);
  work.recurrent_layers = layers_with(architecture, [&](const Block& block) {
    return !sequence_state(block.attention, architecture.hidden_size).empty();
  });
  work.expert_layers =
      layers_with(architecture, [](const Block& block) { return experts_of(block) != nullptr; });
  work.matrix_flops = 2 * parameters;
  return work;
}

PromptWork prompt_work(const Architecture& architecture, const WeightBytes& weights, double cache_bytes,
                       double parameters, const PromptTokens& tokens) {
  PromptWork work;
  work.prompt = std::min(tokens.context, tokens.prompt);
  work.batch = std::max<std::uint64_t>(1, std::min(work.prompt, tokens.batch));
  const MixtureOfExperts* moe = first_experts(architecture);
  const double experts = expert_parameters(architecture);
  const double all = parameters - output_parameters(architecture);
  work.expert_flops = 2 * experts;
  work.dense_flops = 2 * std::max(0.0, all - experts);
  if (moe != nullptr) work.tokens_per_expert = in_floating(work.batch) * experts_used_share(*moe);
  work.attention_flops =
      attention_flops(architecture, in_floating(tokens.context) - in_floating(work.prompt) / 2);
  work.cache = cache_bytes;
  work.weights = in_floating(weights.gpu);
  work.half_experts = weights.half_experts.count() > 0;
  work.half = weights.bits_per_weight > 14;
  work.layers = started_layers(architecture);
  return work;
}

}  // namespace vramcalc::speed
