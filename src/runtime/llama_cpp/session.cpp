#include "runtime/llama_cpp/session.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/llama_cpp/adapter.hpp"
#include "runtime/llama_cpp/backend.hpp"
#include "runtime/llama_cpp/draft_model.hpp"
#include "runtime/llama_cpp/drafting.hpp"
#include "runtime/llama_cpp/explanation.hpp"
#include "runtime/llama_cpp/growth_of_terms.hpp"
#include "runtime/llama_cpp/kv_cache.hpp"
#include "runtime/llama_cpp/older_builds.hpp"
#include "runtime/llama_cpp/overhead.hpp"
#include "runtime/llama_cpp/placed.hpp"
#include "runtime/llama_cpp/precomputed.hpp"
#include "runtime/llama_cpp/prediction_context.hpp"
#include "runtime/llama_cpp/projector.hpp"
#include "runtime/llama_cpp/tensor_split.hpp"
#include "runtime/llama_cpp/terms.hpp"
#include "runtime/llama_cpp/weights.hpp"
#include "runtime/own.hpp"

namespace vramcalc::llama_cpp {
namespace {

bool is_made_as_usual(const Quantization& quantization) {
  return std::holds_alternative<GgufMix>(quantization) && options_of(quantization) == QuantizeOptions{};
}

template <class Value>
const Value* find_known(const std::vector<std::pair<std::string_view, Value>>& known, std::string_view name) {
  const auto found = std::ranges::find(known, name, [](const auto& each) { return each.first; });
  return found == known.end() ? nullptr : &found->second;
}

}  // namespace

Session::Session(const Runtime& runtime, const Opening& opening)
    : vramcalc::Session(runtime, opening),
      options_(own<Options>(opening.options)),
      extras_(std::make_shared<Extras>(opening.extras)),
      known_(params().load_mtp ? nullptr : opening.known),
      placements_(std::make_shared<KnownPlacements>()),
      seen_buffers_(std::make_shared<SeenBuffers>()) {
  if (extras_->draft != nullptr)
    match_draft_model(options_, architecture(), extras_->draft->model.architecture);
  if (known_ != nullptr && params() == ContextParams{}) {
    growths_.assign(known_->growths.begin(), known_->growths.end());
    bounded_growths_.assign(known_->bounded_growths.begin(), known_->bounded_growths.end());
  }
  if (params().load_mtp) require_prediction(architecture());
  add_companions();
}

std::unique_ptr<Session> Session::with_params(const ContextParams& params) const {
  std::unique_ptr<Session> other(new Session(*this));
  other->options_.context = params;
  other->growths_.clear();
  other->bounded_growths_.clear();
  other->pool_totals_.reset();
  other->placements_ = std::make_shared<KnownPlacements>();
  other->seen_buffers_ = std::make_shared<SeenBuffers>();
  other->add_companions();
  return other;
}

std::unique_ptr<Session> Session::with_sequences(std::uint32_t sequences,
                                                 std::shared_ptr<SeenBuffers> seen) const {
  ContextParams params = options_.context;
  params.parallel = sequences;
  std::unique_ptr<Session> other = with_params(params);
  other->placements_ = placements_;
  other->seen_buffers_ = std::move(seen);
  return other;
}

void Session::add_companions() {
  companions_.clear();
  for (const Projector& projector : extras_->projectors)
    companions_.push_back(projector_companion(projector, params()));
  for (const Adapter& adapter : extras_->adapters)
    companions_.push_back(adapter_companion(adapter, model(), params()));
  if (extras_->draft != nullptr)
    companions_.push_back(draft_companion(runtime(), extras_->draft, options_, architecture()));
  if (params().load_mtp && !params().predicts) companions_.push_back(prediction_companion(of_predictions()));
}

// The same model, whose weights it shares, with the context of its prediction layers.
std::unique_ptr<Session> Session::of_predictions() const {
  std::unique_ptr<Session> other(new Session(*this));
  other->options_.context = params_of_predictions(options_);
  other->known_ = nullptr;
  other->growths_.clear();
  other->bounded_growths_.clear();
  other->pool_totals_.reset();
  other->companions_.clear();
  other->placements_ = std::make_shared<KnownPlacements>();
  return other;
}

ResolvedContext Session::resolve(std::uint64_t tokens, Backend backend) const {
  ContextParams asked = on_backend(architecture(), params(), backend);
  if (known_ != nullptr && asked == ContextParams{})
    asked.flash_attention = known_->flash_attention ? FlashAttention::on : FlashAttention::off;
  return llama_cpp::resolve(architecture(), asked, tokens);
}

// ---- weights

WeightBytes Session::weigh(const Quantization& quantization) {
  if (known_ != nullptr && is_made_as_usual(quantization))
    if (const WeightBytes* bytes = find_known(known_->weights, name_of(quantization))) return *bytes;
  if (const auto* format = std::get_if<CheckpointFormat>(&quantization))
    throw Error(ErrorCode::unsupported,
                fmt::format("{} is a checkpoint format that llama.cpp does not load", format->title));
  return weight_bytes(architecture(), stored(quantization), params().load_mtp);
}

OtherFiles Session::other_files(const Quantization& quantization) {
  const auto* mix = std::get_if<GgufMix>(&quantization);
  if (mix == nullptr) return {};
  if (known_ != nullptr && is_made_as_usual(quantization) &&
      find_known(known_->weights, mix->file_type.name) != nullptr) {
    const OtherFiles* others = find_known(known_->others, mix->file_type.name);
    return others == nullptr ? OtherFiles{} : *others;
  }
  return vramcalc::other_files(model(), *mix, weights(quantization).tensor_bytes);
}

// ---- everything on one GPU

namespace {

// After several growths as short as this, all are expected to be short, and contexts are computed one by one.
constexpr std::uint64_t few_steps = 8;
constexpr std::uint32_t several_growths = 4;

}  // namespace

const EvenGrowth& Session::growth(std::uint64_t tokens) {
  for (const EvenGrowth& known : growths_)
    if (known.holds(tokens)) return known;
  const std::uint64_t full = std::max<std::uint64_t>(tokens, architecture().context_length);
  const bool alone = short_growths_ >= several_growths;
  const EvenGrowth& next =
      growths_.emplace_back(growth_of_terms(architecture(), params(), tokens, alone ? tokens : full));
  if (next.last < std::min(tokens + few_steps * next.step, full)) ++short_growths_;
  return next;
}

bool Session::is_exact(Backend backend) const { return llama_cpp::is_exact(params(), backend); }

// Buffers rarely depend on more than the backend.
Driver Session::driver_of(const TargetDevice& device) const {
  return depends_on_generation(params()) ? Driver(device) : Driver(device.backend);
}

const BoundedGrowth& Session::compute(std::uint64_t tokens, const Driver& driver) {
  for (const BoundedGrowth& known : bounded_growths_)
    if (known.backend == driver.backend && known.least_capability == driver.least && known.holds(tokens))
      return known;
  const std::uint64_t full = std::max<std::uint64_t>(tokens, architecture().context_length);
  return bounded_growths_.emplace_back(bounded_growth(architecture(), params(), tokens, full, driver));
}

Amount Session::allocation(std::uint64_t tokens, const Driver& driver) {
  const EvenGrowth& exact = growth(tokens);
  if (is_exact(driver.backend)) return Amount::exactly(exact.gpu(tokens));
  const BoundedGrowth& buffers = compute(tokens, driver);
  Amount amount = buffers.gpu(tokens);
  for (const PlaceEstimate& each : exact.at(tokens))
    if (!each.place.is_host())
      for (const Term& term : each.terms)
        if (term.kind != TermKind::compute_buffer) amount += term.amount;
  amount.low -= Bytes(buffers.cache_padding);
  return amount;
}

void Session::widen(std::vector<PlaceEstimate>& places, std::uint64_t tokens, const Driver& driver) {
  if (is_exact(driver.backend)) return;
  const BoundedGrowth& buffers = compute(tokens, driver);
  for (PlaceEstimate& each : places) {
    const bool host = each.place.is_host();
    for (Term& term : each.terms) {
      if (term.kind == TermKind::compute_buffer)
        term.amount = host ? buffers.host(tokens) : buffers.gpu(tokens);
      if (term.kind != TermKind::kv_cache || host || buffers.cache_padding == 0) continue;
      term.amount.low -= Bytes(buffers.cache_padding);
      term.basis = Basis::derived;
    }
  }
}

namespace {

Amount on_gpu(const WeightBytes& weights, Backend backend) {
  return {weights.gpu - weight_padding(weights.gpu, backend), weights.gpu, weights.gpu};
}

std::string why_weights(const Quantization& quantization, const WeightBytes& weights, Bytes here) {
  return fmt::format("{} bytes of the {} that {} takes at {:.4f} bits per weight (llama.cpp {})",
                     grouped(here.count()), grouped(weights.tensor_bytes.count()),
                     std::holds_alternative<FileContents>(quantization) ? "the file" : name_of(quantization),
                     weights.bits_per_weight, version);
}

void add_terms(std::vector<PlaceEstimate>& places, std::vector<PlaceEstimate> more) {
  for (PlaceEstimate& each : more) {
    const auto same = std::ranges::find(places, each.place, &PlaceEstimate::place);
    if (same == places.end()) {
      places.push_back(std::move(each));
      continue;
    }
    for (Term& term : each.terms) same->terms.push_back(std::move(term));
  }
}

// The default split of whatever is loaded next depends on the remaining free memory.
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

Session::PoolTotals& Session::pool_totals(const Quantization& quantization, std::uint64_t tokens,
                                          const Driver& driver) {
  if (pool_totals_ && pool_totals_->tokens == tokens && pool_totals_->driver == driver &&
      pool_totals_->quantization.is_of(quantization))
    return *pool_totals_;
  const WeightBytes& bytes = weights(quantization);
  PoolTotals totals{QuantizationKey(quantization), tokens, driver, {}, std::nullopt};
  totals.gpu = on_gpu(bytes, driver.backend) + allocation(tokens, driver);
  for (const Companion& companion : companions_) totals.gpu += companion.gpu(tokens, driver.backend);
  return pool_totals_.emplace(std::move(totals));
}

// Without a GPU, host memory is the pool.
Estimate Session::without_gpu(const Quantization& quantization, std::uint64_t tokens, Reasons reasons) {
  if (has_companions())
    throw Error(ErrorCode::unsupported,
                "projectors, adapters and drafts are not calculated on a machine without a GPU");
  Placement placement;
  placement.backend = Backend::cpu;
  Estimate estimate = placed(quantization, tokens, {}, placement, reasons, Buffers::all);
  estimate.places.front().terms.push_back(overhead({1, 0, Backend::cpu}, reasons));
  return estimate;
}

Amount Session::gpu_total(const Quantization& quantization, const Demand& demand,
                          const TargetDevice& device) {
  if (device.backend == Backend::cpu)
    return without_gpu(quantization, demand.tokens, Reasons::none).host_total();
  return pool_totals(quantization, demand.tokens, driver_of(device)).gpu + overhead_bytes(device);
}

Amount Session::host_total(const Quantization& quantization, const Demand& demand, Backend backend) {
  PoolTotals& totals = pool_totals(quantization, demand.tokens, backend);
  if (!totals.host) totals.host = estimate(quantization, demand, {1, 0, backend}, Reasons::none).host_total();
  return *totals.host;
}

std::vector<PlaceEstimate> Session::context_terms(std::uint64_t tokens, const Driver& driver,
                                                  Reasons reasons) {
  std::vector<PlaceEstimate> places = growth(tokens).at(tokens);
  widen(places, tokens, driver);
  if (reasons == Reasons::full)
    llama_cpp::give_reasons(architecture(), params(), resolve(tokens), driver.backend, places);
  return places;
}

Estimate Session::estimate(const Quantization& quantization, const Demand& demand, const TargetDevice& device,
                           Reasons reasons) {
  if (device.backend == Backend::cpu) return without_gpu(quantization, demand.tokens, reasons);
  const WeightBytes& bytes = weights(quantization);
  Estimate estimate{bytes.tensor_bytes, bytes.file_bytes,
                    context_terms(demand.tokens, driver_of(device), reasons)};
  for (const Companion& companion : companions_)
    add_terms(estimate.places, companion.terms(demand.tokens, device.backend, reasons));
  for (PlaceEstimate& each : estimate.places) {
    const bool host = each.place.is_host();
    const Bytes here = host ? bytes.host : bytes.gpu;
    Term weights{TermKind::weights, host ? Amount::exactly(here) : on_gpu(bytes, device.backend)};
    if (weights.amount.low < here) weights.basis = Basis::derived;
    if (reasons == Reasons::full) weights.why = why_weights(quantization, bytes, here);
    each.terms.insert(each.terms.begin(), std::move(weights));
    if (!host) each.terms.push_back(overhead(device, reasons));
  }
  return estimate;
}

Bytes Session::kv_bytes_per_token() const { return llama_cpp::kv_bytes_per_token(architecture(), params()); }

// ---- spread over several GPUs and the host

Estimate Session::placed(const Quantization& quantization, std::uint64_t tokens,
                         std::span<const TargetDevice> gpus, const Placement& placement, Reasons reasons,
                         Buffers buffers) {
  const WeightBytes& bytes = weights(quantization);
  Estimate estimate{bytes.tensor_bytes, bytes.file_bytes,
                    place(architecture(), stored(quantization), params(), tokens, placement, reasons, buffers,
                          *placements_)};
  for (const Companion& companion : companions_) {
    const Placement left = what_is_left(estimate, placement);
    add_terms(estimate.places, companion.spread
                                   ? companion.spread(tokens, {placement, left, quantization}, reasons)
                                   : companion.terms(tokens, placement.backend, reasons));
  }
  for (std::size_t i = 0; i < gpus.size(); ++i) {
    Term driver = overhead(gpus[i], reasons);
    if (placement.split_tensors)
      driver.amount.high += reduction_buffers(architecture(), params().ubatch, gpus.size());
    estimate.places[i].terms.push_back(std::move(driver));
  }
  return estimate;
}

std::vector<PlaceEstimate> Session::context_placed(const Quantization& quantization, std::uint64_t tokens,
                                                   const Placement& placement, Reasons reasons) {
  std::vector<PlaceEstimate> places = place(architecture(), stored(quantization), params(), tokens, placement,
                                            reasons, Buffers::all, *placements_);
  for (PlaceEstimate& each : places)
    std::erase_if(each.terms, [](const Term& term) { return term.kind == TermKind::weights; });
  return places;
}

std::vector<Bytes> Session::bytes_of_layers(const Quantization& quantization, std::uint64_t tokens,
                                            const Placement& placement) {
  return llama_cpp::bytes_of_layers(architecture(), stored(quantization), params(), tokens, placement,
                                    *placements_);
}

Explanation Session::explain(TermKind kind, const Quantization& quantization, const Demand& demand) {
  return explanation(kind, architecture(), params(), demand, stored(quantization));
}

std::string Session::why_interval(Backend backend) const {
  return llama_cpp::why_interval(architecture(), params(), backend);
}

std::string Session::remark_on_options() const {
  const DraftModel* draft = extras_->draft.get();
  return remark_on_drafts(options_.drafting, draft == nullptr ? nullptr : &draft->model.architecture);
}

// Room for micro-batches that mix tokens and embeddings (ReleaseRules::mixed_inputs): what the caller gives,
// the rows of the tokens and both together, on a GPU and again on the host at most.
std::optional<Bytes> Session::newer_releases_add() const {
  constexpr std::uint64_t tensors = 3;
  if (params().rules != ReleaseRules{}) return std::nullopt;
  return Bytes(checked_multiply(4 * tensors * std::uint64_t{params().ubatch}, architecture().hidden_size));
}

std::string Session::other_releases(const Estimate& estimate, const Demand& demand) const {
  const auto gpus =
      std::ranges::count_if(estimate.places, [](const PlaceEstimate& each) { return !each.place.is_host(); });
  if (params().rules != ReleaseRules{} || gpus != 1) return {};
  return note_on_older_builds(architecture(),
                              graph_settings(architecture(), params(), resolve(demand.tokens)),
                              estimate.places.front());
}

}  // namespace vramcalc::llama_cpp
