#include <algorithm>

#include "vramcalc/weights.hpp"

namespace vramcalc {

std::vector<TypeShare> shares_of(const StoredWeights& stored) {
  std::vector<TypeShare> shares;
  for (std::size_t i = 0; i < stored.tensors.size(); ++i) {
    auto share = std::find_if(shares.begin(), shares.end(),
                              [&](const TypeShare& each) { return each.type == stored.types[i]; });
    if (share == shares.end()) share = shares.insert(shares.end(), TypeShare{stored.types[i], 0, Bytes(0)});
    ++share->tensors;
    share->bytes += tensor_bytes(stored.types[i], stored.tensors[i].shape);
  }
  std::stable_sort(shares.begin(), shares.end(),
                   [](const TypeShare& a, const TypeShare& b) { return b.bytes < a.bytes; });
  return shares;
}

double bits_per_weight(const StoredWeights& stored) {
  std::uint64_t elements = 0;
  for (const Tensor& tensor : stored.tensors) elements = checked_add(elements, tensor.shape.elements());
  return elements == 0
             ? 0.0
             : static_cast<double>(stored.tensor_bytes.count()) * 8.0 / static_cast<double>(elements);
}

}  // namespace vramcalc
