#include "model/blocks/blocks.hpp"

namespace vramcalc {

void append(TensorList& list, const BlockContext& context, const ShortConvolution& convolution) {
  const std::uint64_t hidden = context.hidden_size;
  list.add("shortconv.conv.weight", {convolution.kernel, hidden});
  list.linear("shortconv.in_proj", hidden, times(3, hidden));
  list.linear("shortconv.out_proj", hidden, hidden);
}

}  // namespace vramcalc
