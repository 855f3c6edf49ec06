#include "model/append_model.hpp"
#include "vramcalc/model.hpp"

namespace vramcalc {
namespace {

std::uint64_t learned_elements(TensorList list) {
  std::uint64_t sum = 0;
  for (const Tensor& tensor : list.tensors())
    if (tensor.learned) sum = checked_add(sum, tensor.shape.elements());
  return sum;
}

std::uint64_t trunk_parameters(const Architecture& model) {
  TensorList list(Form::checkpoint);
  append_ends(list, model);
  for (std::size_t i = 0; i < model.blocks.size(); ++i)
    if (!model.blocks[i].mtp) append_block(list, model, model.blocks[i], static_cast<std::int32_t>(i));
  return learned_elements(std::move(list));
}

std::uint64_t mtp_parameters(const Architecture& model) {
  TensorList list(Form::checkpoint);
  for (std::size_t i = 0; i < model.blocks.size(); ++i)
    if (model.blocks[i].mtp) append_mtp_block(list, model, model.blocks[i], static_cast<std::int32_t>(i));
  return learned_elements(std::move(list));
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

Parameters parameters_of(const Architecture& model) {
  Parameters result;
  result.trunk = trunk_parameters(model);
  result.mtp = mtp_parameters(model);
  for (const Tower& tower : model.towers) result.towers = checked_add(result.towers, tower.parameters);
  if (model.stores_duplicate_head)
    result.duplicate_head = checked_multiply(model.checkpoint_vocab_size, model.hidden_size);
  result.active = result.trunk;
  for (const Block& block : model.blocks) result.active -= idle_parameters(model, block);
  return result;
}

}  // namespace vramcalc
