#include "model/measured_tensors.hpp"

#include <fmt/format.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace vramcalc::test {
namespace {

std::vector<std::uint64_t> dimensions(const std::string& text) {
  std::vector<std::uint64_t> result;
  std::istringstream in(text);
  for (std::string number; std::getline(in, number, 'x');) result.push_back(std::stoull(number));
  return result;
}

// "3", "0-61", "0,2,4-7"
std::vector<unsigned> layers(const std::string& text) {
  std::vector<unsigned> result;
  std::istringstream in(text);
  for (std::string range; std::getline(in, range, ',');) {
    const auto dash = range.find('-');
    const auto first = static_cast<unsigned>(std::stoul(range));
    const auto last =
        dash == std::string::npos ? first : static_cast<unsigned>(std::stoul(range.substr(dash + 1)));
    for (unsigned layer = first; layer <= last; ++layer) result.push_back(layer);
  }
  return result;
}

}  // namespace

std::set<NamedShape> measured_tensors(const std::string& model) {
  std::ifstream in(fmt::format("{}/quantization/{}.txt", VRAMCALC_MEASURED_DIR, model));
  if (!in) throw std::runtime_error("no measured tensors of " + model);
  std::set<NamedShape> result;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string kind, name, shape, where;
    words >> kind >> name >> shape >> where;
    if (kind != "tensor") continue;
    if (where.empty()) result.emplace(name, dimensions(shape));
    for (unsigned layer : layers(where))
      result.emplace(fmt::format("blk.{}.{}", layer, name), dimensions(shape));
  }
  return result;
}

NamedShape named_shape(const Tensor& tensor) {
  NamedShape result{tensor.name, {}};
  for (std::uint8_t i = 0; i < tensor.shape.rank(); ++i) result.second.push_back(tensor.shape[i]);
  return result;
}

}  // namespace vramcalc::test
