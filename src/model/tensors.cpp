#include <fmt/format.h>

#include <algorithm>

#include "model/append_model.hpp"
#include "vramcalc/error.hpp"
#include "vramcalc/model.hpp"

namespace vramcalc {

bool keeps_mtp(const Architecture& model) {
  return model.mtp && model.mtp->in_file != MultiTokenPrediction::InFile::dropped;
}

namespace {

[[noreturn]] void fail_without_gguf(const Architecture& model) {
  const Parameters parameters = parameters_of(model);
  throw Error(
      ErrorCode::unsupported,
      fmt::format("llama.cpp cannot run this model ({:.1f}B parameters, {} layers, {} tokens): {}",
                  static_cast<double>(parameters.total() - parameters.mtp) / 1e9,
                  std::ranges::count(model.blocks, false, &Block::mtp), model.context_length,
                  model.gguf_refusal.empty() ? "no GGUF architecture is known for it" : model.gguf_refusal));
}

}  // namespace

std::vector<Tensor> tensors_of(const Architecture& model) {
  if (model.gguf_name.empty()) fail_without_gguf(model);
  const bool mtp = keeps_mtp(model);
  TensorList list(Form::gguf);
  append_ends(list, model);
  for (std::size_t i = 0; i < model.blocks.size(); ++i) {
    const auto layer = static_cast<std::int32_t>(i);
    if (!model.blocks[i].mtp)
      append_block(list, model, model.blocks[i], layer);
    else if (mtp)
      append_mtp_block(list, model, model.blocks[i], layer);
  }
  return list.take();
}

}  // namespace vramcalc
