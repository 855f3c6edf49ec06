#include <fmt/format.h>

#include "model/append_model.hpp"
#include "vramcalc/error.hpp"
#include "vramcalc/model.hpp"

namespace vramcalc {

bool keeps_mtp(const Architecture& model) {
  return model.mtp && model.mtp->in_file != MultiTokenPrediction::InFile::dropped;
}

std::vector<Tensor> tensors_of(const Architecture& model) {
  if (model.gguf_name.empty())
    throw Error(ErrorCode::unsupported,
                fmt::format("llama.cpp cannot run this model: {}",
                            model.gguf_refusal.empty() ? "no GGUF architecture is known for it"
                                                       : model.gguf_refusal));
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
