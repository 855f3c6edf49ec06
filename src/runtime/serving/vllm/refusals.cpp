#include "runtime/serving/vllm/refusals.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "runtime/serving/rank_weights.hpp"
#include "runtime/serving/sharding.hpp"
#include "runtime/serving/vllm/defaults.hpp"
#include "runtime/serving/vllm/online_quantization.hpp"
#include "runtime/serving/vllm/recurrent_page.hpp"

namespace vramcalc::vllm {
namespace {

struct Question {
  const Settings& settings;
  const Options& options;
  const Architecture& architecture;
};

const GroupedQueryAttention* first_grouped(const Architecture& architecture) {
  for (const Block& block : architecture.blocks)
    if (const auto* grouped = serving::grouped_query(block.attention)) return grouped;
  return nullptr;
}

std::uint32_t heads_of(const Attention& attention) {
  if (const auto* latent = std::get_if<LatentAttention>(&attention)) return latent->heads;
  if (const auto* compressed = std::get_if<CompressedAttention>(&attention)) return compressed->heads;
  const auto* grouped = serving::grouped_query(attention);
  return grouped != nullptr ? grouped->heads : 0;
}

std::string of_empty_parallel(const Question& question) {
  const serving::Parallel& parallel = question.settings.parallel;
  if (parallel.tensor > 0 && parallel.pipeline > 0 && parallel.data > 0 && parallel.decode_context > 0)
    return "";
  return "-tp, -pp, -dp and -dcp must be at least 1";
}

std::string of_heads(const Question& question) {
  const std::uint32_t tensor = question.settings.parallel.tensor;
  for (const Block& block : question.architecture.blocks) {
    const std::uint32_t heads = heads_of(block.attention);
    if (heads % tensor == 0) continue;
    return fmt::format(
        "Total number of attention heads ({}) must be divisible by tensor parallel size ({}). Choose -tp "
        "from the divisors of {}",
        heads, tensor, heads);
  }
  return "";
}

// The attention layers assert one of both; the words are ours.
std::string of_kv_heads(const Question& question) {
  const std::uint32_t tensor = question.settings.parallel.tensor;
  for (const Block& block : question.architecture.blocks) {
    const auto* grouped = serving::grouped_query(block.attention);
    if (grouped == nullptr || grouped->kv_heads == 0) continue;
    if (grouped->kv_heads % tensor == 0 || tensor % grouped->kv_heads == 0) continue;
    return fmt::format(
        "AssertionError in the attention layer: the KV heads ({}) can be neither split evenly nor replicated "
        "over a tensor parallel size of {}. Choose a -tp that divides {} or is a multiple of it",
        grouped->kv_heads, tensor, grouped->kv_heads);
  }
  return "";
}

std::string not_divisible(std::uint64_t numerator, std::uint64_t denominator, std::string_view what) {
  return fmt::format("{} is not divisible by {} ({}). Choose another -tp", numerator, denominator, what);
}

std::string of_vocabulary(const Question& question) {
  const std::uint32_t tensor = question.settings.parallel.tensor;
  const std::uint64_t padded =
      round_up(question.architecture.checkpoint_vocab_size, serving::vocabulary_padding);
  return padded % tensor == 0 ? "" : not_divisible(padded, tensor, "the padded vocabulary");
}

std::string of_feed_forward(const Question& question) {
  const std::uint32_t tensor = question.settings.parallel.tensor;
  for (const Block& block : question.architecture.blocks) {
    const auto* dense = std::get_if<DenseFeedForward>(&block.feed_forward);
    if (dense != nullptr && dense->width % tensor != 0)
      return not_divisible(dense->width, tensor, "the intermediate size");
  }
  return "";
}

std::string of_recurrent_layers(const Question& question) {
  const std::uint32_t tensor = question.settings.parallel.tensor;
  if (tensor == 1) return "";
  for (const Block& block : question.architecture.blocks)
    if (const std::uint64_t size = undivided(block.attention, question.architecture.hidden_size, tensor))
      return not_divisible(size, tensor, "the elements of a recurrent layer");
  return "";
}

std::string of_experts(const Question& question) {
  if (!question.settings.parallel.experts || has_experts(question.architecture)) return "";
  return "Number of experts in the model must be greater than 0 when expert parallelism is enabled. Leave "
         "out "
         "--enable-expert-parallel";
}

std::string of_stages(const Question& question) {
  const std::uint32_t stages = question.settings.parallel.pipeline;
  const std::uint32_t layers = serving::trunk_layers(question.architecture);
  if (stages <= layers) return "";
  return fmt::format("-pp {} has more stages than the model has layers ({}). Choose a smaller -pp", stages,
                     layers);
}

std::string of_decode_context(const Question& question) {
  const serving::Parallel& parallel = question.settings.parallel;
  const std::uint32_t dcp = parallel.decode_context, tensor = parallel.tensor;
  if (dcp == 1) return "";
  if (tensor % dcp != 0) return fmt::format("tp_size={} must be divisible by dcp_size={}.", tensor, dcp);
  const GroupedQueryAttention* grouped = first_grouped(question.architecture);
  if (grouped == nullptr || grouped->kv_heads == 0) return "";
  if (tensor <= grouped->kv_heads)
    return fmt::format(
        "tensor parallel size {} must be greater than total num kv heads {} when enable decode context "
        "parallel for GQA/MQA",
        tensor, grouped->kv_heads);
  const std::uint32_t most = tensor / grouped->kv_heads;
  if (dcp <= most) return "";
  return fmt::format(
      "decode context parallel size must less than or equal to (tensor parallel size {} // total num kv "
      "heads {}) = {}, but got {}",
      tensor, grouped->kv_heads, most, dcp);
}

std::string of_lora_rank(const Question& question) {
  constexpr std::array ranks = {1u, 8u, 16u, 32u, 64u, 128u, 256u, 320u, 512u};
  const Options& options = question.options;
  if (!options.enable_lora) return "";
  if (options.max_loras == 0) return fmt::format("max_loras ({}) must be >= 1.", options.max_loras);
  if (std::ranges::find(ranks, options.max_lora_rank) != ranks.end()) return "";
  return fmt::format("max_lora_rank ({}) must be one of ({}).", options.max_lora_rank,
                     fmt::join(ranks, ", "));
}

std::string of_batch(const Question& question) {
  const Settings& settings = question.settings;
  if (settings.max_num_seqs == 0 || settings.max_num_batched_tokens == 0)
    return "--max-num-seqs and --max-num-batched-tokens must be at least 1";
  if (settings.max_num_batched_tokens < settings.max_num_seqs)
    return fmt::format(
        "max_num_batched_tokens ({}) must be greater than or equal to max_num_seqs ({}). Raise the first or "
        "lower the second",
        settings.max_num_batched_tokens, settings.max_num_seqs);
  if (question.architecture.causal || settings.max_num_batched_tokens >= settings.max_model_len) return "";
  return fmt::format(
      "max_num_batched_tokens ({}) is smaller than max_model_len ({}). This effectively limits the maximum "
      "sequence length to max_num_batched_tokens and makes vLLM reject longer sequences. Please increase "
      "max_num_batched_tokens or decrease max_model_len.",
      settings.max_num_batched_tokens, settings.max_model_len);
}

std::string of_utilization(const Question& question) {
  const double utilization = question.settings.gpu_memory_utilization;
  if (utilization > 0 && utilization <= 1) return "";
  return fmt::format("GPU memory utilization must be less than 1.0. Got {}.", utilization);
}

std::string of_quantization(const Question& question) {
  const std::string& method = question.options.quantization;
  return method.empty() || is_quantization_method(method)
             ? ""
             : fmt::format("Unknown quantization method: {}.", method);
}

std::string of_drafts(const Question& question) {
  const bool predicts = question.options.drafts.method == serving::Drafts::Method::mtp;
  return predicts && !question.architecture.mtp ? "the checkpoint has no multi-token-prediction layers, "
                                                  "which speculative decoding with the method "
                                                  "\"mtp\" needs"
                                                : "";
}

constexpr std::array checks = {
    of_empty_parallel, of_utilization,      of_batch,   of_heads,  of_kv_heads,       of_vocabulary,
    of_feed_forward,   of_recurrent_layers, of_experts, of_stages, of_decode_context, of_lora_rank,
    of_quantization,   of_drafts,
};

double gib(Bytes bytes) { return static_cast<double>(bytes.count()) / static_cast<double>(GiB); }

}  // namespace

std::string refusal_of(const Settings& settings, const Options& options, const Architecture& architecture) {
  for (const auto check : checks) {
    std::string refusal = check({settings, options, architecture});
    if (!refusal.empty()) return refusal;
  }
  return "";
}

// With block scales the slice of a rank must consist of whole blocks (vllm/.../quantization/fp8.py).
std::string refusal_of_block_scales(const PackedLayout& layout, const Architecture& architecture,
                                    const serving::Parallel& parallel) {
  const std::uint32_t slices = parallel.tensor * parallel.data;
  const bool sliced = !parallel.experts && slices > 1 && layout.parts.contains(PackedPart::experts);
  if (!sliced || layout.scale_rows <= 1 || layout.scale_columns <= 1) return "";
  for (const Block& block : architecture.blocks) {
    const auto* moe = std::get_if<MixtureOfExperts>(&block.feed_forward);
    if (moe == nullptr || (moe->width / slices) % layout.scale_rows == 0) continue;
    return fmt::format(
        "The output_size of gate's and up's weight = {} is not divisible by weight quantization block_n = "
        "{}. "
        "Choose a smaller -tp or --enable-expert-parallel",
        moe->width / slices, layout.scale_rows);
  }
  return "";
}

std::string refusal_of_free_memory(Bytes free, Bytes total, double utilization, Bytes requested) {
  return fmt::format(
      "Free memory on device cuda:0 ({:.2f}/{:.2f} GiB) on startup is less than desired GPU memory "
      "utilization ({}, {:.2f} GiB). Decrease GPU memory utilization or reduce GPU memory used by other "
      "processes.",
      gib(free), gib(total), utilization, gib(requested));
}

std::string refusal_of_blocks(std::uint64_t blocks, Bytes block, const Amount& weights, Bytes total) {
  const bool holds =
      blocks <= (total - std::min(total, weights.low)).count() / std::max<std::uint64_t>(1, block.count());
  return holds ? std::string()
               : fmt::format(
                     "CUDA out of memory. --num-gpu-blocks-override asks for {} blocks of {} bytes, and the "
                     "weights take {} of the GPU's {} bytes. Ask for fewer blocks.",
                     grouped(blocks), grouped(block.count()), grouped(weights.best.count()),
                     grouped(total.count()));
}

std::string refusal_of_cache() {
  return "No available memory for the cache blocks. Try increasing `gpu_memory_utilization` when "
         "initializing "
         "the engine.";
}

std::string refusal_of_length(std::uint64_t max_model_len, Bytes needed, Bytes available,
                              std::uint64_t longest) {
  const std::string estimate =
      longest == 0
          ? std::string()
          : fmt::format(" Based on the available memory, the estimated maximum model length is {}.", longest);
  return fmt::format(
      "To serve at least one request with the model's max seq len ({}), ({:.2f} GiB KV cache is needed, "
      "which "
      "is larger than the available KV cache memory ({:.2f} GiB).{} Try increasing `gpu_memory_utilization` "
      "or "
      "decreasing `max_model_len` when initializing the engine.",
      max_model_len, gib(needed), gib(available), estimate);
}

}  // namespace vramcalc::vllm
