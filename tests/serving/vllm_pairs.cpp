#include "serving/vllm_pairs.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>

#include "runtime/serving/vllm/budget.hpp"
#include "runtime/serving/vllm/kv_cache.hpp"
#include "runtime/serving/vllm/loaded_weights.hpp"
#include "support/vllm_settings.hpp"
#include "vramcalc/error.hpp"
#include "vramcalc/packing.hpp"

namespace vramcalc::test {
namespace {

constexpr vllm::Release v1_engine{0, 8, 0};

double gib(Bytes bytes) { return static_cast<double>(bytes.count()) / static_cast<double>(GiB); }
Bytes from_gib(double gib) { return Bytes(static_cast<std::uint64_t>(gib * static_cast<double>(GiB))); }

constexpr PartSet decoder{PackedPart::attention, PackedPart::attention_output, PackedPart::feed_forward,
                          PackedPart::experts, PackedPart::shared_experts};

Packing packing(PartSet parts, std::uint32_t bits, std::uint32_t scale_rows, std::uint32_t scale_columns,
                std::uint32_t scale_bytes, std::uint32_t zero_point_bits = 0) {
  Packing result;
  result.layout.parts = parts;
  result.layout.value_bits = bits;
  result.layout.scale_rows = scale_rows;
  result.layout.scale_columns = scale_columns;
  result.layout.scale_bytes = scale_bytes;
  result.layout.zero_point_bits = zero_point_bits;
  return result;
}

// By what a log names; "fp8" is packed while it is loaded. Empty for formats that differ by publisher.
std::optional<Packing> packing_named(const std::string& format) {
  if (format.empty() || format == "fp8") return Packing{};
  if (format.starts_with("awq") || format == "gptq") return packing(decoder, 4, 1, 128, 2, 4);
  if (format == "mxfp4") return packing({PackedPart::experts}, 4, 1, 32, 1);
  if (format == "int4_g32") return packing({PackedPart::experts}, 4, 1, 32, 2);
  if (format == "fp8_block") return packing(decoder, 8, 128, 128, 4);
  if (format == "fp8_channel") return packing(decoder, 8, 1, 0, 2);
  return std::nullopt;
}

// By a part of the name; the last that fits. The catalog's name is empty where the memory of the card, or of
// the host that it shares, is not told by the name.
struct Card {
  const char *name, *in_catalog;
  std::uint32_t capability;
  bool unified;
};
constexpr std::array cards = {
    Card{"H100",           "",          90,  false},
    Card{"H100_NVL",       "h100-nvl",  90,  false},
    Card{"H200",           "h200",      90,  false},
    Card{"GH200",          "",          90,  false},
    Card{"A100",           "",          80,  false},
    Card{"A100-SXM4-40GB", "a100-40gb", 80,  false},
    Card{"L40S",           "l40s",      89,  false},
    Card{"RTX_3090",       "rtx-3090",  86,  false},
    Card{"RTX_PRO_6000",   "",          120, false},
    Card{"GB10",           "",          121, true },
};

// A row of the catalog, or null: some starts are of models that it lacks.
const Architecture* shape_of(const Catalog& catalog, const VllmStart& start) {
  static std::map<std::string, std::optional<Architecture>> shapes;
  const auto [found, added] = shapes.try_emplace(start.shape);
  if (added && !start.shape.empty()) {
    try {
      found->second = catalog.model(start.shape).architecture;
    } catch (const Error&) {
      found->second.reset();
    }
  }
  return found->second ? &*found->second : nullptr;
}

vllm::Settings settings_for(const Catalog& catalog, const VllmStart& start,
                            const Architecture& architecture) {
  return vllm::resolve(options_of(start), architecture, device_of(catalog, start),
                       start.max_model_len.value_or(architecture.context_length), start.tp * start.pp,
                       !start.quantization.empty());
}

Amount weights_of(const Catalog& catalog, const VllmStart& start, const Architecture& architecture) {
  const vllm::Options options = options_of(start);
  const TargetDevice device = device_of(catalog, start);
  const vllm::Settings settings = settings_for(catalog, start, architecture);
  const std::vector<CheckpointPart> parts = parts_of(start, architecture);
  const auto stages = vllm::loaded_weights({parts, architecture, settings, options, device, {}});
  return vllm::largest(stages).total;
}

std::string name_of(const VllmStart& start) {
  return start.version + " " + start.model + " tp " + std::to_string(start.tp);
}

Pair pair_of(const VllmStart& start, const Amount& amount, double measured, Bytes device) {
  return {name_of(start), gib(amount.low), gib(amount.best), gib(amount.high), measured, gib(device)};
}

// What an engine makes of the memory for its cache, for starts that log both.
template <class Value>
std::vector<Pair> cache_pairs(const Catalog& catalog, const auto& logged, const Value& value) {
  std::vector<Pair> pairs;
  for (const VllmStart& start : vllm_starts()) {
    const Architecture* architecture = shape_of(catalog, start);
    if (architecture == nullptr || !start.available_kv || !logged(start)) continue;
    const vllm::KvCache cache = vllm::kv_cache(*architecture, settings_of(start, *architecture));
    const std::uint64_t length = start.max_model_len.value_or(architecture->context_length);
    const auto at = [&](double memory) { return value(cache, from_gib(memory), length); };
    pairs.push_back({name_of(start), at(*start.available_kv - rounding), at(*start.available_kv),
                     at(*start.available_kv + rounding), static_cast<double>(*logged(start))});
  }
  return pairs;
}

}  // namespace

bool Pair::holds() const { return low - rounding <= std::max(0.0, measured) && measured <= high + rounding; }

std::vector<Pair> token_pairs(const Catalog& catalog) {
  return cache_pairs(
      catalog, [](const VllmStart& start) { return start.kv_tokens; },
      [](const vllm::KvCache& cache, Bytes memory, std::uint64_t) {
        return static_cast<double>(cache.printed_tokens(memory));
      });
}

std::vector<Pair> concurrency_pairs(const Catalog& catalog) {
  return cache_pairs(
      catalog, [](const VllmStart& start) { return start.concurrency; },
      [](const vllm::KvCache& cache, Bytes memory, std::uint64_t length) {
        return cache.max_concurrency(memory, length);
      });
}

std::vector<CheckpointPart> parts_of(const VllmStart& start, const Architecture& architecture) {
  const std::optional<Packing> format = packing_named(start.quantization);
  return format ? checkpoint_parts(architecture, *format) : std::vector<CheckpointPart>();
}

TargetDevice device_of(const Catalog& catalog, const VllmStart& start) {
  TargetDevice device;
  for (const Card& card : cards) {
    if (start.gpu.find(card.name) == std::string::npos) continue;
    device.capability = card.capability;
    device.unified = card.unified;
    device.total = *card.in_catalog == '\0' ? Bytes() : catalog.gpu(card.in_catalog).usable();
  }
  if (start.device_total) device.total = from_gib(*start.device_total);
  return device;
}

vllm::Options options_of(const VllmStart& start) {
  vllm::Options options;
  options.release = start.release();
  options.tensor_parallel_size = start.tp;
  options.pipeline_parallel_size = start.pp;
  options.decode_context_parallel_size = start.dcp;
  options.gpu_memory_utilization = start.gpu_memory_utilization;
  options.max_num_seqs = start.max_num_seqs;
  options.max_num_batched_tokens = start.max_num_batched_tokens;
  options.enforce_eager = start.eager;
  if (start.quantization == "fp8") options.quantization = "fp8";
  if (start.num_spec > 0) options.drafts = {serving::Drafts::Method::mtp, start.num_spec, ""};
  if (start.device_total) options.device_memory = from_gib(*start.device_total);
  return options;
}

std::vector<Pair> weights_pairs(const Catalog& catalog) {
  std::vector<Pair> pairs;
  for (const VllmStart& start : vllm_starts()) {
    const Architecture* architecture = shape_of(catalog, start);
    if (architecture == nullptr || !start.weights || !packing_named(start.quantization)) continue;
    pairs.push_back(pair_of(start, weights_of(catalog, start, *architecture), *start.weights, {}));
  }
  return pairs;
}

std::vector<Pair> available_kv_pairs(const Catalog& catalog) {
  std::vector<Pair> pairs;
  for (const VllmStart& start : vllm_starts()) {
    const Architecture* architecture = shape_of(catalog, start);
    const TargetDevice device = device_of(catalog, start);
    const bool weighs = packing_named(start.quantization) || start.weights;
    if (architecture == nullptr || device.total == Bytes() || !start.available_kv || !weighs) continue;
    if (start.release() < v1_engine) continue;
    const Amount weights = packing_named(start.quantization) ? weights_of(catalog, start, *architecture)
                                                             : Amount::exactly(from_gib(*start.weights));
    const vllm::Settings settings = settings_for(catalog, start, *architecture);
    const vllm::Options options = options_of(start);
    const vllm::Budget budget =
        vllm::budget_of(settings, options, vllm::profiled(settings, options, *architecture), device, weights);
    pairs.push_back(pair_of(start, budget.available_kv, *start.available_kv, device.total));
  }
  return pairs;
}

}  // namespace vramcalc::test
