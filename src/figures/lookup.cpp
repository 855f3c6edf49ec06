#include "figures/rows.hpp"

namespace vramcalc {
namespace figures {
namespace {

using catalog::unpack;

std::pair<std::string_view, WeightBytes> weights_at(std::size_t place, std::span<const FileType> file_types) {
  const auto row = unpack<WeightRow>(embedded::weights, place);
  return {
      file_types[row.file_type].name,
      {Bytes(row.tensor_bytes), Bytes(row.file_bytes), Bytes(row.gpu), Bytes(row.host), row.bits_per_weight,
                            row.imatrix}
  };
}

std::optional<Bytes> if_any(std::uint64_t bytes) {
  return bytes == 0 ? std::nullopt : std::optional(Bytes(bytes));
}

std::pair<std::string_view, OtherFiles> others_at(std::size_t place, std::span<const FileType> file_types) {
  const auto row = unpack<OtherFilesRow>(embedded::others, place);
  return {
      file_types[row.file_type].name, {if_any(row.by_other_release), if_any(row.without_mtp)}
  };
}

llama_cpp::EvenGrowth growth_at(std::size_t place) {
  const auto row = unpack<GrowthRow>(embedded::growths, place);
  llama_cpp::EvenGrowth growth{row.first, row.last, row.step, {}};
  growth.terms.reserve(row.terms);
  for (std::uint32_t i = 0; i < row.terms; ++i) {
    const auto term = unpack<TermRow>(embedded::terms, row.first_term + i);
    growth.terms.push_back(
        {term.on_host ? Place::host() : Place::gpu(0), term.kind, term.basis, term.bytes, static_cast<std::int64_t>(term.bytes_per_step)});
  }
  return growth;
}

llama_cpp::GrowingBytes growing(std::uint64_t bytes, std::uint64_t bytes_per_step) {
  return {bytes, static_cast<std::int64_t>(bytes_per_step)};
}

llama_cpp::BoundedGrowth compute_at(std::size_t place) {
  const auto row = unpack<ComputeRow>(embedded::computes, place);
  llama_cpp::BoundedGrowth growth;
  growth.backend = row.backend;
  growth.first = row.first, growth.last = row.last, growth.step = row.step;
  growth.low = growing(row.low, row.low_a_step);
  growth.best = growing(row.best, row.best_a_step);
  growth.high = growing(row.high, row.high_a_step);
  growth.host_low = growing(row.host_low, row.host_low_a_step);
  growth.host_best = growing(row.host_best, row.host_best_a_step);
  growth.host_high = growing(row.host_high, row.host_high_a_step);
  growth.margin = {row.below, row.above};
  growth.host_margin = {row.host_below, row.host_above};
  return growth;
}

}  // namespace
}  // namespace figures

std::optional<ModelFigures> model_figures(std::string_view model_id, std::span<const FileType> file_types) {
  using namespace figures;
  const auto place = catalog::find_sorted(embedded::models, &ModelPlaces::id, model_id);
  if (!place) return std::nullopt;
  const auto row = unpack<ModelPlaces>(embedded::models, *place);
  const auto known = std::make_shared<Precomputed>();
  known->flash_attention = row.flash_attention;
  known->weights.reserve(row.weights);
  for (std::uint32_t i = 0; i < row.weights; ++i)
    known->weights.push_back(weights_at(row.first_weight + i, file_types));
  for (std::uint32_t i = 0; i < row.others; ++i)
    known->others.push_back(others_at(row.first_other + i, file_types));
  known->growths.reserve(row.growths);
  for (std::uint32_t i = 0; i < row.growths; ++i)
    known->growths.push_back(growth_at(row.first_growth + i));
  known->bounded_growths.reserve(row.computes);
  for (std::uint32_t i = 0; i < row.computes; ++i)
    known->bounded_growths.push_back(compute_at(row.first_compute + i));
  return ModelFigures{{row.trunk, row.mtp, row.towers, row.duplicate_head, row.active}, known};
}

}  // namespace vramcalc
