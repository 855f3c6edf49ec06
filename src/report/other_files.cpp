#include <algorithm>

#include "report/report.hpp"

namespace vramcalc::report {
namespace {

// Releases differ in these alone (see QuantizerRelease): most models have neither, and need not be weighed
// twice.
bool may_differ(const Block& block) {
  if (const auto* attention = std::get_if<GroupedQueryAttention>(&block.attention))
    return attention->fused_qkv;
  const auto* latent = std::get_if<LatentAttention>(&block.attention);
  return latent != nullptr && !latent->absorbed;
}

QuantizerRelease other_than(QuantizerRelease release) {
  return release == QuantizerRelease::v0_5_0 ? QuantizerRelease::before_fused_qkv_rules
                                             : QuantizerRelease::v0_5_0;
}

// What the other file holds; empty where there is none, or it holds the same.
std::optional<Bytes> other_tensor_bytes(Estimator& other, Estimator& estimator, const FileType& file_type) {
  const Weighing* weighing = other.find_weighing(file_type);
  if (weighing == nullptr || weighing->tensor_bytes == estimator.weigh(file_type).tensor_bytes)
    return std::nullopt;
  return weighing->tensor_bytes;
}

}  // namespace

std::optional<OtherQuantizer> other_quantizer(const ModelSummary& summary, Estimator& estimator,
                                              const FileType& file_type, const Question& question) {
  const auto& blocks = summary.model.architecture.blocks;
  if (file_type.name == as_stored || std::none_of(blocks.begin(), blocks.end(), may_differ))
    return std::nullopt;
  QuantizeOptions options = quantize_options(question);
  options.release = other_than(options.release);
  Estimator other(summary.model, estimator.runtime(), estimator.workload(), options);
  const auto bytes = other_tensor_bytes(other, estimator, file_type);
  return bytes ? std::optional(OtherQuantizer{options.release, *bytes}) : std::nullopt;
}

std::optional<Bytes> tensor_bytes_without_mtp(const ModelSummary& summary, Estimator& estimator,
                                              const FileType& file_type, const Question& question) {
  if (file_type.name == as_stored || !keeps_mtp(summary.model.architecture)) return std::nullopt;
  Model bare = summary.model;
  bare.architecture.mtp->in_file = MultiTokenPrediction::InFile::dropped;
  Estimator other(bare, estimator.runtime(), estimator.workload(), quantize_options(question));
  return other_tensor_bytes(other, estimator, file_type);
}

}  // namespace vramcalc::report
