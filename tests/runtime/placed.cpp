#include "runtime/placed.hpp"

#include <algorithm>
#include <ostream>

#include "runtime/llama_cpp/placed.hpp"
#include "runtime/start_of.hpp"

namespace vramcalc::measured {
namespace {

std::uint64_t sum_of(const PlaceEstimate& device, std::initializer_list<TermKind> kinds) {
  Bytes sum;
  for (const Term& term : device.terms)
    if (std::find(kinds.begin(), kinds.end(), term.kind) != kinds.end()) sum += term.amount.best;
  return sum.count();
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Sizes& sizes) {
  return out << to_string(sizes.place) << " weights " << sizes.weights << " memory " << sizes.memory;
}

std::vector<Sizes> derived_sizes(const Model& model, const Weights& weights, const Case& measured) {
  auto [params, tokens] = start_of(measured);
  params.kv_offload = measured.number("kvo", 1) != 0;
  std::vector<Sizes> sizes;
  llama_cpp::KnownPlacements known;
  for (const PlaceEstimate& device :
       llama_cpp::place(model.architecture, weights, params, tokens, placement(measured), Reasons::none,
                        llama_cpp::Buffers::all, known))
    sizes.push_back({device.place, sum_of(device, {TermKind::weights}),
                     sum_of(device, {TermKind::kv_cache, TermKind::recurrent_state})});
  return sizes;
}

std::vector<Sizes> allocated_sizes(const Case& measured) {
  std::vector<Sizes> sizes;
  for (std::uint64_t i = 0; i < measured.number("gpus", 1); ++i) sizes.push_back({Place::gpu(i), 0, 0});
  sizes.push_back({Place::host(), 0, 0});
  for (const auto& [name, buffer] : measured.buffers) {
    const bool gpu = name != "SIM_Host" && name.starts_with("SIM");
    Sizes& into = gpu ? sizes[static_cast<std::size_t>(std::stoi(name.substr(3)))] : sizes.back();
    into.weights += buffer.model;
    into.memory += buffer.context;
  }
  return sizes;
}

bool maps_host_weights(const Case& measured) { return measured.buffers.contains("CPU_Mapped"); }

}  // namespace vramcalc::measured
