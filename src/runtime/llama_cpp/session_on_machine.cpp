#include <fmt/format.h>

#include <algorithm>

#include "runtime/llama_cpp/draft_model.hpp"
#include "runtime/llama_cpp/drafting.hpp"
#include "runtime/llama_cpp/fit/automatic_fit.hpp"
#include "runtime/llama_cpp/fit/fit.hpp"
#include "runtime/llama_cpp/fit/glance.hpp"
#include "runtime/llama_cpp/server_command.hpp"
#include "runtime/llama_cpp/session.hpp"
#include "runtime/llama_cpp/settings_text.hpp"
#include "runtime/llama_cpp/speed.hpp"
#include "runtime/llama_cpp/terms.hpp"
#include "runtime/llama_cpp/tool.hpp"
#include "runtime/own.hpp"

namespace vramcalc::llama_cpp {
namespace {

// ---- the requested placement

void require_shares(const ModelParams& model, const Machine& machine) {
  if (model.tensor_split.size() > machine.devices.size())
    throw Error(ErrorCode::bad_value,
                fmt::format("-ts has {} shares, but {} has {} GPU{}", model.tensor_split.size(), machine.name,
                            machine.devices.size(), machine.devices.size() == 1 ? "" : "s"));
}

// llama_max_tensor_buft_overrides() is 4096 in llama.cpp 0.5.0, and the last entry ends the list; more
// overrides fail an assertion (src/llama.cpp; common/common.cpp).
void require_few_overrides(const ModelParams& model) {
  constexpr std::uint64_t most = 4095;
  const std::uint64_t all =
      model.overrides.size() + (model.cpu_moe ? 1 : 0) + std::uint64_t{model.cpu_moe_layers};
  if (all > most)
    throw Error(
        ErrorCode::bad_value,
        fmt::format("llama.cpp accepts at most {} tensor overrides, but -ot, -cmoe and -ncmoe make {}; "
                    "-cmoe moves the experts of all layers with a single override",
                    grouped(most), grouped(all)));
}

// In 0.5.0 only the SYCL backend still has buffers that are split by rows (ggml_backend_split_buffer_type).
void require_split_mode(const ModelParams& model, const Machine& machine) {
  if (model.split_mode != SplitMode::row) return;
  if (machine.device.backend == Backend::sycl)
    throw Error(ErrorCode::unsupported, "-sm row is not calculated; -sm layer is");
  throw Error(
      ErrorCode::bad_value,
      fmt::format("llama.cpp {} does not start with -sm row on {}, which no longer has split buffers; "
                  "use -sm layer or -sm tensor",
                  version, title(machine.device.backend)));
}

}  // namespace

std::optional<std::uint64_t> Session::default_tokens(const Machine&) const {
  const std::uint64_t tokens = rules_of(options_.tool).context;
  if (tokens == 0) return std::nullopt;
  return std::min<std::uint64_t>(tokens, architecture().context_length);
}

vramcalc::Placement Session::asked_placement(const Machine& machine) const {
  const ModelParams& model = options_.model;
  require_shares(model, machine);
  require_few_overrides(model);
  require_split_mode(model, machine);
  Placement placement;
  placement.layers = model.gpu_layers;
  if (machine.devices.size() > 1) placement.split = model.tensor_split;
  placement.overrides = model.overrides;
  if (model.cpu_moe) placement.overrides.push_back(experts_on_host());
  for (TensorOverride& moved : experts_on_host(model.cpu_moe_layers))
    placement.overrides.push_back(std::move(moved));
  placement.offload_operations = model.offload_operations;
  placement.split_tensors = model.split_mode == SplitMode::tensor;
  if (placement == Placement{}) return {};
  return placement;
}

// ---- loads

Load Session::load(const Quantization& quantization, const Demand& demand, const Machine& machine,
                   const vramcalc::Placement& asked) {
  Spread spread = spread_over(*this, quantization, demand.tokens, machine, own<Placement>(asked));
  Load load{demand,      asked,       std::move(spread.placement), std::move(spread.estimate),
            spread.fits, spread.moved};
  load.layers = layers_of(architecture(), own<Placement>(asked));
  return load;
}

bool Session::fits(const Quantization& quantization, const Demand& demand, const Machine& machine,
                   const vramcalc::Placement& asked) {
  return fits_over(*this, quantization, demand.tokens, machine, own<Placement>(asked));
}

// If host memory is used already, it cannot make a load fit.
Verdict Session::verdict(const Load& load, const Machine& machine) const {
  const Placement& asked = own<Placement>(load.asked);
  if (asked.layers || !asked.overrides.empty()) return worst_of(verdicts_on(load.estimate, machine));
  return verdict_on(load.estimate, machine);
}

Verdict Session::verdict(const Quantization& quantization, const Demand& demand, const Machine& machine) {
  if (machine.devices.size() < 2) return vramcalc::Session::verdict(quantization, demand, machine);
  if (const auto known = Glance(*this, quantization, demand.tokens, machine).verdict()) return *known;
  return verdict(load(quantization, demand, machine, {}), machine);
}

std::optional<std::uint64_t> Session::longest_context(const Quantization& quantization,
                                                      const Machine& machine,
                                                      const vramcalc::Placement& asked, std::uint64_t known) {
  return llama_cpp::longest_context(*this, quantization, machine, own<Placement>(asked), known);
}

std::uint32_t Session::most_sequences(const Quantization& quantization, std::uint64_t tokens,
                                      const Machine& machine, const vramcalc::Placement& asked) {
  return llama_cpp::most_sequences(*this, quantization, tokens, machine, own<Placement>(asked));
}

std::optional<Load> Session::load_with_host(const Quantization& quantization, const Machine& machine,
                                            const PlanGoal& goal) {
  return llama_cpp::load_with_host(*this, quantization, machine, goal);
}

Load Session::load_by_itself(const Quantization& quantization, const std::optional<std::uint64_t>& context,
                             std::uint64_t least_context, const Machine& machine) {
  const FitSettings settings{context, options_.fit_target, least_context};
  FittedLoad fitted = automatic_fit(*this, quantization, placement_on(machine).free, settings);
  fitted.placement.as_fit_estimates = false;
  Load load{{fitted.context}, fitted.placement, fitted.placement, {}};
  load.layers = layers_of(architecture(), fitted.placement);
  load.caveat =
      "llama.cpp's own fit ignores pipeline copies and driver memory, so this needs more than the GPUs have";
  return load;
}

// The fit begins with the whole context for every slot, which a file may set too high to count.
bool has_countable_contexts(const Architecture& architecture, const ResolvedContext& resolved) {
  return architecture.context_length <= most_cells / std::max<std::uint64_t>(resolved.sequences, 1);
}

// A placement that was asked for ends the fit early (common/fit.cpp), which is not predicted.
std::optional<Load> Session::own_choice(const Quantization& quantization,
                                        const std::optional<std::uint64_t>& context,
                                        std::uint64_t least_context, const Machine& machine) {
  const bool fits = options_.fit && rules_of(options_.tool).fits && !machine.devices.empty();
  if (!fits || asked_placement(machine) != vramcalc::Placement{}) return std::nullopt;
  if (!context && !has_countable_contexts(architecture(), resolve(cell_step))) return std::nullopt;
  return load_by_itself(quantization, context, least_context, machine);
}

void Session::give_reasons(const Quantization& quantization, Load& load, const Machine& machine) {
  load.estimate = estimate_on(*this, quantization, load.demand.tokens, machine,
                              own<Placement>(load.placement), Reasons::full);
}

std::string Session::why_moved(const Load& load) const {
  const std::string split = fmt::format("{:g}", fmt::join(own<Placement>(load.placement).split, ","));
  return fmt::format("the default split does not fit, but a split of {} layers does (-ts {})", split, split);
}

// ---- ways to fit

namespace {

// The fewest of `all` that are enough, given that more of them only help.
template <class Enough>
std::optional<std::uint32_t> fewest(std::uint32_t all, const Enough& enough) {
  if (!enough(all)) return std::nullopt;
  std::uint32_t low = 0, high = all;
  while (high - low > 1) {
    const std::uint32_t middle = low + (high - low) / 2;
    (enough(middle) ? high : low) = middle;
  }
  return high;
}

}  // namespace

std::vector<std::string> Session::ways_to_fit(const Quantization& quantization, const Load& load,
                                              const Machine& machine) {
  if (machine.devices.empty() || machine.shares_memory || own<Placement>(load.asked) != Placement{})
    return {};
  const ShapeFacts facts = shape_facts(architecture());
  const auto fits_with = [&](const Placement& placement) {
    return fits_over(*this, quantization, load.demand.tokens, machine, placement);
  };
  if (facts.experts > 0) {
    const auto layers = fewest(facts.block_count, [&](std::uint32_t count) {
      Placement placement;
      placement.overrides = experts_on_host(count);
      return fits_with(placement);
    });
    if (layers)
      return {fmt::format("fits with the experts of {} layers in host memory (-ncmoe {})", *layers, *layers)};
  }
  const std::uint32_t all = facts.block_count + 1;
  const auto left = fewest(all, [&](std::uint32_t count) {
    Placement placement;
    placement.layers = all - count;
    return fits_with(placement);
  });
  if (!left || *left == all) return {};
  return {fmt::format("fits with {} of {} layers on the GPU (-ngl {})", all - *left, all, all - *left)};
}

// ---- in words

std::vector<Setting> Session::settings(const Quantization&, const Demand& demand,
                                       const TargetDevice& device) {
  const ResolvedContext resolved = resolve(demand.tokens, device.backend);
  const auto number = [](std::uint64_t value) { return decltype(Setting::value)(value); };
  return {
      {"context",          number(resolved.context)                     },
      {"context_asked",    number(demand.tokens)                        },
      {"context_per_slot", number(resolved.context_per_slot)            },
      {"parallel",         number(resolved.sequences)                   },
      {"kv_unified",       resolved.kv_unified                          },
      {"cache_type_k",     std::string(to_string(params().cache_type_k))},
      {"cache_type_v",     std::string(to_string(params().cache_type_v))},
      {"batch",            number(resolved.batch)                       },
      {"ubatch",           number(resolved.ubatch)                      },
      {"flash_attention",  resolved.flash_attention                     },
      {"swa_full",         params().swa_full                            },
      {"kv_offload",       params().kv_offload                          },
      {"draft_tokens",     number(params().draft_tokens)                },
  };
}

std::vector<std::string> Session::unusual_settings(const Quantization&, const Demand&, const TargetDevice&) {
  const ContextParams usual;
  std::vector<std::string> parts;
  const auto add = [&](bool unusual, std::string what) {
    if (unusual) parts.push_back(std::move(what));
  };
  add(params().parallel != rules_of(options_.tool).parallel, slots_text(params()));
  add(options_.model.split_mode == SplitMode::tensor, "-sm tensor");
  add(params().cache_type_k != usual.cache_type_k || params().cache_type_v != usual.cache_type_v,
      fmt::format("cache {}/{}", to_string(params().cache_type_k), to_string(params().cache_type_v)));
  add(params().flash_attention != usual.flash_attention,
      params().flash_attention == FlashAttention::on ? "flash attention" : "no flash attention");
  add(params().batch != usual.batch, fmt::format("batch {}", params().batch));
  add(params().ubatch != usual.ubatch, fmt::format("ubatch {}", params().ubatch));
  add(params().swa_full, "full-size windows");
  add(!params().kv_offload, "KV cache in host memory");
  add(!options_.drafting.types.empty(),
      fmt::format("drafts of {} tokens by {}", params().draft_tokens, names_of(options_.drafting)));
  return parts;
}

std::uint64_t Session::tokens_per_sequence(const Demand& demand) const {
  return resolve(demand.tokens).context_per_slot;
}

std::string Session::command(const std::string& file, const Load& load) const {
  const std::string draft = extras_->draft == nullptr ? "" : file_of(*extras_->draft);
  return server_command(file, draft, options_, load.demand.tokens, load.layers,
                        own<Placement>(load.placement));
}

std::string Session::flags_for(std::uint32_t sequences, std::uint64_t tokens) const {
  return fmt::format("-np {}{} -c {}", sequences, params().kv_unified.value_or(false) ? " -kvu" : "",
                     tokens * sequences);
}

// ---- speed

SpeedQuestion Session::speed_question(const Quantization& quantization, const Demand& demand) {
  const std::uint64_t cells = resolve(demand.tokens).cells;  // of one sequence at most
  return {architecture(), weights(quantization), params(), std::min(demand.tokens, cells)};
}

Speed Session::speed(const Quantization& quantization, const Load& load, const Machine& machine) {
  return speed::speed_of(work(quantization, load, machine));
}

std::vector<ExplainedSpeed> Session::explain_speed(const Quantization& quantization, const Load& load,
                                                   const Machine& machine) {
  return speed::explain(work(quantization, load, machine));
}

speed::Work Session::work(const Quantization& quantization, const Load& load, const Machine& machine) {
  return work_of(speed_question(quantization, load.demand), load.estimate, machine,
                 own<Placement>(load.placement));
}

std::optional<SpeedEstimate> Session::decode_on(const Quantization& quantization, const Demand& demand,
                                                std::span<const Device> devices) {
  return llama_cpp::decode_on(speed_question(quantization, demand), devices);
}

std::vector<std::optional<SpeedEstimate>> Session::decode_on_each(
    const Quantization& quantization, const Demand& demand,
    std::span<const std::span<const Device>> machines) {
  return llama_cpp::decode_on_each(speed_question(quantization, demand), machines);
}

}  // namespace vramcalc::llama_cpp
