#include <algorithm>
#include <random>

#include "catch.hpp"
#include "runtime/llama_cpp/automatic_flash_attention.hpp"
#include "runtime/llama_cpp/compute_buffer.hpp"
#include "runtime/llama_cpp/context.hpp"
#include "runtime/llama_cpp/placed.hpp"
#include "support/sampled.hpp"
#include "vramcalc/catalog.hpp"
#include "vramcalc/error.hpp"

using namespace vramcalc;
using namespace vramcalc::llama_cpp;

namespace {

struct Loaded {
  Model model;
  ClassifiedTensors tensors;
  Weights weights;
  Loaded(const Catalog& catalog, std::string_view id, std::string_view file_type)
      : model(catalog.model(id)),
        tensors(model.architecture),
        weights(weights_of(tensors, catalog.file_type(file_type))) {}
};

// Splits by memory and by layers, layers and experts on the host.
llama_cpp::Placement some_placement(std::mt19937& random, std::uint32_t layers) {
  llama_cpp::Placement placement;
  placement.free.resize(1 + random() % 8, Bytes(24 * GiB));
  if (random() % 2 == 0) placement.free[0] = Bytes(80 * GiB);
  if (random() % 3 == 0)
    for (std::size_t i = 0; i < placement.free.size(); ++i)
      placement.split.push_back(static_cast<double>(1 + random() % 8));
  if (random() % 4 == 0) placement.layers = static_cast<std::uint32_t>(random() % (layers + 1));
  if (random() % 3 == 0)
    placement.overrides = experts_on_host(static_cast<std::uint32_t>(random() % (layers + 1)));
  return placement;
}

std::uint64_t some_context(std::mt19937& random, std::uint64_t full) {
  return random() % 5 == 0 ? 1 + random() % 4096 : std::max<std::uint64_t>(256, random() % (full + 1));
}

std::vector<Bytes> placed_buffers(const Loaded& loaded, const ContextParams& params, std::uint64_t tokens,
                                  const llama_cpp::Placement& placement, KnownPlacements& known,
                                  Buffers buffers_asked = Buffers::all) {
  std::vector<Bytes> buffers;
  for (const PlaceEstimate& device : place(loaded.model.architecture, loaded.weights, params, tokens,
                                           placement, Reasons::none, buffers_asked, known)) {
    Bytes& buffer = buffers.emplace_back();
    for (const Term& term : device.terms)
      if (term.kind == TermKind::compute_buffer) buffer = term.amount.best;
  }
  return buffers;
}

std::vector<Bytes> derived_buffers(const Loaded& loaded, const ContextParams& params, std::uint64_t tokens,
                                   const llama_cpp::Placement& placement) {
  const Architecture& architecture = loaded.model.architecture;
  const auto where =
      llama_cpp::locate(architecture, loaded.tensors.tensors(), loaded.weights.types, placement);
  const auto resolved = llama_cpp::resolve(architecture, params, tokens);
  llama_cpp::GraphSettings settings = llama_cpp::graph_settings(architecture, params, resolved);
  if (llama_cpp::depends_on_kernels(architecture, params) &&
      llama_cpp::may_part_attention(settings, where.map))
    settings.flash_attention = llama_cpp::flash_attention_runs_with_layers(architecture, settings, where.map);
  return llama_cpp::compute_buffers(architecture, settings, where.map);
}

}  // namespace

TEST_CASE("buffers from known graphs equal those of newly placed graphs") {
  const Catalog catalog;
  std::mt19937 random(20261125);
  std::size_t compared = 0, graphs = 0, number = 0;
  for (const ModelRow* row : catalog.models()) {
    if (!row->incomplete.empty() || number++ % (6 * test::one_in) != 0) continue;
    try {
      const Loaded loaded(catalog, row->id, "Q4_K_M");
      const Architecture& architecture = loaded.model.architecture;
      KnownPlacements known;
      for (int i = 0; i < 6; ++i) {
        ContextParams params;
        const std::uint64_t tokens = some_context(random, architecture.context_length);
        if (random() % 3 == 0) params.parallel = static_cast<std::uint32_t>(1 + random() % 3);
        const llama_cpp::Placement placement = some_placement(random, shape_facts(architecture).block_count);
        INFO(row->id << " at " << tokens << ", round " << i);
        const auto derived = derived_buffers(loaded, params, tokens, placement);
        CHECK(placed_buffers(loaded, params, tokens, placement, known) == derived);
        const auto of_gpus = placed_buffers(loaded, params, tokens, placement, known, Buffers::of_gpus);
        CHECK(std::equal(of_gpus.begin(), of_gpus.end() - 1, derived.begin(), derived.end() - 1));
        ++compared;
      }
      graphs += known.graphs.size();
    } catch (const Error& refusal) {
      if (refusal.code() != ErrorCode::unsupported) throw;
    }
  }
  CHECK(compared > test::sampled(150));
  CHECK(graphs > test::sampled(50));
}
