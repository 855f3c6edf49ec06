#include "runtime/serving/sglang/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "runtime/own.hpp"
#include "runtime/serving/checkpoints.hpp"
#include "runtime/serving/eagle_head.hpp"
#include "runtime/serving/less.hpp"
#include "runtime/serving/sglang/loaded_weights.hpp"
#include "runtime/serving/sglang/pool_cache.hpp"
#include "runtime/serving/split.hpp"

namespace vramcalc::sglang {
namespace {

// Whether the checkpoint's declared type of the cache is taken.
bool takes_fp8_cache(const Model& model, const Options& options) {
  return options.kv_cache_dtype == CacheType::automatic && model.packed &&
         model.packed->kv_cache_quantization.starts_with("fp8");
}

}  // namespace

Session::Session(const Runtime& runtime, const Opening& opening)
    : serving::Session(runtime, opening),
      all_options_(opening.options),
      options_(own<Options>(opening.options)) {}

// ---- weights

WeightBytes Session::weigh(const Quantization& quantization) {
  serving::format_of(quantization, runtime());
  const Weights& weights = stored(quantization);
  WeightBytes bytes{weights.tensor_bytes,
                    weights.file_bytes,
                    serving::loaded_bytes(weights.parts, true),
                    Bytes(0),
                    weights.bits_per_weight(),
                    false};
  serving::add_by_reading(bytes, weights.parts, model().architecture);
  return bytes;
}

// A figure from a log replaces what the weights would leave.
Bytes Session::least_weights(const Quantization& quantization) {
  const bool is_open = serving::format_of(quantization, runtime()).range.has_value();
  if (is_open || options_.device_memory || options_.available_kv_memory) return {};
  return least_of(weights(quantization).gpu);
}

const Amount& Session::weights_of(const Quantization& quantization, const Settings& settings) {
  const auto known = std::ranges::find_if(weighed_, [&](const Weighed& each) {
    return each.settings == settings && each.key.is_of(quantization);
  });
  if (known != weighed_.end()) return known->bytes;
  const CheckpointFormat& format = serving::format_of(quantization, runtime());
  const bool has_head = settings.drafts.method == serving::Drafts::Method::eagle;
  const Amount draft = has_head ? serving::eagle_head(architecture(), tp_size(settings)) : Amount{};
  const auto loaded = [&](const std::vector<CheckpointPart>& parts) {
    return in_fraction(loaded_weights(parts, architecture(), settings, draft), settings);
  };
  Amount bytes = loaded(stored(quantization).parts);
  if (format.range && format.stored_parts == nullptr) {
    bytes.low = std::min(bytes.low, loaded(checkpoint_parts(architecture(), format.range->least)).low);
    bytes.high = std::max(bytes.high, loaded(checkpoint_parts(architecture(), format.range->most)).high);
  }
  return weighed_.emplace_back(Weighed{QuantizationKey(quantization), settings, bytes}).bytes;
}

// ---- one engine

// With DP attention the copies share one group.
std::uint32_t Session::tensor_groups() const {
  return serving::gpus_of_split({options_.pp_size, options_.enable_dp_attention ? 1 : options_.dp_size});
}

// As many GPUs for each layer as there are, if SGLang can split the model so.
std::uint32_t Session::tp_size_on(std::uint64_t length, const serving::Gpus& gpus) {
  if (options_.tp_size) return *options_.tp_size;
  constexpr std::uint32_t most_tp = 256;  // no model has more heads that divide so
  const std::uint32_t most = std::clamp<std::uint32_t>(gpus.count / tensor_groups(), 1, most_tp);
  const auto known = std::ranges::find(splits_, most, &Split::gpus);
  if (known != splits_.end()) return known->tp_size;
  const std::uint32_t size = serving::widest_split(most, [&](std::uint32_t tried) {
    Options options = options_;
    options.tp_size = tried;
    resolve(options, architecture(), serving::known_device(gpus.one), length, tried);
    return true;
  });
  splits_.push_back({most, size});
  return size;
}

std::uint32_t Session::ranks(std::uint64_t length, const serving::Gpus& gpus) {
  return serving::gpus_of_split({tp_size_on(length, gpus), tensor_groups()});
}

Settings Session::settings_on(std::uint64_t length, const serving::Gpus& gpus, const Options& options) {
  Options split = options;
  split.tp_size = tp_size_on(length, gpus);
  if (takes_fp8_cache(model(), options)) split.kv_cache_dtype = CacheType::fp8_e4m3;
  return resolve(split, architecture(), serving::known_device(gpus.one), length, *split.tp_size);
}

namespace {

using serving::less;

// Its weights and pools share the fraction; what that leaves is for activations and CUDA graphs, and what was
// not free at the start is the driver's and NCCL's.
serving::Rank rank_of(const Budget& budget, Bytes total) {
  const Amount taken{less(total, budget.free_before_load.high), less(total, budget.free_before_load.best),
                     less(total, budget.free_before_load.low)};
  serving::Rank rank;
  rank.budget = total;
  rank.available = budget.pools;
  rank.terms = {
      {TermKind::weights,         budget.weights, Basis::derived},
      {TermKind::activation_peak, budget.outside, Basis::derived},
      {TermKind::non_torch,       taken,          Basis::fitted }
  };
  if (budget.multimodal_reserve.high > Bytes())
    rank.terms.push_back({TermKind::runtime_overhead, budget.multimodal_reserve, Basis::derived});
  Bytes best;
  for (const Term& term : rank.terms) best += term.amount.best;
  rank.costs = {less(total, budget.pools.high), best, less(total, budget.pools.low)};
  rank.costs.low = std::min(rank.costs.low, best);
  rank.costs.high = std::max(rank.costs.high, best);
  return rank;
}

}  // namespace

serving::Engine Session::engine(const Quantization& quantization, std::uint64_t length,
                                const serving::Gpus& gpus, const vramcalc::Options& options) {
  const CheckpointFormat& format = serving::format_of(quantization, runtime());
  const TargetDevice device = serving::known_device(gpus.one);
  const Options& asked = std::get<Options>(options);
  const Settings settings = settings_on(length, gpus, asked);
  const Budget budget = memory_budget(settings, asked, device, weights_of(quantization, settings));
  const KvPools pools = kv_pools(settings, architecture());
  serving::Engine engine;
  engine.parallel = settings.parallel;
  engine.parallel.data *= settings.replicas;
  engine.cache = std::make_shared<PoolCache>(pools, settings);
  engine.most_requests = pool_sizes(pools, settings, budget.pools.best).max_running_requests;
  engine.refusal = serving::refusal_of_device(format, device, runtime());
  if (engine.refusal.empty()) engine.refusal = sglang::refusal(budget, settings);
  const Bytes total = less(asked.device_memory.value_or(device.total), device.taken);
  for (std::uint32_t stage = 0; stage < settings.parallel.pipeline; ++stage)
    engine.ranks.push_back(rank_of(budget, total));
  return engine;
}

// ---- what it takes and leaves

Bytes Session::kv_bytes_per_token() const {
  Options options = options_;
  if (!options.tp_size) options.tp_size = 1;
  if (takes_fp8_cache(model(), options)) options.kv_cache_dtype = CacheType::fp8_e4m3;
  const Settings settings =
      resolve(options, architecture(), serving::known_device({}), architecture().context_length, 1);
  return PoolCache(kv_pools(settings, architecture()), settings).bytes_per_token();
}

std::optional<Answer> Session::smallest_share(const serving::Engine& engine, const Demand& demand) const {
  const serving::Rank& rank = engine.ranks.front();
  Bytes kept, taken;
  for (const Term& term : rank.terms) {
    if (term.kind == TermKind::activation_peak) kept = term.amount.best;
    if (term.kind == TermKind::non_torch) taken = term.amount.best;
  }
  const Bytes free = less(rank.budget, taken);
  const Bytes needed = less(rank.costs.best, kept + taken) + engine.cache->needed(demand, 0);
  if (free == Bytes() || needed > free) return std::nullopt;
  const double share =
      std::ceil(1000 * static_cast<double>(needed.count()) / static_cast<double>(free.count())) / 1000;
  return Answer{"smallest_mem_fraction_static",
                fmt::format("the smallest --mem-fraction-static that holds this is {:.3f}", share), share};
}

std::string Session::refusal(const serving::Engine& engine, const Demand& demand) const {
  const std::vector<Bytes> available = engine.available(&Amount::best);
  const std::uint64_t longest = engine.cache->longest(available, demand.tokens);
  if (longest >= demand.tokens) return "";
  return fmt::format(
      "its pool of {} tokens holds requests of at most {}; raise --mem-fraction-static, or lower "
      "--context-length",
      grouped(engine.cache->tokens(available)), grouped(longest));
}

std::vector<serving::Session::Change> Session::changes(std::uint64_t length, const serving::Gpus& gpus) {
  const Settings settings = settings_on(length, gpus, options_);
  std::vector<Change> changes;
  const auto add = [&](std::string_view key, std::string flag, auto&& apply) {
    Options with = options_;
    apply(with);
    changes.push_back({key, std::move(flag), with});
  };
  if (settings.kv_cache_dtype == CacheType::bfloat16)
    add("with_fp8_kv_cache", "--kv-cache-dtype fp8_e4m3",
        [](Options& o) { o.kv_cache_dtype = CacheType::fp8_e4m3; });
  if (settings.cuda_graph_max_bs > 0)
    add("with_disable_cuda_graph", "--disable-cuda-graph", [](Options& o) { o.disable_cuda_graph = true; });
  if (const std::uint32_t fewer = settings.cuda_graph_max_bs / 4; fewer > 0)
    add("with_smaller_graphs", fmt::format("--cuda-graph-max-bs {}", fewer),
        [=](Options& o) { o.cuda_graph_max_bs = fewer; });
  if (const std::uint32_t half = settings.chunked_prefill_size / 2; half >= 512)
    add("with_smaller_chunks", fmt::format("--chunked-prefill-size {}", half),
        [=](Options& o) { o.chunked_prefill_size = half; });
  return changes;
}

void Session::add_reasons(const Quantization& quantization, const Demand& demand, const serving::Gpus& gpus,
                          std::size_t, std::vector<Term>& terms) {
  const Settings settings = settings_on(demand.tokens, gpus, options_);
  const std::string version =
      fmt::format("SGLang {}.{}.{}", settings.release.major, settings.release.minor, settings.release.patch);
  const KvPools pools = kv_pools(settings, architecture());
  for (Term& term : terms) {
    switch (term.kind) {
      case TermKind::weights:
        term.why = fmt::format("the {} checkpoint's tensors on one of {} ranks", name_of(quantization),
                               tp_size(settings) * settings.parallel.pipeline);
        break;
      case TermKind::kv_cache:
        term.why =
            fmt::format("{} tokens × {:.0f} bytes in all pools", grouped(demand.tokens), pools.cell_size);
        break;
      case TermKind::activation_peak:
        term.why =
            fmt::format("what --mem-fraction-static {:.3f} leaves free for activations and CUDA graphs",
                        settings.mem_fraction_static.best);
        break;
      case TermKind::non_torch:
        term.why = "the CUDA context and NCCL, taken before the weights are loaded, from logged starts";
        break;
      default: term.why = "kept for images and sound";
    }
    term.why += fmt::format(" ({})", version);
  }
}

}  // namespace vramcalc::sglang
