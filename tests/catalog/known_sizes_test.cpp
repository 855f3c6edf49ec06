#include <cmath>
#include <istream>

#include "catch.hpp"
#include "support/measured_rows.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/weights.hpp"

using namespace vramcalc;

// Tensors of single published files (tests/measured/known_sizes.tsv) against those of the catalog's shapes.
namespace {

struct KnownSize {
  std::string model, file_type;
  QuantizeOptions options;
  std::string bytes, gibibytes, elements;  // as printed; "-": unknown
};

std::vector<KnownSize> known_sizes() {
  std::vector<KnownSize> rows;
  test::read_measured_rows("known_sizes.tsv", [&](std::istream& words) {
    KnownSize row;
    std::string imatrix;
    words >> row.model >> row.file_type >> imatrix >> row.bytes >> row.gibibytes >> row.elements;
    row.options.imatrix = imatrix == "imatrix";
    rows.push_back(row);
  });
  return rows;
}

// Half a unit of the last printed digit.
double printed_precision(const std::string& number) {
  const std::size_t point = number.find('.');
  return point == std::string::npos ? 0.5
                                    : 0.5 * std::pow(10.0, -static_cast<double>(number.size() - point - 1));
}

}  // namespace

TEST_CASE("single published files have the tensors of the catalog's shapes") {
  const Catalog catalog;
  const std::vector<KnownSize> rows = known_sizes();
  REQUIRE(rows.size() >= 9);
  for (const KnownSize& row : rows) {
    CAPTURE(row.model, row.file_type);
    const Model model = catalog.model(row.model);
    const ClassifiedTensors tensors(model.architecture);
    const Weights weights = weights_of(tensors, catalog.file_type(row.file_type), row.options);
    std::uint64_t elements = 0;
    for (const Tensor& tensor : tensors.tensors()) elements += tensor.shape.elements();
    if (row.bytes != "-") {
      const std::uint64_t header = std::stoull(row.bytes) - weights.tensor_bytes.count();
      CHECK(std::stoull(row.bytes) > weights.tensor_bytes.count());
      CHECK(header < 17'000'000);  // a tokenizer of 262,144 words
    }
    if (row.gibibytes != "-")
      CHECK(std::abs(static_cast<double>(weights.tensor_bytes.count()) / GiB - std::stod(row.gibibytes)) <=
            printed_precision(row.gibibytes));
    if (row.elements != "-")
      CHECK(std::abs(static_cast<double>(elements) / 1e9 - std::stod(row.elements)) <=
            printed_precision(row.elements));
  }
}
