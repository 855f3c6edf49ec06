#include "serving/vllm_pairs.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>

#include "runtime/serving/vllm/budget.hpp"
#include "runtime/serving/vllm/loaded_weights.hpp"
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
  if (format.starts_with("awq")) return packing(decoder, 4, 1, 128, 2, 4);
  if (format == "mxfp4") return packing({PackedPart::experts}, 4, 1, 32, 1);
  if (format == "int4_g32") return packing({PackedPart::experts}, 4, 1, 32, 2);
  if (format == "fp8_block") return packing(decoder, 8, 128, 128, 4);
  if (format == "fp8_channel") return packing(decoder, 8, 1, 0, 2);
  return std::nullopt;
}

struct Card {
  const char* name;
  std::uint32_t capability;
  bool unified;
};
constexpr std::array cards = {
    Card{"H100",         90,  false},
    Card{"H200",         90,  false},
    Card{"A100",         80,  false},
    Card{"L40S",         89,  false},
    Card{"RTX_3090",     86,  false},
    Card{"RTX_PRO_6000", 120, false},
    Card{"GB10",         121, true },
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

vllm::Settings settings_of(const VllmStart& start, const Architecture& architecture) {
  return vllm::resolve(options_of(start), architecture, device_of(start),
                       start.max_model_len.value_or(architecture.context_length), start.tp * start.pp,
                       !start.quantization.empty());
}

Amount weights_of(const VllmStart& start, const Architecture& architecture, const vllm::Settings& settings,
                  const std::vector<CheckpointPart>& parts) {
  const vllm::Options options = options_of(start);
  const TargetDevice device = device_of(start);
  const auto stages = vllm::loaded_weights({parts, architecture, settings, options, device, {}});
  return vllm::largest(stages).total;
}

Pair pair_of(const VllmStart& start, const Amount& amount, double measured) {
  return {start.version + " " + start.model + " tp " + std::to_string(start.tp),
          gib(amount.low),
          gib(amount.best),
          gib(amount.high),
          measured,
          start.device_total.value_or(0)};
}

}  // namespace

bool Pair::holds() const {
  constexpr double rounding = 0.005;
  return low - rounding <= std::max(0.0, measured) && measured <= high + rounding;
}

std::vector<CheckpointPart> parts_of(const VllmStart& start, const Architecture& architecture) {
  const std::optional<Packing> format = packing_named(start.quantization);
  return format ? checkpoint_parts(architecture, *format) : std::vector<CheckpointPart>();
}

TargetDevice device_of(const VllmStart& start) {
  TargetDevice device;
  device.total = from_gib(start.device_total.value_or(0));
  for (const Card& card : cards) {
    if (start.gpu.find(card.name) == std::string::npos) continue;
    device.capability = card.capability;
    device.unified = card.unified;
  }
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
    if (architecture == nullptr || !start.weights) continue;
    const std::vector<CheckpointPart> parts = parts_of(start, *architecture);
    if (parts.empty()) continue;
    const vllm::Settings settings = settings_of(start, *architecture);
    pairs.push_back(pair_of(start, weights_of(start, *architecture, settings, parts), *start.weights));
  }
  return pairs;
}

std::vector<Pair> available_kv_pairs(const Catalog& catalog) {
  std::vector<Pair> pairs;
  for (const VllmStart& start : vllm_starts()) {
    const Architecture* architecture = shape_of(catalog, start);
    const bool known = architecture != nullptr && start.device_total && start.available_kv;
    if (!known || start.release() < v1_engine) continue;
    const vllm::Settings settings = settings_of(start, *architecture);
    const std::vector<CheckpointPart> parts = parts_of(start, *architecture);
    const Amount weights = parts.empty() ? Amount::exactly(from_gib(start.weights.value()))
                                         : weights_of(start, *architecture, settings, parts);
    const vllm::Budget budget =
        vllm::budget_of(settings, options_of(start), *architecture, device_of(start), weights);
    pairs.push_back(pair_of(start, budget.available_kv, *start.available_kv));
  }
  return pairs;
}

}  // namespace vramcalc::test
