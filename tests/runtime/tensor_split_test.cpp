#include "runtime/llama_cpp/tensor_split.hpp"

#include <istream>
#include <sstream>

#include "catch.hpp"
#include "runtime/llama_cpp/placed.hpp"
#include "runtime/measured.hpp"
#include "support/measured_rows.hpp"
#include "support/measured_shape.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"

using namespace vramcalc;
using namespace vramcalc::llama_cpp;

namespace {

// What one GPU allocates: weights, caches with state, and compute buffer, in bytes.
struct Allocated {
  std::uint64_t weights = 0, memory = 0, compute = 0;
  friend bool operator==(const Allocated&, const Allocated&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Allocated& each) {
    return out << each.weights << ',' << each.memory << ',' << each.compute;
  }
};

// A row of tests/measured/tensor_split.tsv.
struct Row {
  std::string model, shares, cache;
  std::size_t gpus = 0;
  std::uint64_t context = 0;
  std::uint32_t slots = 0;
  std::vector<Allocated> allocated;
};

std::vector<double> numbers(std::string list) {
  std::ranges::replace(list, ',', ' ');
  std::istringstream words(list);
  std::vector<double> values;
  for (double value = 0; words >> value;) values.push_back(value);
  return values;
}

std::vector<Row> measured_rows() {
  std::vector<Row> rows;
  test::read_measured_rows("tensor_split.tsv", [&](std::istream& words) {
    Row row;
    words >> row.model >> row.gpus >> row.shares >> row.context >> row.slots >> row.cache;
    for (std::string word; words >> word;) {
      Allocated each;
      char comma = 0;
      std::istringstream(word) >> each.weights >> comma >> each.memory >> comma >> each.compute;
      row.allocated.push_back(each);
    }
    rows.push_back(std::move(row));
  });
  return rows;
}

llama_cpp::Placement split_over(std::size_t gpus, const std::string& shares) {
  llama_cpp::Placement placement;
  placement.free.assign(gpus, Bytes(64 * GiB));
  placement.split_tensors = true;
  if (shares != "-") placement.split = numbers(shares);
  return placement;
}

std::vector<Allocated> derived(const Catalog& catalog, const Row& row) {
  const Model model = test::measured_model(catalog, row.model);
  const ClassifiedTensors tensors(model.architecture);
  const Weights weights = weights_of(tensors, catalog.file_type(measured::file_type(row.model)));
  ContextParams params;
  params.parallel = row.slots;
  params.kv_unified = true;
  params.cache_type_k = params.cache_type_v = element_type_from_name(row.cache).value();
  params.flash_attention = FlashAttention::on;
  KnownPlacements known;
  std::vector<Allocated> gpus;
  for (const PlaceEstimate& each :
       place(model.architecture, weights, params, row.context, split_over(row.gpus, row.shares),
             Reasons::none, Buffers::all, known)) {
    const auto bytes = [&](TermKind kind) { return each.term(kind).best.count(); };
    if (!each.place.is_host())
      gpus.push_back({bytes(TermKind::weights), bytes(TermKind::kv_cache) + bytes(TermKind::recurrent_state),
                      bytes(TermKind::compute_buffer)});
  }
  return gpus;
}

std::string refusal_of(const Catalog& catalog, const char* name) {
  const Model model = catalog.model(name);
  const ClassifiedTensors tensors(model.architecture);
  const Weights weights = weights_of(tensors, catalog.file_type("Q4_K_M"));
  try {
    tensor_slices(model.architecture, weights.tensors, weights.types, {}, {}, split_over(2, "-"));
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("tensor split: every GPU holds what llama.cpp allocates there, to the byte") {
  const Catalog catalog;
  const auto rows = measured_rows();
  REQUIRE(rows.size() >= 30);
  for (const Row& row : rows) {
    INFO(row.model << " on " << row.gpus << " GPUs, -ts " << row.shares << ", cache " << row.cache);
    CHECK(derived(catalog, row) == row.allocated);
  }
}

TEST_CASE("tensor split is refused where llama.cpp refuses it, and where its slices are not calculated") {
  const Catalog catalog;
  struct Refused {
    const char* model;
    const char* words;
  };
  constexpr Refused refused[] = {
      {"deepseek-v3",       "llama.cpp 0.5.0 does not have it for the architecture deepseek2" },
      {"mamba-2.8b",        "llama.cpp 0.5.0 does not have it for the architecture mamba"     },
      {"nemotron-h-8b",     "llama.cpp 0.5.0 does not have it for the architecture nemotron_h"},
      {"deepseek-v4-flash", "is not calculated for the architecture deepseek4"                },
  };
  for (const Refused& each : refused) {
    INFO(each.model);
    CHECK(refusal_of(catalog, each.model).find(each.words) != std::string::npos);
  }
  CHECK(refusal_of(catalog, "qwen3-8b").empty());
}
