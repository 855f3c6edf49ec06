#include <cmath>

#include "catch.hpp"
#include "runtime/llama_cpp/placed.hpp"
#include "vramcalc/catalog.hpp"

using namespace vramcalc;
using namespace vramcalc::llama_cpp;

namespace {

// Compute buffers in hundredths of a MiB, as llama.cpp logs them, and weights, of the GPU and of the host.
struct Sizes {
  std::int64_t gpu = 0, host = 0;
  Bytes gpu_weights, host_weights;
};

std::int64_t as_logged(Bytes bytes) {
  return std::llround(static_cast<double>(bytes.count()) * 100 / static_cast<double>(MiB));
}

Sizes sizes_of(const char* name, const char* quantization, std::uint64_t tokens, const char* pattern,
               Place place) {
  const Catalog catalog;
  const Model model = catalog.model(name);
  const ClassifiedTensors tensors(model.architecture);
  const Weights weights = weights_of(tensors, catalog.file_type(quantization));
  ContextParams one_slot;
  one_slot.parallel = 1;
  llama_cpp::Placement placement;
  placement.free = {Bytes(24 * GiB)};
  if (*pattern != '\0')
    placement.overrides = {
        {TensorOverride::Part::named, {}, pattern, place}
    };
  KnownPlacements known;
  const auto devices = llama_cpp::place(model.architecture, weights, one_slot, tokens, placement,
                                        Reasons::none, Buffers::all, known);
  return {as_logged(devices[0].term(TermKind::compute_buffer).best),
          as_logged(devices[1].term(TermKind::compute_buffer).best), devices[0].term(TermKind::weights).best,
          devices[1].term(TermKind::weights).best};
}

}  // namespace

// Measured with llama.cpp on CUDA (public log 71104905357, 2026).
TEST_CASE("rows are looked up on the device of their table") {
  const Sizes stays = sizes_of("gemma-4-e2b", "Q4_0", 8192, "", Place::gpu(0));
  CHECK(stays.gpu == 12252);
  CHECK(stays.host == 3252);
  const Sizes moved = sizes_of("gemma-4-e2b", "Q4_0", 8192, R"(per_layer_token_embd\.weight)", Place::gpu(0));
  CHECK(moved.gpu == 11552);
  CHECK(moved.host == 1502);
}

TEST_CASE("every input table can be moved") {
  struct Row {
    const char* model;
    const char* pattern;
  };
  for (const Row& row : {
           Row{"qwen3-0.6b",   R"(^token_embd\.)"    },
           Row{"llama-3.1-8b", R"(^token_embd\.)"    },
           Row{"gemma-3n-e4b", "per_layer_token_embd"}
  }) {
    CAPTURE(row.model);
    const Sizes stays = sizes_of(row.model, "Q4_K_M", 4096, "", Place::gpu(0));
    const Sizes moved = sizes_of(row.model, "Q4_K_M", 4096, row.pattern, Place::gpu(0));
    CHECK(moved.host < stays.host);
    CHECK(moved.host_weights < stays.host_weights);
  }
}

TEST_CASE("an override also moves the embedding's copy for the output") {
  const Sizes stays = sizes_of("llama-3.2-1b", "Q4_K_M", 4096, "", Place::gpu(0));
  const Sizes moved = sizes_of("llama-3.2-1b", "Q4_K_M", 4096, R"(^token_embd\.)", Place::host());
  CHECK(moved.gpu_weights < stays.gpu_weights);
  CHECK(moved.host_weights == stays.host_weights);
}
