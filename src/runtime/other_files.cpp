#include <algorithm>

#include "vramcalc/runtime.hpp"

namespace vramcalc {
namespace {

// Releases differ in these alone (see QuantizerRelease): most models have neither, and need not be weighed
// twice.
bool may_differ(const Block& block) {
  if (const auto* attention = std::get_if<GroupedQueryAttention>(&block.attention))
    return attention->fused_qkv;
  const auto* latent = std::get_if<LatentAttention>(&block.attention);
  return latent != nullptr && !latent->absorbed;
}

}  // namespace

std::optional<Bytes> Estimator::bytes_if_other(const Model& model, QuantizeOptions options,
                                               const FileType& file_type) {
  Estimator other(model, runtime_, workload_, options);
  const Weighing* weighing = other.find_weighing(file_type);
  if (weighing == nullptr || weighing->tensor_bytes == weigh(file_type).tensor_bytes) return std::nullopt;
  return weighing->tensor_bytes;
}

OtherFiles Estimator::other_files(const FileType& file_type) {
  if (file_type.name == as_stored) return {};
  if (known_weighing(file_type.name) != nullptr) {
    const auto known =
        std::ranges::find(known_others_, file_type.name, [](const auto& each) { return each.first; });
    return known == known_others_.end() ? OtherFiles{} : known->second;
  }
  OtherFiles others;
  const Architecture& architecture = model_.architecture;
  if (std::ranges::any_of(architecture.blocks, may_differ)) {
    QuantizeOptions options = options_;
    options.release = other_than(options.release);
    others.by_other_release = bytes_if_other(model_, options, file_type);
  }
  if (keeps_mtp(architecture)) {
    Model bare = model_;
    bare.architecture.mtp->in_file = MultiTokenPrediction::InFile::dropped;
    others.without_mtp = bytes_if_other(bare, options_, file_type);
  }
  return others;
}

}  // namespace vramcalc
