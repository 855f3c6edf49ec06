#include "model/append_model.hpp"
#include "vramcalc/model.hpp"

namespace vramcalc {
namespace {

bool is_prediction(const Architecture& model, const Tensor& tensor) {
  return tensor.layer >= 0 && model.blocks[static_cast<std::size_t>(tensor.layer)].mtp;
}

// The matrices of the experts that a token does not choose.
std::uint64_t idle_parameters(const Architecture& model, const Block& block) {
  const auto* moe = std::get_if<MixtureOfExperts>(&block.feed_forward);
  if (moe == nullptr || block.mtp) return 0;
  const std::uint64_t in = moe->latent > 0 ? moe->latent : model.hidden_size;
  const std::uint64_t expert = checked_multiply(checked_multiply(moe->gated ? 3 : 2, in), moe->width);
  return checked_multiply(moe->experts - moe->experts_used, expert);
}

}  // namespace

std::vector<Tensor> checkpoint_tensors(const Architecture& model) {
  TensorList list(Form::checkpoint);
  append_ends(list, model);
  for (std::size_t i = 0; i < model.blocks.size(); ++i) {
    const auto append = model.blocks[i].mtp ? append_mtp_block : append_block;
    append(list, model, model.blocks[i], static_cast<std::int32_t>(i));
  }
  return list.take();
}

Parameters parameters_of(const Architecture& model) {
  Parameters result;
  for (const Tensor& tensor : checkpoint_tensors(model)) {
    std::uint64_t& count = is_prediction(model, tensor) ? result.mtp : result.trunk;
    if (tensor.learned) count = checked_add(count, tensor.shape.elements());
  }
  for (const Tower& tower : model.towers) result.towers = checked_add(result.towers, tower.parameters);
  if (model.stores_duplicate_head)
    result.duplicate_head = checked_multiply(model.checkpoint_vocab_size, model.hidden_size);
  result.active = result.trunk;
  for (const Block& block : model.blocks) result.active -= idle_parameters(model, block);
  return result;
}

}  // namespace vramcalc
