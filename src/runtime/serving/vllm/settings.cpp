#include "runtime/serving/vllm/settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "runtime/serving/vllm/defaults.hpp"
#include "runtime/serving/vllm/refusals.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::vllm {
namespace {

constexpr Release first_known{0, 8, 0};

// Multimodal models whose largest item raises max_num_batched_tokens by default. Only Gemma 4 is known to: a
// video of 32 frames has 2,496 tokens.
struct LargestItem {
  std::string_view model_type;
  std::uint32_t tokens;
};
constexpr std::array largest_items = {
    LargestItem{"gemma4", 2496},
};

std::uint32_t largest_item(const Options& options, const Architecture& architecture) {
  if (architecture.towers.empty() || options.language_model_only) return 0;
  for (const LargestItem& item : largest_items)
    if (architecture.model_type.starts_with(item.model_type)) return item.tokens;
  return 0;
}

std::uint32_t clamped(std::uint64_t value) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(value, UINT32_MAX));
}

// Encoders attend to all tokens at once, so their prompts are not split.
bool splits_prompts(const Architecture& architecture) { return architecture.causal; }

void set_batch(Settings& settings, const Options& options, const Architecture& architecture,
               const TargetDevice& device) {
  const ReleaseDefaults& defaults = defaults_of(settings.release);
  const BatchDefaults batch = batch_defaults(defaults.tiers, device);
  std::uint64_t tokens = std::max(batch.tokens, largest_item(options, architecture));
  std::uint64_t sequences = options.max_num_seqs.value_or(batch.sequences);
  if (!splits_prompts(architecture)) tokens = std::max(tokens, settings.max_model_len);
  if (defaults.tokens_within_sequences)
    tokens = std::min(tokens, checked_multiply(std::max<std::uint64_t>(sequences, 1),
                                               std::max<std::uint64_t>(settings.max_model_len, 1)));
  settings.max_num_batched_tokens = options.max_num_batched_tokens.value_or(clamped(tokens));
  if (!options.max_num_seqs && defaults.sequences_within_tokens)
    sequences = std::min<std::uint64_t>(sequences, settings.max_num_batched_tokens);
  settings.max_num_seqs = clamped(sequences);
}

bool has_chunked_layers(const Architecture& architecture) {
  return std::ranges::any_of(architecture.blocks, [](const Block& block) {
    const auto* grouped = std::get_if<GroupedQueryAttention>(&block.attention);
    return grouped != nullptr && grouped->window && grouped->window->kind == Window::Kind::chunked;
  });
}

// Chunked local attention turns the hybrid manager off, unless an environment variable says otherwise.
void set_cache(Settings& settings, const Options& options, const Architecture& architecture,
               const TargetDevice& device) {
  const ReleaseDefaults& defaults = defaults_of(settings.release);
  const bool by_default =
      architecture.causal && (defaults.prefix_caching_of_hybrids || !has_recurrent_layers(architecture));
  settings.kv_cache_dtype = options.kv_cache_dtype;
  settings.block_size = options.block_size.value_or(
      default_block_size(settings.release, architecture, device, options.kv_cache_dtype));
  settings.prefix_caching = options.enable_prefix_caching.value_or(by_default);
  settings.hybrid_kv_cache_manager = defaults.hybrid_kv_cache_manager &&
                                     !options.disable_hybrid_kv_cache_manager &&
                                     !has_chunked_layers(architecture);
}

struct CaptureRange {
  std::uint32_t limit = 512, step = 8;
  bool always_small = false;  // 1, 2 and 4 even above the limit
};

// gpt-oss has a limit of its own (vllm/model_executor/models/config.py).
CaptureRange capture_range(const Settings& settings, const Architecture& architecture,
                           const TargetDevice& device) {
  const ReleaseDefaults& defaults = defaults_of(settings.release);
  const bool newer = defaults.capture_step == 16;  // as rewritten in 0.11.1
  if (architecture.model_type == "gpt_oss" && settings.release >= Release{0, 10, 1})
    return {newer ? 1024u : 992u, 16, !newer};
  CaptureRange range{.limit = 512, .step = defaults.capture_step, .always_small = !newer};
  if (device.capability / 10 == 10) range.limit = defaults.blackwell_capture_limit;
  const std::uint64_t per_sequence = newer ? 1 + std::uint64_t{settings.drafts.tokens} : 1;
  if (defaults.captures_for_sequences)
    range.limit = std::min(range.limit, clamped(checked_multiply(2 * per_sequence, settings.max_num_seqs)));
  return range;
}

