#include <fmt/format.h>

#include <algorithm>

#include "vramcalc/runtime.hpp"

namespace vramcalc {

Estimator::Estimator(const Model& model, const Runtime& runtime, Workload workload, QuantizeOptions options,
                     KnownFigures known)
    : model_(model),
      runtime_(runtime),
      workload_(workload),
      options_(options),
      known_weighings_(std::move(known.weighings)),
      known_others_(std::move(known.others)),
      stretches_(std::move(known.stretches)),
      compute_stretches_(std::move(known.compute_stretches)),
      flash_attention_(known.flash_attention) {}

const ClassifiedTensors& Estimator::tensors() {
  if (!tensors_) tensors_ = std::make_shared<ClassifiedTensors>(model_.architecture);
  return *tensors_;
}

Estimator::Estimator(const Model& model, const Runtime& runtime, Workload workload, QuantizeOptions options,
                     const StoredWeights& stored, const FileType& as)
    : model_(model),
      runtime_(runtime),
      workload_(workload),
      options_(options),
      tensors_(std::make_shared<ClassifiedTensors>(stored.tensors, shape_facts(model.architecture))) {
  keep(as.name, [&] { return runtime_.weigh_stored(model_, stored, as); });
  types_.emplace(as.name, stored.types);
}

Estimator Estimator::under(const Workload& workload) const {
  Estimator other = *this;
  other.workload_ = workload;
  other.stretches_.clear();
  other.compute_stretches_.clear();
  other.flash_attention_.reset();
  other.companions_.clear();
  return other;
}

void Estimator::learn_from(const Estimator& other) {
  seen_buffers_ = other.seen_buffers_;
  placements_.efforts = other.placements_.efforts;
}

Workload Estimator::at(std::uint64_t context) const {
  Workload workload = workload_;
  workload.context = context;
  return workload;
}

ResolvedWorkload Estimator::resolve(std::uint64_t context) const {
  Workload asked = at(context);
  if (flash_attention_ && asked.flash_attention == FlashAttention::automatic)
    asked.flash_attention = *flash_attention_ ? FlashAttention::on : FlashAttention::off;
  return runtime_.resolve(model_.architecture, asked);
}

template <class Weigh>
const std::variant<Weighing, Error>& Estimator::keep(std::string_view name, const Weigh& weigh) {
  try {
    return weighed_.emplace(name, weigh()).first->second;
  } catch (const Error& refusal) {
    if (refusal.code() != ErrorCode::unsupported) throw;
    return weighed_.emplace(name, refusal).first->second;
  }
}

const std::variant<Weighing, Error>& Estimator::weighed(const FileType& file_type) {
  const auto known = weighed_.find(file_type.name);
  if (known != weighed_.end()) return known->second;
  return keep(file_type.name, [&] {
    return runtime_.weigh(
        model_, [this]() -> const ClassifiedTensors& { return tensors(); }, file_type, options_);
  });
}

const Weighing* Estimator::known_weighing(std::string_view file_type) const {
  const auto known =
      std::ranges::find(known_weighings_, file_type, [](const auto& each) { return each.first; });
  return known == known_weighings_.end() ? nullptr : &known->second;
}

const Weighing& Estimator::weigh(const FileType& file_type) {
  if (const Weighing* known = known_weighing(file_type.name)) return *known;
  const auto& outcome = weighed(file_type);
  if (const Error* refusal = std::get_if<Error>(&outcome)) throw *refusal;
  return std::get<Weighing>(outcome);
}

const Weighing* Estimator::find_weighing(const FileType& file_type) {
  if (const Weighing* known = known_weighing(file_type.name)) return known;
  return std::get_if<Weighing>(&weighed(file_type));
}

namespace {

// Where several stretches were as short as this, all will be: from then on contexts are asked for one by one.
constexpr std::uint64_t few_steps = 8;
constexpr std::uint32_t several_stretches = 4;

}  // namespace

const AllocationStretch& Estimator::stretch(std::uint64_t context) {
  for (const AllocationStretch& known : stretches_)
    if (known.holds(context)) return known;
  const std::uint64_t full = std::max<std::uint64_t>(context, model_.architecture.context_length);
  const bool alone = short_stretches_ >= several_stretches;
  const AllocationStretch& next =
      stretches_.emplace_back(runtime_.stretch(model_, at(context), alone ? context : full));
  if (next.last < std::min(context + few_steps * next.step, full)) ++short_stretches_;
  return next;
}

bool Estimator::is_exact(Backend backend) const {
  return runtime_.is_exact == nullptr || runtime_.is_exact(workload_, backend);
}

const ComputeStretch& Estimator::compute(std::uint64_t context, Backend backend) {
  for (const ComputeStretch& known : compute_stretches_)
    if (known.backend == backend && known.holds(context)) return known;
  const std::uint64_t full = std::max<std::uint64_t>(context, model_.architecture.context_length);
  return compute_stretches_.emplace_back(runtime_.compute_stretch(model_, at(context), full, backend));
}

Amount Estimator::allocation(std::uint64_t context, Backend backend) {
  const AllocationStretch& exact = stretch(context);
  if (is_exact(backend)) return Amount::exactly(exact.gpu(context));
  const ComputeStretch& buffers = compute(context, backend);
  Amount amount = buffers.gpu(context);
  for (const PlaceEstimate& device : stretch(context).at(context))
    if (!device.place.is_host())
      for (const Term& term : device.terms)
        if (term.kind != TermKind::compute_buffer) amount += term.amount;
  amount.low -= Bytes(buffers.cache_padding);
  return amount;
}

Amount Estimator::weights_on_gpu(const Weighing& weighing, Backend backend) const {
  const Bytes padding =
      runtime_.weight_padding == nullptr ? Bytes(0) : runtime_.weight_padding(weighing.gpu, backend);
  return {weighing.gpu - padding, weighing.gpu, weighing.gpu};
}

void Estimator::widen(std::vector<PlaceEstimate>& devices, std::uint64_t context, Backend backend) {
  if (is_exact(backend)) return;
  const ComputeStretch& buffers = compute(context, backend);
  for (PlaceEstimate& device : devices) {
    const bool host = device.place.is_host();
    for (Term& term : device.terms) {
      if (term.kind == TermKind::compute_buffer)
        term.amount = host ? buffers.host(context) : buffers.gpu(context);
      if (term.kind != TermKind::kv_cache || host || buffers.cache_padding == 0) continue;
      term.amount.low -= Bytes(buffers.cache_padding);
      term.basis = Basis::derived;
    }
  }
}

Amount Estimator::beside(std::uint64_t context) const {
  Amount sum;
  for (const Companion& companion : companions_) sum += companion.gpu(context);
  return sum;
}

Amount Estimator::overhead(const Weighing& weighing, const TargetDevice& device) const {
  return runtime_.overhead(model_, weighing, device, Reasons::none).amount;
}

Amount Estimator::gpu_total(const Weighing& weighing, std::uint64_t context, const TargetDevice& device) {
  return weights_on_gpu(weighing, device.backend) + allocation(context, device.backend) + beside(context) +
         overhead(weighing, device);
}

Amount Estimator::gpu_total(const FileType& file_type, std::uint64_t context, const TargetDevice& device) {
  return gpu_total(weigh(file_type), context, device);
}

namespace {

std::string why_weights(const FileType& file_type, const Weighing& weighing, Bytes here,
                        const Runtime& runtime) {
  return fmt::format("{} bytes of the {} that {} takes at {:.4f} bits a weight ({} {})",
                     grouped(here.count()), grouped(weighing.tensor_bytes.count()),
                     file_type.name == as_stored ? "the file" : file_type.name, weighing.bits_per_weight,
                     runtime.id, runtime.version);
}

// To the devices of the same name.
void add_terms(std::vector<PlaceEstimate>& devices, std::vector<PlaceEstimate> more) {
  for (PlaceEstimate& each : more) {
    const auto device = std::find_if(devices.begin(), devices.end(), [&](const PlaceEstimate& known) {
      return known.place == each.place;
    });
    if (device == devices.end()) {
      devices.push_back(std::move(each));
      continue;
    }
    for (Term& term : each.terms) device->terms.push_back(std::move(term));
  }
}

// The default split of what is loaded next goes by what is free then.
Placement what_is_left(const Estimate& estimate, const Placement& placement) {
  Placement left;
  left.split = placement.split;
  left.backend = placement.backend;
  for (std::size_t i = 0; i < placement.free.size(); ++i) {
    const Bytes used = estimate.places[i].total().best;
    left.free.push_back(placement.free[i] > used ? placement.free[i] - used : Bytes(0));
  }
  return left;
}

}  // namespace

Estimate Estimator::estimate(const FileType& file_type, std::uint64_t context, const TargetDevice& target,
                             Reasons reasons) {
  const Weighing& weighing = weigh(file_type);
  Estimate estimate{weighing.tensor_bytes, weighing.file_bytes, stretch(context).at(context)};
  widen(estimate.places, context, target.backend);
  if (reasons == Reasons::full)
    runtime_.give_reasons(model_, at(context), resolve(context), target.backend, estimate.places);
  for (const Companion& companion : companions_)
    add_terms(estimate.places, companion.terms(context, reasons));
  for (PlaceEstimate& device : estimate.places) {
    const bool host = device.place.is_host();
    const Bytes here = host ? weighing.host : weighing.gpu;
    Term weights{TermKind::weights, Amount::exactly(here), Basis::exact, {}};
    if (!host) weights.amount = weights_on_gpu(weighing, target.backend);
    if (weights.amount.low < here) weights.basis = Basis::derived;
    if (reasons == Reasons::full) weights.why = why_weights(file_type, weighing, here, runtime_);
    device.terms.insert(device.terms.begin(), std::move(weights));
    if (!host) device.terms.push_back(runtime_.overhead(model_, weighing, target, reasons));
  }
  return estimate;
}

const std::vector<ElementType>& Estimator::types_of(const FileType& file_type) {
  const auto known = types_.find(file_type.name);
  if (known != types_.end()) return known->second;
  return types_.emplace(file_type.name, weights_of(tensors(), file_type, options_).types).first->second;
}

std::vector<Bytes> Estimator::bytes_of_layers(const FileType& file_type, std::uint64_t context,
                                              const Placement& placement) {
  return runtime_.bytes_of_layers(model_, {tensors().tensors(), types_of(file_type)}, at(context), placement,
                                  placements_);
}

Estimate Estimator::placed(const FileType& file_type, std::uint64_t context,
                           std::span<const TargetDevice> gpus, const Placement& placement, Reasons reasons,
                           Buffers buffers) {
  if (runtime_.place == nullptr)
    throw Error(ErrorCode::unsupported,
                fmt::format("{} knows one pool of memory, not where the parts of a model lie", runtime_.id));
  const Weighing& weighing = weigh(file_type);
  const TypedTensors typed{tensors().tensors(), types_of(file_type)};
  Estimate estimate{weighing.tensor_bytes, weighing.file_bytes,
                    runtime_.place(model_, typed, at(context), placement, reasons, buffers, placements_)};
  for (const Companion& companion : companions_) {
    const Placement left = what_is_left(estimate, placement);
    add_terms(estimate.places, companion.spread ? companion.spread(context, {placement, left}, reasons)
                                                 : companion.terms(context, reasons));
  }
  for (std::size_t i = 0; i < gpus.size(); ++i)
    estimate.places[i].terms.push_back(runtime_.overhead(model_, weighing, gpus[i], reasons));
  return estimate;
}

Estimate Estimator::estimate(const FileType& file_type, std::uint64_t context,
                             std::span<const TargetDevice> gpus, const Placement& placement,
                             Reasons reasons) {
  return placed(file_type, context, gpus, placement, reasons, Buffers::all);
}

Estimate Estimator::estimate(const FileType& file_type, std::uint64_t context,
                             std::span<const TargetDevice> gpus, const Placement& placement,
                             Buffers buffers) {
  return placed(file_type, context, gpus, placement, Reasons::none, buffers);
}

std::vector<ExplainedTerm> Estimator::explain(const Estimate& estimate, const FileType& file_type,
                                              std::uint64_t context) {
  std::vector<ExplainedTerm> explained;
  for (const PlaceEstimate& device : estimate.places) {
    for (const Term& term : device.terms) {
      Explanation why;
      if (runtime_.explanation != nullptr)
        why = runtime_.explanation(term.kind, model_, workload_, context,
                                   {tensors().tensors(), types_of(file_type)});
      if (why.formula.empty()) why.formula = term.why;
      explained.push_back({device.place, term.kind, term.amount, term.basis, std::move(why)});
    }
  }
  return explained;
}

}  // namespace vramcalc
