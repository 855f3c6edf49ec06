#include "figures/derive.hpp"

#include <algorithm>

#include "runtime/llama_cpp/backend.hpp"
#include "runtime/llama_cpp/growth_of_terms.hpp"
#include "runtime/llama_cpp/session.hpp"

namespace vramcalc {
namespace {

using namespace llama_cpp;

constexpr std::uint64_t first_context = 256;

// Some models change their growth every few steps; contexts beyond this limit are computed at run time.
constexpr std::size_t most_growths = 24;

// Whether a range of contexts continues the growth of the one before.
bool continues(const EvenGrowth& earlier, const EvenGrowth& later) {
  if (later.first != earlier.last + earlier.step || later.terms.size() != earlier.terms.size()) return false;
  const std::uint64_t steps = (later.first - earlier.first) / earlier.step;
  for (std::size_t i = 0; i < later.terms.size(); ++i) {
    const GrowingTerm &a = earlier.terms[i], &b = later.terms[i];
    const bool is_point = later.first == later.last;
    if (a.kind != b.kind || a.place != b.place) return false;
    if (a.bytes + static_cast<std::uint64_t>(a.bytes_per_step) * steps != b.bytes) return false;
    if (!is_point && a.bytes_per_step != b.bytes_per_step) return false;
  }
  return true;
}

bool continues(const GrowingBytes& earlier, const GrowingBytes& later, std::uint64_t steps, bool is_point) {
  const bool goes_on =
      earlier.bytes + static_cast<std::uint64_t>(earlier.bytes_per_step) * steps == later.bytes;
  return goes_on && (is_point || earlier.bytes_per_step == later.bytes_per_step);
}

bool continues(const BoundedGrowth& earlier, const BoundedGrowth& later) {
  if (later.first != earlier.last + earlier.step) return false;
  const std::uint64_t steps = (later.first - earlier.first) / earlier.step;
  for (const auto line : {&BoundedGrowth::low, &BoundedGrowth::best, &BoundedGrowth::high,
                          &BoundedGrowth::host_low, &BoundedGrowth::host_best, &BoundedGrowth::host_high})
    if (!continues(earlier.*line, later.*line, steps, later.first == later.last)) return false;
  return true;
}

// Ranges up to the full context, joined if one continues another, and at most `most_growths` of them.
template <class Growth, class NextFrom>
std::vector<Growth> joined_growths(std::uint64_t full, const NextFrom& next_from) {
  std::vector<Growth> growths;
  for (std::uint64_t context = first_context; context < full + 1;) {
    const Growth next = next_from(std::min(context, full));
    if (!growths.empty() && continues(growths.back(), next)) {
      growths.back().last = next.last;
    } else if (growths.size() < most_growths) {
      growths.push_back(next);
    } else {
      break;
    }
    context = next.last + next.step;
  }
  return growths;
}

std::vector<EvenGrowth> growths_of(const Architecture& architecture) {
  const std::uint64_t full = architecture.context_length;
  return joined_growths<EvenGrowth>(
      full, [&](std::uint64_t first) { return growth_of_terms(architecture, {}, first, full); });
}

// Backends in the catalog whose rules are not known to the byte.
constexpr Backend bounded[] = {Backend::metal, Backend::vulkan, Backend::other};

std::vector<BoundedGrowth> bounded_growths_of(const Architecture& architecture, Backend backend) {
  const std::uint64_t full = architecture.context_length;
  return joined_growths<BoundedGrowth>(
      full, [&](std::uint64_t first) { return bounded_growth(architecture, {}, first, full, backend); });
}

}  // namespace

namespace figures {

Precomputed of_shape(const Architecture& architecture) {
  Precomputed known;
  known.growths = growths_of(architecture);
  for (const Backend backend : bounded)
    for (const BoundedGrowth& growth : bounded_growths_of(architecture, backend))
      known.bounded_growths.push_back(growth);
  known.flash_attention = resolve(architecture, {}, architecture.context_length).flash_attention;
  return known;
}

ModelFigures of_model(const Model& model, const Precomputed& of_shape, std::span<const FileType> file_types) {
  const auto known = std::make_shared<Precomputed>(of_shape);
  const std::unique_ptr<vramcalc::Session> session = runtimes()[0].open(runtimes()[0], {model});
  for (const FileType& file_type : file_types) {
    const Quantization quantization = GgufMix{file_type, {}};
    const WeightBytes* weights = session->find_weights(quantization);
    if (weights == nullptr) continue;
    known->weights.emplace_back(file_type.name, *weights);
    if (const OtherFiles others = session->other_files(quantization); others != OtherFiles{})
      known->others.emplace_back(file_type.name, others);
  }
  return {parameters_of(model.architecture), known};
}

}  // namespace figures

ModelFigures derive_figures(const Model& model, std::span<const FileType> file_types) {
  return figures::of_model(model, figures::of_shape(model.architecture), file_types);
}

}  // namespace vramcalc