void set_graphs(Settings& settings, const Architecture& architecture, const TargetDevice& device) {
  if (settings.enforce_eager) return;
  const CaptureSizes sizes = capture_sizes(settings, architecture, device);
  settings.capture_sizes = sizes.count;
  settings.capture_max = sizes.largest;
  settings.graphs_in_budget = defaults_of(settings.release).graphs_in_budget;
}

serving::Parallel parallel_of(const Options& options, std::uint32_t gpus) {
  const std::uint64_t others =
      std::max<std::uint64_t>(1, std::uint64_t{options.pipeline_parallel_size} * options.data_parallel_size);
  const auto rest = static_cast<std::uint32_t>(std::max<std::uint64_t>(1, gpus / others));
  return {.tensor = options.tensor_parallel_size.value_or(rest),
          .pipeline = options.pipeline_parallel_size,
          .data = options.data_parallel_size,
          .decode_context = options.decode_context_parallel_size,
          .experts = options.enable_expert_parallel};
}

// The number at the front of the text, and the text after it.
std::optional<std::uint32_t> take_number(std::string_view& text) {
  std::uint32_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

bool take_dot(std::string_view& text) {
  if (!text.starts_with('.')) return false;
  text.remove_prefix(1);
  return true;
}

// "", "rc1.dev43", "+cu128", ".post1", ".x"
bool is_suffix(std::string_view text) {
  return text.empty() || text.front() == '+' || text.front() == '.' ||
         (text.front() >= 'a' && text.front() <= 'z');
}

[[noreturn]] void refuse_release(std::string_view text) {
  throw Error(ErrorCode::bad_value,
              fmt::format("--runtime: \"{}\" is not a release of vLLM; write it as in vllm@0.{}.{}", text,
                          newest_read.minor, newest_read.patch));
}

}  // namespace

// 1, 2 and 4, then in steps of 8, and from 256 on of 16 where a release says so.
CaptureSizes capture_sizes(const Settings& settings, const Architecture& architecture,
                           const TargetDevice& device) {
  const CaptureRange range = capture_range(settings, architecture, device);
  CaptureSizes sizes;
  const auto add = [&](std::uint32_t size) {
    if (size > settings.max_num_batched_tokens) return;
    ++sizes.count;
    sizes.largest = size;
  };
  for (const std::uint32_t size : {1u, 2u, 4u})
    if (size <= range.limit || range.always_small) add(size);
  for (std::uint32_t size = 8; size <= range.limit; size += size < 256 ? 8 : range.step) add(size);
  return sizes;
}

Settings resolve(const Options& options, const Architecture& architecture, const TargetDevice& device,
                 std::uint64_t max_model_len, std::uint32_t gpus, bool quantized) {
  const ReleaseDefaults& defaults = defaults_of(options.release);
  Settings settings;
  settings.release = options.release;
  settings.parallel = parallel_of(options, gpus);
  settings.gpu_memory_utilization = options.gpu_memory_utilization.value_or(defaults.gpu_memory_utilization);
  settings.max_model_len = max_model_len;
  settings.enforce_eager = options.enforce_eager;
  settings.drafts = options.drafts;
  set_batch(settings, options, architecture, device);
  set_cache(settings, options, architecture, device);
  set_graphs(settings, architecture, device);
  settings.v2_model_runner = runs_on_v2(settings.release, architecture, quantized);
  if (const std::string refusal = refusal_of(settings, options, architecture); !refusal.empty())
    throw Error(ErrorCode::bad_value, refusal);
  return settings;
}

Release parse_release(std::string_view text) {
  std::string_view rest = text;
  if (rest.starts_with('v')) rest.remove_prefix(1);
  Release release;
  const auto major = take_number(rest);
  const auto minor = major && take_dot(rest) ? take_number(rest) : std::nullopt;
  if (!minor) refuse_release(text);
  release = {*major, *minor, 0};
  std::string_view behind = rest;
  if (take_dot(behind))
    if (const auto patch = take_number(behind)) {
      release.patch = *patch;
      rest = behind;
    }
  if (!is_suffix(rest)) refuse_release(text);
  if (release < first_known)
    throw Error(ErrorCode::bad_value,
                fmt::format("--runtime: vLLM {} runs its V0 engine, whose memory rules are not modelled; "
                            "the first release that is known is 0.8",
                            text));
  return release;
}

bool is_extrapolated(const Release& release) { return release > newest_read; }

}  // namespace vramcalc::vllm
