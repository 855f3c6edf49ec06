#include "source/gguf_architecture.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "catch.hpp"
#include "source/measured_files.hpp"
#include "vramcalc/error.hpp"
#include "vramcalc/model.hpp"

using namespace vramcalc;
using namespace vramcalc::source;

namespace {

// Each as if f32, since only the header matters.
GgufHeader header_of(const std::string& name) {
  const ScratchFolder folder;
  const std::vector<Tensor> tensors = measured::file_tensors(name);
  const measured::WrittenFile file =
      measured::write_file(name, tensors, std::vector<ElementType>(tensors.size(), ElementType::f32));
  return read_gguf(folder.write("m.gguf", file.header, file.size)).header;
}

}  // namespace

TEST_CASE("the shape read from a file has the tensors of that file") {
  const nlohmann::json architectures = measured::architectures();
  REQUIRE(measured::file_names().size() == 47);
  for (const std::string& name : measured::file_names()) {
    INFO(name);
    GgufHeader header = header_of(name);
    CHECK(header.tensors == measured::file_tensors(name));
    Architecture architecture;
    try {
      architecture = gguf_architecture(header, architectures);
    } catch (const std::exception& e) {
      FAIL_CHECK(e.what());
      continue;
    }
    for (const Tensor& derived : tensors_of(architecture)) {
      const auto read = std::ranges::find(header.tensors, derived.name, &Tensor::name);
      REQUIRE(read != header.tensors.end());
      CHECK(read->kind == derived.kind);
    }
    const Differences differences = compare_tensors(architecture, header.tensors);
    CHECK(fmt::format("{}", fmt::join(differences.unexplained, " ")) == "");
    CHECK(fmt::format("{}", fmt::join(differences.missing, " ")) == "");
  }
}
