#include "runtime/serving/vllm/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "runtime/own.hpp"
#include "runtime/serving/checkpoints.hpp"
#include "runtime/serving/eagle_head.hpp"
#include "runtime/serving/sharding.hpp"
#include "runtime/serving/split.hpp"
#include "runtime/serving/vllm/block_cache.hpp"
#include "runtime/serving/vllm/defaults.hpp"
#include "runtime/serving/vllm/explanation.hpp"
#include "runtime/serving/vllm/refusals.hpp"

namespace vramcalc::vllm {
namespace {

bool is_packed(const CheckpointFormat& format) { return !format.packing.layout.parts.empty(); }

// Publishers pack different parts under one name, so the checkpoint lies between the two ends.
void widen(std::vector<LoadedStage>& stages, const std::vector<LoadedStage>& least,
           const std::vector<LoadedStage>& most) {
  for (std::size_t i = 0; i < stages.size(); ++i) {
    stages[i].total.low = std::min(stages[i].total.low, least[i].total.low);
    stages[i].total.high = std::max(stages[i].total.high, most[i].total.high);
  }
}

}  // namespace

Session::Session(const Runtime& runtime, const Opening& opening)
    : serving::Session(runtime, opening),
      all_options_(opening.options),
      options_(own<Options>(opening.options)),
      draft_(opening.extras.draft) {}

const Architecture* Session::draft_architecture() const {
  return draft_ == nullptr ? nullptr : &draft_->model.architecture;
}

bool Session::declares_fp8_cache() const {
  return model().packed && model().packed->kv_cache_quantization.starts_with("fp8");
}

// ---- weights

WeightBytes Session::weigh(const Quantization& quantization) {
  split_for(quantization);
  const Weights& weights = stored(quantization);
  const Bytes loaded =
      serving::loaded_bytes(parts_as_loaded(weights.parts, options_), !options_.language_model_only);
  WeightBytes bytes{
      weights.tensor_bytes, weights.file_bytes, loaded, Bytes(0), weights.bits_per_weight(), false};
  serving::add_by_reading(bytes, weights.parts, model().architecture);
  return bytes;
}

// A figure from a log replaces what the weights would leave.
Bytes Session::least_weights(const Quantization& quantization) {
  const bool is_open = serving::format_of(quantization, runtime()).range.has_value();
  if (is_open || options_.cpu_offload > Bytes() || options_.device_memory || options_.available_kv_memory)
    return {};
  return least_of(weights(quantization).gpu);
}

std::vector<LoadedStage> Session::stages(const Quantization& quantization, const Settings& settings,
                                         const TargetDevice& device, const Options& options) {
  const CheckpointFormat& format = serving::format_of(quantization, runtime());
  const auto loaded = [&](const std::vector<CheckpointPart>& parts) {
    return loaded_weights({parts, architecture(), settings, options, device, {}});
  };
  std::vector<LoadedStage> stages = loaded(stored(quantization).parts);
  if (format.range && format.stored_parts == nullptr)
    widen(stages, loaded(checkpoint_parts(architecture(), format.range->least)),
          loaded(checkpoint_parts(architecture(), format.range->most)));
  stages.back().total += draft_weights(settings, device);
  return stages;
}

// Of a model or head of its own, which is not divided into stages.
Amount Session::draft_weights(const Settings& settings, const TargetDevice& device) const {
  using Method = serving::Drafts::Method;
  if (options_.drafts.method == Method::eagle)
    return serving::eagle_head(architecture(), settings.parallel.tensor);
  if (options_.drafts.method != Method::draft_model) return {};
  if (draft_ == nullptr)
    throw Error(
        ErrorCode::bad_value,
        R"(--speculative-config with the method "draft_model" needs a model: {"model": "qwen3-0.6b"})");
  Settings alone = settings;
  alone.parallel.pipeline = 1;
  alone.drafts = {};
  const auto& format = serving::format_of(draft_->quantization, runtime());
  const auto parts = format.stored_parts != nullptr
                         ? *format.stored_parts
                         : checkpoint_parts(draft_->model.architecture, format.packing);
  return loaded_weights({parts, draft_->model.architecture, alone, Options{}, device, {}}).front().total;
}

// ---- one engine

namespace {

constexpr std::uint32_t most_tensor_parallel = 256;  // no model has more heads that divide so

// The check that refuses most splits, before anything is resolved.
bool divides_heads(const Architecture& architecture, std::uint32_t tensor) {
  return std::ranges::all_of(architecture.blocks, [&](const Block& block) {
    if (const auto* latent = std::get_if<LatentAttention>(&block.attention))
      return latent->heads % tensor == 0;
    const auto* grouped = serving::grouped_query(block.attention);
    return grouped == nullptr || grouped->heads % tensor == 0;
  });
}

}  // namespace

std::uint32_t Session::tensor_groups() const {
  return serving::gpus_of_split({options_.pipeline_parallel_size, options_.data_parallel_size});
}

// As many GPUs for each layer as there are, if vLLM can split the model so.
std::uint32_t Session::tensor_parallel(std::uint64_t length, const serving::Gpus& gpus) {
  if (options_.tensor_parallel_size) return *options_.tensor_parallel_size;
  const std::uint32_t most = std::clamp<std::uint32_t>(gpus.count / tensor_groups(), 1, most_tensor_parallel);
  const auto known = std::ranges::find_if(
      splits_, [&](const Split& split) { return split.gpus == most && split.layout == layout_; });
  if (known != splits_.end()) return known->tensor;
  const std::uint32_t tensor = serving::widest_split(most, [&](std::uint32_t size) {
    if (!divides_heads(architecture(), size)) return false;
    Options options = options_;
    options.tensor_parallel_size = size;
    const Settings settings = resolve(options, architecture(), serving::known_device(gpus.one), length, size);
    return refusal_of_block_scales(layout_, architecture(), settings.parallel).empty();
  });
  splits_.push_back({most, tensor, layout_});
  return tensor;
}

// Whether the checkpoint itself is known, and not only what its format usually is: some publishers of FP8
// have a scale per channel, which any split divides.
const PackedLayout& Session::known_layout(const CheckpointFormat& format) const {
  static constexpr PackedLayout unknown{};
  const bool is_published = !format.base.empty() || format.stored_parts != nullptr;
  const bool is_native = !model().native_format.empty() && format.name == model().native_format;
  return is_published || is_native ? format.packing.layout : unknown;
}

void Session::split_for(const Quantization& quantization) {
  const PackedLayout& layout = known_layout(serving::format_of(quantization, runtime()));
  if (layout != layout_) layout_ = layout;
}

std::uint32_t Session::ranks(std::uint64_t length, const serving::Gpus& gpus) {
  return serving::gpus_of_split({tensor_parallel(length, gpus), tensor_groups()});
}

Options Session::split_over(std::uint64_t length, const serving::Gpus& gpus, const Options& options) {
  Options split = options;
  split.tensor_parallel_size = tensor_parallel(length, gpus);
  return split;
}

Settings Session::settings_on(std::uint64_t length, const serving::Gpus& gpus, bool packed) {
  return resolve(split_over(length, gpus, options_), architecture(), serving::known_device(gpus.one), length,
                 1, packed);
}

const LoadedModel& Session::loaded(const Quantization& quantization, const Settings& settings,
                                   const TargetDevice& device, const Options& options) {
  const auto known = std::ranges::find_if(loaded_, [&](const LoadedModel& each) {
    return each.settings == settings && each.backend == device.backend && each.options == options &&
           each.key.is_of(quantization);
  });
  if (known != loaded_.end()) return *known;
  return loaded_.emplace_back(LoadedModel{QuantizationKey(quantization), settings, options, device.backend,
                                          known_stages(quantization, settings, device, options),
                                          known_cache(settings),
                                          profiled(settings, options, architecture())});
}

namespace {

// Without what changes no cache.
Settings of_cache(Settings settings) {
  settings.gpu_memory_utilization = 0;
  settings.max_num_seqs = settings.capture_sizes = settings.capture_max = 0;
  settings.enforce_eager = settings.graphs_in_budget = false;
  return settings;
}

}  // namespace

// It is the same for every quantization.
std::shared_ptr<const KvCache> Session::known_cache(const Settings& settings) {
  const Settings key = of_cache(settings);
  const auto known = std::ranges::find(caches_, key, &Cached::settings);
  if (known != caches_.end()) return known->cache;
  auto cache = std::make_shared<const KvCache>(
      kv_cache(architecture(), settings, declares_fp8_cache(), draft_architecture()));
  return caches_.emplace_back(Cached{key, std::move(cache)}).cache;
}

namespace {

// Kernels for experts in MXFP4 pad them as the GPU needs it.
bool pads_experts(const Architecture& architecture) {
  return std::ranges::any_of(architecture.blocks, [](const Block& block) {
    const auto* moe = std::get_if<MixtureOfExperts>(&block.feed_forward);
    return moe != nullptr && moe->native_type.has_value();
  });
}

// Without what changes no weights: lengths and batches, unless buffers are as long as a batch, and the GPU.
Settings of_weights(Settings settings, const Architecture& architecture) {
  if (!pads_experts(architecture)) settings.capability = 0;
  settings.block_size = 0;
  settings.max_model_len = settings.max_num_seqs = settings.capture_sizes = settings.capture_max = 0;
  if (architecture.graph.stacked_embeddings == 0) settings.max_num_batched_tokens = 0;
  settings.v2_model_runner = settings.enforce_eager = settings.prefix_caching = false;
  settings.kv_cache_dtype = CacheType::automatic;
  return settings;
}

}  // namespace

std::shared_ptr<const std::vector<LoadedStage>> Session::known_stages(const Quantization& quantization,
                                                                      const Settings& settings,
                                                                      const TargetDevice& device,
                                                                      const Options& options) {
  const Settings key = of_weights(settings, architecture());
  const auto known = std::ranges::find_if(staged_, [&](const Staged& each) {
    return each.settings == key && each.backend == device.backend && each.key.is_of(quantization);
  });
  if (known != staged_.end()) return known->stages;
  auto stages =
      std::make_shared<const std::vector<LoadedStage>>(this->stages(quantization, settings, device, options));
  return staged_.emplace_back(Staged{QuantizationKey(quantization), key, device.backend, std::move(stages)})
      .stages;
}

namespace {

serving::Rank rank_of(const Budget& budget, bool graphs_in_budget) {
  const bool exact = budget.weights.low == budget.weights.high;
  serving::Rank rank{
      {{TermKind::weights, budget.weights, exact ? Basis::exact : Basis::derived},
       {TermKind::activation_peak, budget.activation_peak, Basis::fitted},
       {TermKind::non_torch, budget.non_torch, Basis::fitted}},
      budget.costs,
      budget.requested,
      budget.available_kv
  };
  if (graphs_in_budget) rank.terms.push_back({TermKind::cuda_graphs, budget.graph_estimate, Basis::fitted});
  return rank;
}

// Blocks that were asked for are allocated whether or not there is room.
std::string refusal_of(const Budget& budget, const Options& options, Bytes block) {
  if (!budget.refusal.empty() || !options.num_gpu_blocks_override) return budget.refusal;
  return refusal_of_blocks(*options.num_gpu_blocks_override, block, budget.weights, budget.device_total);
}

}  // namespace

Budget Session::budget_of_stage(const LoadedModel& loaded, const TargetDevice& device,
                                std::size_t stage) const {
  return budget_of(loaded.settings, loaded.options, loaded.profiled, device, (*loaded.stages)[stage].total);
}

const LoadedModel& Session::resolved(const Quantization& quantization, std::uint64_t length,
                                     const serving::Gpus& gpus, const Options& options) {
  const bool packed = is_packed(serving::format_of(quantization, runtime()));
  const TargetDevice device = serving::known_device(gpus.one);
  const Options split = split_over(length, gpus, options);
  return loaded(quantization, resolve(split, architecture(), device, length, 1, packed), device, split);
}

const LoadedModel& Session::settled(const Quantization& quantization, std::uint64_t length,
                                    const serving::Gpus& gpus) {
  const TargetDevice device = serving::known_device(gpus.one);
  const Circumstances here{length, tensor_parallel(length, gpus), device.capability, device.backend,
                           batch_defaults(defaults_of(options_.release).tiers, device)};
  const auto known = std::ranges::find_if(settled_, [&](const Settled& each) {
    return each.circumstances == here && each.loaded->key.is_of(quantization);
  });
  if (known != settled_.end()) return *known->loaded;
  return *settled_.emplace_back(Settled{here, &resolved(quantization, length, gpus, options_)}).loaded;
}

serving::Engine Session::engine(const Quantization& quantization, std::uint64_t length,
                                const serving::Gpus& gpus, const vramcalc::Options& options) {
  const CheckpointFormat& format = serving::format_of(quantization, runtime());
  const TargetDevice device = serving::known_device(gpus.one);
  const bool is_own = &options == &all_options_;
  const LoadedModel& known = is_own ? settled(quantization, length, gpus)
                                    : resolved(quantization, length, gpus, std::get<Options>(options));
  const Settings& settings = known.settings;
  const Options& split = known.options;
  serving::Engine engine;
  engine.parallel = settings.parallel;
  engine.cache = std::make_shared<BlockCache>(known.cache, split.num_gpu_blocks_override);
  engine.most_requests = settings.max_num_seqs;
  engine.refusal = serving::refusal_of_device(format, device, runtime());
  if (engine.refusal.empty())
    engine.refusal = refusal_of_block_scales(known_layout(format), architecture(), settings.parallel);
  engine.ranks.reserve(known.stages->size());
  for (std::size_t stage = 0; stage < known.stages->size(); ++stage) {
    const Budget budget = budget_of_stage(known, device, stage);
    engine.ranks.push_back(rank_of(budget, settings.graphs_in_budget));
    if (engine.refusal.empty())
      engine.refusal = refusal_of(budget, split, known.cache->bytes_per_block[stage]);
  }
  return engine;
}

void Session::add_reasons(const Quantization& quantization, const Demand& demand, const serving::Gpus& gpus,
                          std::size_t stage, std::vector<Term>& terms) {
  const TargetDevice device = serving::known_device(gpus.one);
  const bool packed = is_packed(serving::format_of(quantization, runtime()));
  const Settings settings = settings_on(demand.tokens, gpus, packed);
  const LoadedModel& known =
      loaded(quantization, settings, device, split_over(demand.tokens, gpus, options_));
  vllm::add_reasons(known, architecture(), name_of(quantization), demand, stage, terms);
}

// ---- what it takes and leaves

Bytes Session::kv_bytes_per_token() const {
  Options options = options_;
  if (!options.tensor_parallel_size) options.tensor_parallel_size = 1;
  const Settings settings =
      resolve(options, architecture(), serving::known_device({}), architecture().context_length, 1);
  return kv_cache(architecture(), settings, declares_fp8_cache(), draft_architecture()).bytes_per_token;
}

Bytes Session::budget(const TargetDevice& device, Bytes usable) const {
  const double share =
      options_.gpu_memory_utilization.value_or(defaults_of(options_.release).gpu_memory_utilization);
  const Bytes total = options_.device_memory.value_or(device.total > Bytes() ? device.total : usable);
  return Bytes(static_cast<std::uint64_t>(std::ceil(static_cast<double>(total.count()) * share)));
}

// The costs and the budget of a rank say what else it needs of the whole GPU.
std::optional<Answer> Session::smallest_share(const serving::Engine& engine, const Demand& demand) const {
  if (options_.kv_cache_memory_bytes) return std::nullopt;  // which replaces the share
  double largest = 0;
  for (std::size_t stage = 0; stage < engine.ranks.size(); ++stage) {
    const serving::Rank& rank = engine.ranks[stage];
    const double share =
        options_.gpu_memory_utilization.value_or(defaults_of(options_.release).gpu_memory_utilization);
    const double needed =
        static_cast<double>((rank.costs.best + engine.cache->needed(demand, stage)).count());
    largest =
        std::max(largest, std::ceil(100 * needed * share / static_cast<double>(rank.budget.count())) / 100);
  }
  if (largest > 1) return std::nullopt;
  return Answer{"smallest_gpu_memory_utilization",
                fmt::format("the smallest --gpu-memory-utilization that starts is {:.2f}", largest), largest};
}

std::string Session::refusal(const serving::Engine& engine, const Demand& demand) const {
  const std::vector<Bytes> available = engine.available(&Amount::best);
  for (std::size_t stage = 0; stage < available.size(); ++stage) {
    const Bytes needed = engine.cache->needed({demand.tokens}, stage);
    if (available[stage] == Bytes()) return refusal_of_cache();
    if (needed > available[stage])
      return refusal_of_length(demand.tokens, needed, available[stage],
                               engine.cache->longest(available, demand.tokens));
  }
  return "";
}

namespace {

bool is_16_bit(CacheType type) {
  return type == CacheType::automatic || type == CacheType::float16 || type == CacheType::bfloat16;
}

}  // namespace

std::vector<serving::Session::Change> Session::changes(std::uint64_t length, const serving::Gpus& gpus) {
  const Settings settings = settings_on(length, gpus, false);
  std::vector<Change> changes;
  const auto add = [&](std::string_view key, std::string flag, auto&& apply) {
    Options with = options_;
    apply(with);
    changes.push_back({key, std::move(flag), with});
  };
  if (is_16_bit(settings.kv_cache_dtype) && !declares_fp8_cache())
    add("with_fp8_kv_cache", "--kv-cache-dtype fp8", [](Options& o) { o.kv_cache_dtype = CacheType::fp8; });
  if (!settings.enforce_eager)
    add("with_enforce_eager", "--enforce-eager", [](Options& o) { o.enforce_eager = true; });
  if (const std::uint32_t fewer = settings.max_num_seqs / 4; fewer > 0)
    add("with_fewer_sequences", fmt::format("--max-num-seqs {}", fewer),
        [=](Options& o) { o.max_num_seqs = fewer; });
  if (const std::uint32_t half = settings.max_num_batched_tokens / 2; half >= settings.max_num_seqs)
    add("with_smaller_batches", fmt::format("--max-num-batched-tokens {}", half),
        [=](Options& o) { o.max_num_batched_tokens = half; });
  return changes;
}

}  // namespace vramcalc::vllm
