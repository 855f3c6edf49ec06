#include <algorithm>

#include "vramcalc/error.hpp"
#include "vramcalc/tensor.hpp"

namespace vramcalc {

Shape::Shape(std::initializer_list<std::uint64_t> dimensions)
    : rank_(static_cast<std::uint8_t>(dimensions.size())) {
  if (dimensions.size() > dimensions_.size())
    throw Error(ErrorCode::bad_value, "a tensor has at most four dimensions");
  std::copy(dimensions.begin(), dimensions.end(), dimensions_.begin());
}

std::uint64_t Shape::elements() const {
  std::uint64_t product = 1;
  for (std::uint64_t dimension : dimensions_) product = checked_multiply(product, dimension);
  return product;
}

}  // namespace vramcalc
