#include "model/blocks/blocks.hpp"

namespace vramcalc {

void append(TensorList& list, const BlockContext& context, const ShortConvolution& convolution) {
  const std::uint64_t hidden = context.hidden_size;
  list.add(Role::shortconv, {convolution.kernel, hidden});
  list.linear(Role::shortconv_in, hidden, times(3, hidden));
  list.linear(Role::shortconv_out, hidden, hidden);
}

}  // namespace vramcalc
