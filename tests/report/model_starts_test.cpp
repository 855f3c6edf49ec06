#include "catch.hpp"
#include "support/measured_rows.hpp"
#include "vramcalc/ask.hpp"

using namespace vramcalc;

// Memory printed by single starts of llama.cpp (tests/measured/model_starts.tsv) against check.
namespace {

struct Start {
  std::string model, file_type, cache_type, kv_cache, host_weights;
  std::uint64_t context = 0;
  std::uint32_t sequences = 0;
};

std::vector<Start> starts() {
  std::vector<Start> rows;
  test::read_measured_rows("model_starts.tsv", [&](std::istream& words) {
    Start row;
    words >> row.model >> row.file_type >> row.cache_type >> row.context >> row.sequences >> row.kv_cache >>
        row.host_weights;
    rows.push_back(row);
  });
  return rows;
}

CheckReport checked(const Start& start) {
  Question question;
  question.command = Command::check;
  question.model = start.model;
  question.quantization = start.file_type;
  question.gpu = "rtx-pro-6000-blackwell";
  question.context = start.context;
  question.options.llama_cpp.context.parallel = start.sequences;
  if (start.cache_type == "q8_0")
    question.options.llama_cpp.context.cache_type_k = question.options.llama_cpp.context.cache_type_v =
        ElementType::q8_0;
  return std::get<CheckReport>(answer(question));
}

std::string whole_mebibytes(const Amount& amount) { return std::to_string(amount.best.count() / MiB); }

}  // namespace

TEST_CASE("a check gives the cache and the host weights that llama.cpp printed") {
  REQUIRE(starts().size() == 4);
  for (const Start& start : starts()) {
    CAPTURE(start.model, start.context, start.cache_type);
    const CheckReport report = checked(start);
    if (start.kv_cache != "-")
      CHECK(whole_mebibytes(report.estimate.gpu_term(TermKind::kv_cache)) == start.kv_cache);
    CHECK(whole_mebibytes(report.estimate.places.back().term(TermKind::weights)) == start.host_weights);
  }
}
