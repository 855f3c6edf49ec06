#include "source/measured_files.hpp"

#include <algorithm>

#include "catch.hpp"
#include "quantization/measured_types.hpp"
#include "runtime/measured.hpp"
#include "runtime/start_of.hpp"
#include "support/sampled.hpp"
#include "vramcalc/ask.hpp"

// From a file's name on the command line to what llama.cpp 0.5.0 allocated for it, to the byte, over the
// files and settings of tests/measured/. The files have holes for data.

using namespace vramcalc;

namespace {

std::vector<ElementType> types_of(const test::MeasuredModel& model, const std::string& file_type) {
  const auto row = std::find_if(model.rows.begin(), model.rows.end(), [&](const test::MeasuredTypes& each) {
    return each.file_type == file_type && !each.refused;
  });
  REQUIRE(row != model.rows.end());
  std::vector<ElementType> types;
  for (const Tensor& tensor : model.tensors) types.push_back(row->types.at(tensor.name));
  return types;
}

// The model as the file that llama.cpp loaded for the figures.
class MeasuredFile {
 public:
  explicit MeasuredFile(const std::string& name)
      : model_(test::measured_model(name)), types_(types_of(model_, measured::file_type(name))) {
    const measured::WrittenFile file = measured::write_file(name, model_.tensors, types_);
    path_ = folder_.write(name + ".gguf", file.header, file.size);
  }
  const std::string& path() const { return path_; }

 private:
  test::MeasuredModel model_;
  std::vector<ElementType> types_;
  ScratchFolder folder_;
  std::string path_;
};

Estimate estimate_of(const std::string& path, const measured::Start& start) {
  Question question;
  question.command = Command::check;
  question.model = path;
  question.gpu = "4000GiB";
  question.context = start.tokens;
  question.options.llama_cpp.context = start.params;
  return std::get<CheckReport>(answer(question)).estimate;
}

std::uint64_t on(const Estimate& estimate, Place place, std::initializer_list<TermKind> kinds) {
  Bytes sum;
  for (const PlaceEstimate& each : estimate.places)
    for (const Term& term : each.terms)
      if (each.place == place && std::find(kinds.begin(), kinds.end(), term.kind) != kinds.end())
        sum += term.amount.best;
  return sum.count();
}

}  // namespace

TEST_CASE(
    "a file that is named gets the weights, cache, state and compute buffers that llama.cpp allocated") {
  std::size_t compared = 0;
  for (const std::string& name : measured::file_names()) {
    const MeasuredFile file(name);
    const std::vector<measured::Case> cuda = measured::cuda_cases(name);
    for (const measured::Case& c : test::sampled(measured::cases(name), name)) {
      if (!c.single_device() || !c.of_server()) continue;
      INFO(name << " " << c.name);
      const Estimate estimate = estimate_of(file.path(), measured::start_of(c));
      const measured::Buffer &gpu = c.buffers.at("SIM0"), &host = c.buffers.at("SIM_Host");
      const auto on_cuda = std::ranges::find(cuda, c.name, &measured::Case::name);
      REQUIRE(on_cuda != cuda.end());
      const std::uint64_t reserved = on_cuda->buffers.at("SIM0").compute;
      CHECK(on(estimate, Place::gpu(0), {TermKind::weights}) == gpu.model);
      CHECK(on(estimate, Place::gpu(0), {TermKind::kv_cache, TermKind::recurrent_state}) == gpu.context);
      // The figures are from the library's own dry run, which omits a graph of one sequence.
      const std::uint64_t left_out = name == "kimi-linear-48b-a3b" ? 128 : 0;
      const std::uint64_t compute = on(estimate, Place::gpu(0), {TermKind::compute_buffer});
      CHECK(compute >= reserved);
      CHECK(compute <= reserved + left_out);
      CHECK(on(estimate, Place::host(), {TermKind::weights}) == host.model);
      CHECK(on(estimate, Place::host(), {TermKind::compute_buffer}) ==
            on_cuda->buffers.at("SIM_Host").compute);
      ++compared;
    }
  }
  CHECK(compared > test::sampled(200));
}

TEST_CASE("a file is an extra row of the table, and the other rows quantize its tensors") {
  for (const char* name : {"llama-3.1-8b", "gemma-3-27b", "deepseek-v3"}) {
    const MeasuredFile file(name);
    const test::MeasuredModel model = test::measured_model(name);
    Question question;
    question.model = file.path();
    question.everything = true;
    question.imatrix = false;
    const auto report = std::get<OverviewReport>(answer(question));
    CHECK(report.summary.source == "gguf");
    CHECK(report.settings.quantization == as_stored);
    const auto row_of = [&](std::string_view type) {
      const auto row = std::find_if(report.quantizations.begin(), report.quantizations.end(),
                                    [&](const QuantizationRow& each) { return each.name == type; });
      REQUIRE(row != report.quantizations.end());
      return *row;
    };
    const QuantizationRow own = row_of(as_stored);
    CHECK(own.chosen);
    CHECK(own.tensor_bytes == report.summary.stored->tensor_bytes);
    CHECK(own.file_bytes == report.summary.stored->file_bytes);
    CHECK(own.at_context == report.estimate.gpu_total());
    for (const test::MeasuredTypes& measured : model.rows) {
      INFO(name << " " << measured.file_type);
      if (measured.refused || measured.imatrix.front()) continue;
      const QuantizationRow row = row_of(measured.file_type);
      if (row.refused.empty()) CHECK(row.tensor_bytes.count() == measured.tensor_bytes);
    }
  }
}

TEST_CASE("a requested quantization of a file is estimated from its tensors") {
  const MeasuredFile file("qwen3-8b");
  Question question;
  question.model = file.path();
  question.quantization = "Q8_0";
  const auto report = std::get<OverviewReport>(answer(question));
  CHECK(report.settings.quantization == "Q8_0");
  CHECK(report.estimate.tensor_bytes.count() == 8703561728);
  const auto chosen = std::find_if(report.quantizations.begin(), report.quantizations.end(),
                                   [](const QuantizationRow& row) { return row.chosen; });
  CHECK(chosen->name == "Q8_0");
}
