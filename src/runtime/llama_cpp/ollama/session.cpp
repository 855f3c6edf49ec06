#include "runtime/llama_cpp/ollama/session.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/llama_cpp/fit/fit.hpp"
#include "runtime/llama_cpp/overhead.hpp"
#include "runtime/llama_cpp/settings_text.hpp"
#include "runtime/llama_cpp/tool.hpp"
#include "runtime/own.hpp"

namespace vramcalc::llama_cpp::ollama {
namespace {

// llm/llama_server.go: -b and -ub are the same number.
ContextParams with_batch(ContextParams params, std::uint32_t batch) {
  params.batch = params.ubatch = batch;
  return params;
}

constexpr std::uint32_t usual_batch = 512;

// llm/llama_server.go, mmprojOffloadHeadroom: room for the projector's weights and 1 GiB, in MiB. Only a
// margin that was asked for is added to it.
Bytes margin_of(const Options& options, const std::vector<Projector>& projectors) {
  const Bytes asked = std::max(options.fit_target, options.ollama.gpu_overhead);
  if (projectors.empty()) return asked;
  Bytes room(GiB);
  for (const Projector& projector : projectors) room += projector.weights.tensor_bytes;
  room = round_up(room, MiB);
  return asked == Options{}.fit_target ? room : asked + room;
}

// What Ollama passes, whatever the model and the GPUs.
Opening as_started(Opening opening) {
  auto& options = std::get<Options>(opening.options);
  if (takes_one_slot(opening.model.architecture)) options.context.parallel = 1;
  if (!options.ollama.sets_batch) options.context = with_batch(options.context, usual_batch);
  options.fit_target = margin_of(options, opening.extras.projectors);
  return opening;
}

Gpus gpus_of(const Machine& machine) {
  Gpus gpus{{}, machine.device.backend, machine.device.capability};
  for (const Device& device : machine.devices) gpus.free.push_back(device.usable);
  if (machine.devices.empty() && machine.usable > Bytes()) gpus.free.push_back(machine.usable);
  return gpus;
}

Gpus gpus_of(const TargetDevice& device) {
  return {std::vector<Bytes>(device.total > Bytes() ? device.count : 0, device.total), device.backend,
          device.capability};
}

Machine only(const Machine& machine, int gpu) {
  if (gpu < 0) return machine;
  Machine one = machine_of({machine.devices[static_cast<std::size_t>(gpu)]});
  one.id = machine.id;
  one.host = machine.host;
  one.shares_memory = machine.shares_memory;
  return one;
}

}  // namespace

Session::Session(const Runtime& runtime, const Opening& opening)
    : vramcalc::Session(runtime, opening),
      options_(std::get<Options>(as_started(opening).options)),
      plain_(std::make_unique<Server>(runtime, as_started(opening))),
      latest_(plain_.get()) {}

// ---- the flags

Bytes Session::guess(const Quantization& quantization, std::uint64_t tokens) {
  return predicted(architecture(), weights(quantization).file_bytes, tokens);
}

Session::Server& Session::server_on(const Gpus& gpus, Bytes guess, std::uint64_t tokens) {
  ContextParams params = plain_->params();
  params.flash_attention = flash_attention(params.flash_attention, gpus);
  if (!options_.ollama.sets_batch)
    params = with_batch(params, batch_for(architecture(), tokens, guess, params.flash_attention, gpus));
  if (params == plain_->params()) return *plain_;
  const auto same = std::ranges::find(
      others_, params, [](const auto& each) -> const ContextParams& { return each->params(); });
  if (same != others_.end()) return **same;
  return *others_.emplace_back(plain_->with_params(params));
}

Session::Server& Session::server_on(const TargetDevice& device, const Quantization& quantization,
                                    std::uint64_t tokens) {
  const Bytes size = guess(quantization, tokens);
  Gpus gpus = gpus_of(device);
  if (!options_.ollama.spread && only_gpu(size, gpus) >= 0) gpus.free.resize(1);
  return server_on(gpus, size, tokens);
}

Session::Started Session::start(const Quantization& quantization, std::uint64_t tokens,
                                const Machine& machine) {
  const Bytes size = guess(quantization, tokens);
  const Gpus gpus = gpus_of(machine);
  const int gpu = options_.ollama.spread ? -1 : only_gpu(size, gpus);
  Machine seen = only(machine, gpu);
  return {server_on(gpus_of(seen), size, tokens), std::move(seen), gpu};
}

// ---- on GPUs that count as one

Estimate Session::estimate(const Quantization& quantization, const Demand& demand, const TargetDevice& device,
                           Reasons reasons) {
  Server& server = server_on(device, quantization, demand.tokens);
  if (reasons == Reasons::full) latest_ = &server;
  return server.estimate(quantization, demand, device, reasons);
}

Amount Session::gpu_total(const Quantization& quantization, const Demand& demand,
                          const TargetDevice& device) {
  return server_on(device, quantization, demand.tokens).gpu_total(quantization, demand, device);
}

Amount Session::host_total(const Quantization& quantization, const Demand& demand, Backend backend) {
  return server_on(TargetDevice{.backend = backend}, quantization, demand.tokens)
      .host_total(quantization, demand, backend);
}

// llama-server leaves its margin free, or moves layers to the host; what the driver takes is in that margin.
Verdict Session::verdict_on_pool(const Quantization& quantization, const Demand& demand,
                                 const TargetDevice& device, Bytes usable, Bytes host) {
  Server& server = server_on(device, quantization, demand.tokens);
  const Verdict whole = server.verdict_on_pool(quantization, demand, device, usable, host);
  if (whole >= Verdict::offload || fits_on_pool(quantization, demand, device, usable)) return whole;
  return host == Bytes(0) ? std::max(whole, Verdict::tight) : Verdict::offload;
}

bool Session::fits_on_pool(const Quantization& quantization, const Demand& demand, const TargetDevice& device,
                           Bytes usable) {
  Server& server = server_on(device, quantization, demand.tokens);
  const Bytes needed = server.gpu_total(quantization, demand, device).high;
  const Bytes margin = options_.fit_target * device.count, driver = overhead_bytes(device).high;
  return needed + (margin > driver ? margin - driver : Bytes(0)) <= usable;
}

// ---- on a machine

std::optional<std::uint64_t> Session::default_tokens(const Machine& machine) const {
  Bytes total;
  for (const Device& device : machine.devices)
    total += device.usable > options_.ollama.gpu_overhead ? device.usable - options_.ollama.gpu_overhead
                                                          : Bytes(0);
  const std::uint64_t trained = architecture().context_length;
  const std::uint64_t of_slot =
      options_.ollama.num_ctx ? std::min(*options_.ollama.num_ctx, trained) : default_context(total, trained);
  return checked_multiply(of_slot, slots());
}

vramcalc::Placement Session::asked_placement(const Machine& machine) const {
  return plain_->asked_placement(machine);
}

// With the memory that llama-server's fit leaves free beyond what the driver takes.
Machine Session::less_margin(const Machine& machine) const {
  if (machine.devices.empty()) return machine;
  Machine less = machine;
  less.usable = Bytes(0);
  for (Device& device : less.devices) {
    const Bytes driver = overhead_bytes(device.target).high;
    const Bytes margin = options_.fit_target > driver ? options_.fit_target - driver : Bytes(0);
    device.usable = device.usable > margin ? device.usable - margin : Bytes(0);
    less.usable += device.usable;
  }
  return less;
}

namespace {

std::string chosen_by_fit(const LayerCounts& layers) {
  std::string text = fmt::format("llama-server's own fit would leave {} of {} layers on the GPUs",
                                 layers.on_gpus, layers.all);
  if (layers.without_experts > 0)
    text += fmt::format(", {} of them with their experts in host memory", layers.without_experts);
  return text;
}

}  // namespace

Load Session::fitted(const Quantization& quantization, const Demand& demand, const Machine& machine) {
  Started started = start(quantization, demand.tokens, machine);
  Load load = started.server.load_by_itself(quantization, demand.tokens, demand.tokens, started.machine);
  load.demand = demand;
  load.asked = {};
  load.estimate = estimate_on(started.server, quantization, demand.tokens, started.machine,
                              own<Placement>(load.placement), Reasons::none);
  load.caveat = load.layers.whole ? "" : chosen_by_fit(load.layers);
  load.fits = load.layers.whole && fits_on(load.estimate, started.machine);
  const Verdict worst = worst_of(verdicts_on(load.estimate, started.machine));
  load.verdict = load.layers.whole ? worst : std::max(worst, Verdict::offload);
  if (started.gpu > 0) load.estimate.places.front().place = Place::gpu(static_cast<std::size_t>(started.gpu));
  return load;
}

Load Session::load(const Quantization& quantization, const Demand& demand, const Machine& machine,
                   const vramcalc::Placement& asked) {
  if (asked == vramcalc::Placement{} && !machine.devices.empty())
    return fitted(quantization, demand, machine);
  Started started = start(quantization, demand.tokens, machine);
  return started.server.load(quantization, demand, started.machine, asked);
}

bool Session::fits(const Quantization& quantization, const Demand& demand, const Machine& machine,
                   const vramcalc::Placement& asked) {
  Started started = start(quantization, demand.tokens, machine);
  return started.server.fits(quantization, demand, less_margin(started.machine), asked);
}

Verdict Session::verdict(const Load& load, const Machine& machine) const {
  return load.verdict ? *load.verdict : plain_->verdict(load, machine);
}

Verdict Session::verdict(const Quantization& quantization, const Demand& demand, const Machine& machine) {
  Started started = start(quantization, demand.tokens, machine);
  const Verdict whole = started.server.verdict(quantization, demand, started.machine);
  if (whole >= Verdict::offload || fits(quantization, demand, machine, {})) return whole;
  return Verdict::offload;
}

Capacity Session::capacity(const Quantization& quantization, const Load& load, const Machine& machine) {
  return start(quantization, load.demand.tokens, machine).server.capacity(quantization, load, machine);
}

// Where memory is short the batch is the usual one.
std::optional<std::uint64_t> Session::longest_context(const Quantization& quantization,
                                                      const Machine& machine,
                                                      const vramcalc::Placement& asked, std::uint64_t known) {
  return plain_->longest_context(quantization, less_margin(machine), asked, known);
}

std::uint32_t Session::most_sequences(const Quantization& quantization, std::uint64_t tokens,
                                      const Machine& machine, const vramcalc::Placement& asked) {
  if (takes_one_slot(architecture())) return 0;
  return plain_->most_sequences(quantization, tokens, less_margin(machine), asked);
}

std::optional<Load> Session::load_with_host(const Quantization& quantization, const Machine& machine,
                                            const PlanGoal& goal) {
  if (machine.devices.empty() || machine.shares_memory) return std::nullopt;
  const std::uint64_t tokens =
      goal.context.value_or(std::min<std::uint64_t>(goal.least_context, architecture().context_length));
  Load load = fitted(quantization, Demand{tokens}, machine);
  if (*load.verdict == Verdict::no) return std::nullopt;
  return load;
}

Load Session::load_by_itself(const Quantization& quantization, const std::optional<std::uint64_t>& context,
                             std::uint64_t, const Machine& machine) {
  return fitted(quantization, Demand{context ? *context : *default_tokens(machine)}, machine);
}

void Session::give_reasons(const Quantization& quantization, Load& load, const Machine& machine) {
  Started started = start(quantization, load.demand.tokens, machine);
  latest_ = &started.server;
  started.server.give_reasons(quantization, load, started.machine);
  if (started.gpu > 0) load.estimate.places.front().place = Place::gpu(static_cast<std::size_t>(started.gpu));
}

void Session::forget_searches() {
  plain_->forget_searches();
  for (const auto& other : others_) other->forget_searches();
}

// ---- in words

std::vector<Setting> Session::settings(const Quantization& quantization, const Demand& demand,
                                       const TargetDevice& device) {
  return server_on(device, quantization, demand.tokens).settings(quantization, demand, device);
}

std::vector<std::string> Session::unusual_settings(const Quantization& quantization, const Demand& demand,
                                                   const TargetDevice& device) {
  const ContextParams& params = server_on(device, quantization, demand.tokens).params();
  std::vector<std::string> parts = {
      slots_text(params),
      fmt::format("cache {}",
                  params.cache_type_k == params.cache_type_v
                      ? std::string(to_string(params.cache_type_k))
                      : fmt::format("{}/{}", to_string(params.cache_type_k), to_string(params.cache_type_v))),
      fmt::format("batch {}", params.ubatch)};
  if (params.flash_attention != FlashAttention::automatic)
    parts.emplace_back(params.flash_attention == FlashAttention::on ? "flash attention"
                                                                    : "no flash attention");
  return parts;
}

std::uint64_t Session::tokens_per_sequence(const Demand& demand) const {
  return plain_->tokens_per_sequence(demand);
}

std::string Session::why_interval(Backend backend) const {
  std::string why = latest_->why_interval(backend);
  if (backend != Backend::metal || !prefers_mlx(options_.tool_release)) return why;
  return why + (why.empty() ? "" : "; ") +
         "from 0.40 on Ollama runs models on MLX where it has them for Apple silicon, and these figures are "
         "for "
         "llama.cpp";
}

Explanation Session::explain(TermKind kind, const Quantization& quantization, const Demand& demand) {
  return latest_->explain(kind, quantization, demand);
}

OtherFiles Session::other_files(const Quantization& quantization) {
  return plain_->other_files(quantization);
}

std::string Session::command(const std::string&, const Load& load) const {
  const std::uint64_t of_slot = load.demand.tokens / slots();
  return fmt::format("{} ollama serve", flags_for(slots(), of_slot));
}

std::string Session::flags_for(std::uint32_t sequences, std::uint64_t tokens) const {
  return fmt::format("OLLAMA_NUM_PARALLEL={} OLLAMA_CONTEXT_LENGTH={}", sequences, tokens);
}

// ---- speed

Speed Session::speed(const Quantization& quantization, const Load& load, const Machine& machine) {
  Started started = start(quantization, load.demand.tokens, machine);
  return started.server.speed(quantization, load, started.machine);
}

std::vector<ExplainedSpeed> Session::explain_speed(const Quantization& quantization, const Load& load,
                                                   const Machine& machine) {
  Started started = start(quantization, load.demand.tokens, machine);
  return started.server.explain_speed(quantization, load, started.machine);
}

std::optional<SpeedEstimate> Session::decode_on(const Quantization& quantization, const Demand& demand,
                                                std::span<const Device> devices) {
  return plain_->decode_on(quantization, demand, devices);
}

std::vector<std::optional<SpeedEstimate>> Session::decode_on_each(
    const Quantization& quantization, const Demand& demand,
    std::span<const std::span<const Device>> machines) {
  return plain_->decode_on_each(quantization, demand, machines);
}

}  // namespace vramcalc::llama_cpp::ollama
