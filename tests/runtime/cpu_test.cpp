#include "catch.hpp"
#include "runtime/cpu_starts.hpp"
#include "runtime/llama_cpp/weights.hpp"
#include "vramcalc/weights.hpp"

using namespace vramcalc;

TEST_CASE("without a GPU, host memory holds what llama.cpp allocates there, to the byte") {
  const Catalog catalog;
  const auto starts = measured::cpu_starts();
  REQUIRE(starts.size() > 130);
  for (const measured::CpuStart& start : starts) {
    INFO(start.model << " " << start.context);
    const PlaceEstimate host =
        measured::derived_without_gpu(catalog, start.model, start.context, start.params);
    CHECK(host.place.is_host());
    CHECK(measured::best_of(host) == start.held);
    CHECK(host.term(TermKind::compute_buffer).low == host.term(TermKind::compute_buffer).high);
    CHECK(host.term(TermKind::weights).low == host.term(TermKind::weights).best);
  }
}

TEST_CASE("a CPU with AMX packs matrices into more") {
  struct Row {
    ElementType type;
    std::uint64_t more;  // for a matrix of 512 x 256
  };
  for (const Row& row : {
           Row{ElementType::q8_0,   4 * 16 * 256},
           Row{ElementType::q4_K,   4 * 2 * 256 },
           Row{ElementType::q5_K,   4 * 2 * 256 },
           Row{ElementType::iq4_xs, 2 * 2 * 256 },
           Row{ElementType::q6_K,   0           },
           Row{ElementType::q4_0,   0           },
           Row{ElementType::f16,    0           }
  }) {
    INFO(to_string(row.type));
    const std::vector<Tensor> tensors = {tensor_named("blk.0.ffn_up.weight", {512, 256}),
                                         tensor_named("blk.0.attn_norm.weight", {512}),
                                         tensor_named("blk.0.ffn_up_exps.weight", {512, 256, 8})};
    Weights weights;
    weights.tensors = tensors;
    weights.types = {row.type, ElementType::f32, row.type};
    CHECK(llama_cpp::amx_packing(weights, false) == Bytes(row.more));
  }
}
