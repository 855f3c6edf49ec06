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

llama_cpp::AllocationStretch stretch_at(std::size_t place) {
  const auto row = unpack<StretchRow>(embedded::stretches, place);
  llama_cpp::AllocationStretch stretch{row.first, row.last, row.step, {}};
  stretch.terms.reserve(row.terms);
  for (std::uint32_t i = 0; i < row.terms; ++i) {
    const auto term = unpack<TermRow>(embedded::terms, row.first_term + i);
    stretch.terms.push_back(
        {term.on_host ? Place::host() : Place::gpu(0), term.kind, term.basis, term.bytes, static_cast<std::int64_t>(term.bytes_a_step)});
  }
  return stretch;
}

llama_cpp::GrowingBytes growing(std::uint64_t bytes, std::uint64_t bytes_a_step) {
  return {bytes, static_cast<std::int64_t>(bytes_a_step)};
}

llama_cpp::ComputeStretch compute_at(std::size_t place) {
  const auto row = unpack<ComputeRow>(embedded::computes, place);
  llama_cpp::ComputeStretch stretch;
  stretch.backend = row.backend;
  stretch.first = row.first, stretch.last = row.last, stretch.step = row.step;
  stretch.low = growing(row.low, row.low_a_step);
  stretch.best = growing(row.best, row.best_a_step);
  stretch.high = growing(row.high, row.high_a_step);
  stretch.host_low = growing(row.host_low, row.host_low_a_step);
  stretch.host_best = growing(row.host_best, row.host_best_a_step);
  stretch.host_high = growing(row.host_high, row.host_high_a_step);
  stretch.margin = {row.below, row.above};
  stretch.host_margin = {row.host_below, row.host_above};
  return stretch;
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
  known->stretches.reserve(row.stretches);
  for (std::uint32_t i = 0; i < row.stretches; ++i)
    known->stretches.push_back(stretch_at(row.first_stretch + i));
  known->compute_stretches.reserve(row.computes);
  for (std::uint32_t i = 0; i < row.computes; ++i)
    known->compute_stretches.push_back(compute_at(row.first_compute + i));
  return ModelFigures{{row.trunk, row.mtp, row.towers, row.duplicate_head, row.active}, known};
}

}  // namespace vramcalc
