#include "runtime/llama_cpp/fit/seen_buffers.hpp"

#include <algorithm>
#include <iterator>

namespace vramcalc::llama_cpp {
namespace {

using SeenAt = std::pair<const std::uint64_t, std::vector<Bytes>>;

// On the line through the values at two contexts.
double on_line(const SeenAt& a, const SeenAt& b, std::size_t gpu, std::uint64_t context) {
  const auto at = [&](const SeenAt& seen) { return static_cast<double>(seen.second[gpu].count()); };
  const double from = static_cast<double>(a.first), until = static_cast<double>(b.first);
  return at(a) + (at(b) - at(a)) * (static_cast<double>(context) - from) / (until - from);
}

}  // namespace

SeenBuffers::Kind SeenBuffers::kind_of(const Placement& placement) {
  return {placement.free.size(), !placement.layers && placement.overrides.empty()};
}

void SeenBuffers::see(const Placement& placement, std::uint64_t context,
                      const std::vector<PlaceEstimate>& devices) {
  std::vector<Bytes>& buffers = by_context_[kind_of(placement)][context];
  buffers.clear();
  for (std::size_t i = 0; i < placement.free.size(); ++i)
    buffers.push_back(devices[i].term(TermKind::compute_buffer).high);
}

// Buffers jump and then grow slowly, so known values at longer contexts count if they are larger.
std::vector<Bytes> SeenBuffers::about(const Placement& placement, std::uint64_t context) const {
  const std::size_t gpus = placement.free.size();
  const auto known = by_context_.find(kind_of(placement));
  if (known == by_context_.end()) return std::vector<Bytes>(gpus);
  const auto& seen = known->second;
  const auto above = seen.lower_bound(context);
  if (above == seen.end()) return std::prev(above)->second;
  const auto further = std::next(above);
  if (above->first == context || (above == seen.begin() && further == seen.end())) return above->second;
  std::vector<Bytes> guess;
  for (std::size_t gpu = 0; gpu < gpus; ++gpu) {
    double most = 0;
    if (above != seen.begin()) most = std::max(most, on_line(*std::prev(above), *above, gpu, context));
    if (further != seen.end()) most = std::max(most, on_line(*above, *further, gpu, context));
    guess.emplace_back(static_cast<std::uint64_t>(most));
  }
  return guess;
}

}  // namespace vramcalc::llama_cpp
