#include "runtime/serving/vllm/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "runtime/serving/vllm/defaults.hpp"
#include "runtime/serving/vllm/explanation.hpp"

namespace vramcalc::vllm {
namespace {

const Options& options_of(const vramcalc::Options& options) {
  static const Options defaults;
  const auto* ours = std::get_if<Options>(&options);
  return ours == nullptr ? defaults : *ours;
}

// Defaults depend on the GPU. Where none is named, they are those of an H100.
TargetDevice known_device(TargetDevice device) {
  constexpr std::uint64_t h100_mib = 81081;
  device.count = 1;
  if (device.total > Bytes()) return device;
  device.total = Bytes(h100_mib * MiB);
  device.capability = 90;
  return device;
}

const CheckpointFormat& format_of(const Quantization& quantization) {
  if (const auto* format = std::get_if<CheckpointFormat>(&quantization)) return *format;
  throw Error(
      ErrorCode::unsupported,
      fmt::format("vLLM loads checkpoints, and {} is a GGUF type; -q names a format such as BF16, FP8 or AWQ",
                  name_of(quantization)));
}

bool has_kernels(const TargetDevice& device) {
  return device.backend == Backend::cuda || device.backend == Backend::rocm;
}

std::string refusal_of_device(const CheckpointFormat& format, const TargetDevice& device) {
  if (!has_kernels(device)) return "vLLM has kernels for NVIDIA and AMD GPUs";
  if (format.row == nullptr || device.capability == 0 || device.backend != Backend::cuda) return "";
  if (nvidia_support(*format.row, device.capability) != FormatSupport::unsupported) return "";
  return fmt::format("vLLM has no kernels for {} on GPUs of compute capability {}.{}", format.row->name,
                     device.capability / 10, device.capability % 10);
}

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
    : vramcalc::Session(runtime, opening),
      options_(options_of(opening.options)),
      draft_(opening.extras.draft) {}

// ---- weights

WeightBytes Session::weigh(const Quantization& quantization) {
  format_of(quantization);
  const Weights& weights = stored(quantization);
  WeightBytes bytes{weights.tensor_bytes, weights.file_bytes, {}, Bytes(0), weights.bits_per_weight(), false};
  for (const CheckpointPart& part : weights.parts)
    if (!part.prediction && !(part.tower && options_.language_model_only)) bytes.gpu += part.bytes;
  return bytes;
}

std::vector<LoadedStage> Session::stages(const Quantization& quantization, const Settings& settings,
                                         const TargetDevice& device, const Options& options) {
  const CheckpointFormat& format = format_of(quantization);
  const auto loaded = [&](const std::vector<CheckpointPart>& parts) {
    return loaded_weights({parts, architecture(), settings, options, device, {}});
  };
  std::vector<LoadedStage> stages = loaded(stored(quantization).parts);
  if (format.range && format.stored_parts == nullptr)
    widen(stages, loaded(checkpoint_parts(architecture(), format.range->least)),
          loaded(checkpoint_parts(architecture(), format.range->most)));
  return stages;
}

// ---- one engine

// As many GPUs for each layer as there are, if vLLM can split the model so.
std::uint32_t Session::tensor_parallel(std::uint64_t length, const TargetDevice& device, std::uint32_t gpus) {
  if (options_.tensor_parallel_size) return *options_.tensor_parallel_size;
  const auto known = std::ranges::find(splits_, gpus, &Split::gpus);
  if (known != splits_.end()) return known->tensor;
  const auto accepts = [&](std::uint32_t tensor) {
    Options options = options_;
    options.tensor_parallel_size = tensor;
    try {
      resolve(options, architecture(), known_device(device), length, tensor);
      return true;
    } catch (const Error& refusal) {
      if (refusal.code() != ErrorCode::bad_value) throw;
      return false;
    }
  };
  const std::uint32_t copies = options_.pipeline_parallel_size * options_.data_parallel_size;
  std::uint32_t tensor = std::max<std::uint32_t>(1, gpus / copies);
  while (tensor > 1 && !accepts(tensor)) --tensor;
  splits_.push_back({gpus, tensor});
  return tensor;
}

Settings Session::settings_on(std::uint64_t length, const TargetDevice& device) {
  Options options = options_;
  options.tensor_parallel_size = tensor_parallel(length, device, device.total > Bytes() ? device.count : 1);
  return resolve(options, architecture(), known_device(device), length, 1);
}

const Session::Loaded& Session::loaded(const Quantization& quantization, const Settings& settings,
                                       const TargetDevice& device, const Options& options) {
  const auto known = std::ranges::find_if(loaded_, [&](const Loaded& each) {
    return each.settings == settings && each.backend == device.backend && each.options == options &&
           each.key.is_of(quantization);
  });
  if (known != loaded_.end()) return *known;
  const Architecture* draft = draft_ == nullptr ? nullptr : &draft_->model.architecture;
  return loaded_.emplace_back(Loaded{QuantizationKey(quantization), settings, options, device.backend,
                                     stages(quantization, settings, device, options),
                                     kv_cache(architecture(), settings, declares_fp8_cache(), draft)});
}

Engine Session::engine(const Quantization& quantization, std::uint64_t length, const TargetDevice& target,
                       const Options& options) {
  const bool packed = !format_of(quantization).packing.layout.parts.empty();
  Engine engine;
  engine.device = known_device(target);
  engine.settings = resolve(options, architecture(), engine.device, length, 1, packed);
  engine.refusal = refusal_of_device(format_of(quantization), engine.device);
  const Loaded& known = loaded(quantization, engine.settings, engine.device, options);
  engine.stages = known.stages;
  engine.cache = known.cache;
  for (const LoadedStage& stage : engine.stages)
    engine.budgets.push_back(budget_of(engine.settings, options, architecture(), engine.device, stage.total));
  for (const Budget& budget : engine.budgets)
    if (engine.refusal.empty()) engine.refusal = budget.refusal;
  return engine;
}

Estimate Session::estimate_of(const Engine& engine, const Quantization& quantization, const Demand& demand,
                              Reasons reasons) {
  const WeightBytes& bytes = weights(quantization);
  Estimate estimate{bytes.tensor_bytes, bytes.file_bytes, {}};
  for (std::size_t stage = 0; stage < engine.budgets.size(); ++stage) {
    PlaceEstimate rank = rank_of(engine, stage, demand);
    if (reasons == Reasons::full)
      add_reasons(engine, architecture(), name_of(quantization), demand, stage, rank.terms);
    for (std::uint32_t i = 0; i < engine.settings.parallel.tensor * engine.settings.parallel.data; ++i) {
      rank.place = Place::gpu(estimate.places.size());
      estimate.places.push_back(rank);
    }
  }
  return estimate;
}

Estimate Session::estimate(const Quantization& quantization, const Demand& demand, const TargetDevice& device,
                           Reasons reasons) {
  Options options = options_;
  options.tensor_parallel_size =
      tensor_parallel(demand.tokens, device, device.total > Bytes() ? device.count : 1);
  return estimate_of(engine(quantization, demand.tokens, device, options), quantization, demand, reasons);
}

// ---- what it lets itself take

bool Session::declares_fp8_cache() const {
  return model().packed && model().packed->kv_cache_quantization.starts_with("fp8");
}

Bytes Session::kv_bytes_per_token() const {
  Options options = options_;
  if (!options.tensor_parallel_size) options.tensor_parallel_size = 1;
  const Settings settings =
      resolve(options, architecture(), known_device({}), architecture().context_length, 1);
  const Architecture* draft = draft_ == nullptr ? nullptr : &draft_->model.architecture;
  return kv_cache(architecture(), settings, declares_fp8_cache(), draft).bytes_per_token;
}

Bytes Session::budget(const TargetDevice& device, Bytes usable) const {
  const double share =
      options_.gpu_memory_utilization.value_or(defaults_of(options_.release).gpu_memory_utilization);
  const Bytes total = options_.device_memory.value_or(device.total > Bytes() ? device.total : usable);
  return Bytes(static_cast<std::uint64_t>(std::ceil(static_cast<double>(total.count()) * share)));
}

}  // namespace vramcalc::vllm
