#include "model/blocks/blocks.hpp"

namespace vramcalc {

void append(TensorList& list, const BlockContext& context, const BlockSparseAttention& sparse) {
  append(list, context, sparse.attention);
  list.linear(Role::indexer_q_proj, context.hidden_size, times(sparse.index_heads, sparse.index_dim));
  list.linear(Role::indexer_k_proj, context.hidden_size, sparse.index_dim);
  list.norm(Role::indexer_q_norm, NormKind::rms, sparse.index_dim);
  list.norm(Role::indexer_k_norm, NormKind::rms, sparse.index_dim);
}

}  // namespace vramcalc
