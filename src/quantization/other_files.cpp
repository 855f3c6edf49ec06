#include <algorithm>

#include "vramcalc/weights.hpp"

namespace vramcalc {
namespace {

// Only these tensors differ between releases (see QuantizerRelease), and most models have neither.
bool may_differ(const Block& block) {
  if (const auto* attention = std::get_if<GroupedQueryAttention>(&block.attention))
    return attention->fused_qkv;
  const auto* latent = std::get_if<LatentAttention>(&block.attention);
  return latent != nullptr && !latent->absorbed;
}

// Empty if the quantizer refuses or nothing differs.
std::optional<Bytes> bytes_if_other(const Model& model, const GgufMix& mix, Bytes tensor_bytes) {
  try {
    const Bytes bytes = ModelWeights(model).stored(mix).tensor_bytes;
    return bytes == tensor_bytes ? std::nullopt : std::optional(bytes);
  } catch (const Error& refusal) {
    if (refusal.code() != ErrorCode::unsupported) throw;
    return std::nullopt;
  }
}

}  // namespace

OtherFiles other_files(const Model& model, const GgufMix& mix, Bytes tensor_bytes) {
  OtherFiles others;
  if (std::ranges::any_of(model.architecture.blocks, may_differ)) {
    GgufMix other = mix;
    other.options.release = other_than(mix.options.release);
    others.by_other_release = bytes_if_other(model, other, tensor_bytes);
  }
  if (keeps_mtp(model.architecture)) {
    Model bare = model;
    bare.architecture.mtp->in_file = MultiTokenPrediction::InFile::dropped;
    others.without_mtp = bytes_if_other(bare, mix, tensor_bytes);
  }
  return others;
}

}  // namespace vramcalc
