#include "model/blocks/blocks.hpp"

namespace vramcalc {

void append(TensorList& list, const BlockContext& context, const BlockSparseAttention& sparse) {
  append(list, context, sparse.attention);
  list.linear("indexer.q_proj", context.hidden_size, times(sparse.index_heads, sparse.index_dim));
  list.linear("indexer.k_proj", context.hidden_size, sparse.index_dim);
  list.norm("indexer.q_norm.weight", NormKind::rms, sparse.index_dim);
  list.norm("indexer.k_norm.weight", NormKind::rms, sparse.index_dim);
}

}  // namespace vramcalc
