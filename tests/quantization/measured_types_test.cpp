#include "measured_types.hpp"

#include "catch.hpp"
#include "quantization/rules.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::test {
namespace {

std::vector<std::string> differences(const ClassifiedTensors& tensors, const Weights& ours,
                                     const MeasuredTypes& measured) {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < ours.types.size(); ++i) {
    const std::string& name = tensors.tensors()[i].name;
    const ElementType theirs = measured.types.at(name);
    if (ours.types[i] != theirs)
      result.push_back(name + ": " + std::string(to_string(ours.types[i])) + ", not " +
                       std::string(to_string(theirs)));
  }
  return result;
}

void check_row(const MeasuredModel& model, const ClassifiedTensors& tensors, const MeasuredTypes& row,
               bool imatrix) {
  CAPTURE(model.name, row.file_type, imatrix);
  const FileType& type = file_type(row.file_type);
  const auto assign = [&] { return assign_types(tensors, type, QuantizerRelease::v0_5_0, imatrix, false); };
  if (row.refused) {
    CHECK_THROWS_AS(assign(), Error);
    return;
  }
  const Assignment ours = assign();
  CHECK(differences(tensors, ours.weights, row) == std::vector<std::string>{});
  CHECK(ours.weights.tensor_bytes.count() == row.tensor_bytes);
}

}  // namespace

TEST_CASE("every tensor of every file type has llama.cpp 0.5.0's type") {
  const auto paths = measured_models();
  REQUIRE(paths.size() == 47);
  for (const auto& path : paths) {
    const MeasuredModel model = read_measured_model(path);
    const ClassifiedTensors tensors(model.tensors, model.facts);
    std::size_t checked = 0;
    for (const MeasuredTypes& row : model.rows)
      for (bool imatrix : row.imatrix) {
        check_row(model, tensors, row, imatrix);
        ++checked;
      }
    CHECK(checked == 70);  // 35 file types, without and with an importance matrix
  }
}

}  // namespace vramcalc::test
