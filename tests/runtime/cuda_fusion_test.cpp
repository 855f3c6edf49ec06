#include "runtime/llama_cpp/graph/cuda_fusion.hpp"

#include <algorithm>

#include "catch.hpp"
#include "runtime/llama_cpp/compute_buffer.hpp"
#include "runtime/llama_cpp/graph/operations.hpp"
#include "runtime/llama_cpp/release.hpp"
#include "runtime/measured.hpp"
#include "runtime/shapes.hpp"

using namespace vramcalc;
using namespace vramcalc::llama_cpp;
using namespace vramcalc::llama_cpp::graph;

namespace {

constexpr std::uint64_t tokens = 16;

struct Sum {
  Graph g;
  NodeId experts = no_node, weights = no_node, sum = no_node;

  explicit Sum(std::uint64_t count, std::uint64_t views) {
    experts = g.input(ElementType::f32, {64, count, tokens, 1});
    weights = g.input(ElementType::f32, {1, count, tokens, 1});
    const NodeId weighted = mul(g, experts, weights);
    g.expand(weighted);
    const Node from = g[weighted];
    for (std::uint64_t e = 0; e < views; ++e) {
      const NodeId view =
          g.view(weighted, {64, tokens, 1, 1}, {from.nb[0], from.nb[2], from.nb[3], 0}, e * from.nb[1]);
      g.expand(view);
      sum = e == 0 ? view : add(g, sum, view);
      g.expand(sum);
    }
  }
};

struct Choice {
  Graph g;
  NodeId logits = no_node, weights = no_node, after = no_node;

  explicit Choice(std::uint64_t experts) {
    logits = g.input(ElementType::f32, {experts, tokens, 1, 1});
    const NodeId scores = soft_max(g, logits);
    const NodeId chosen = argsort_top_k(g, scores, 4);
    weights = get_rows(g, g.reshape(scores, {1, experts, tokens, 1}), chosen);
    g.expand(weights);
    after = scale(g, g.input(ElementType::f32, {8, 1, 1, 1}));
    g.expand(after);
  }
};

std::vector<KeptUntil> kept(const Graph& g, const DeviceRules& rules = {}) {
  return kept_by_cuda(g, count_readers(g), rules, g.order(), 0, g.order().size());
}

}  // namespace

TEST_CASE("the experts and their weights are kept until the sum of two to fifteen experts is computed") {
  struct Row {
    std::uint64_t experts, added;
    bool fused;
  };
  for (const auto& [experts, added, fused] : {
           Row{1,  1,  false},
           Row{2,  2,  true },
           Row{8,  8,  true },
           Row{15, 15, true },
           Row{16, 16, false},
           Row{8,  7,  false}
  }) {
    const Sum part(experts, added);
    const std::vector<KeptUntil> found = kept(part.g);
    INFO(experts << " experts, " << added << " added");
    REQUIRE(found.size() == (fused ? 1 : 0));
    if (!fused) continue;
    CHECK(found[0].operation == part.sum);
    CHECK(found[0].tensors == std::vector{part.experts, part.weights});
  }
}

TEST_CASE("the scores of experts are kept until after the choice if there is a kernel for their number") {
  struct Row {
    std::uint64_t experts;
    bool fused;
  };
  for (const auto& [experts, fused] : {
           Row{8,    true },
           Row{128,  true },
           Row{160,  false},
           Row{288,  true },
           Row{384,  false},
           Row{512,  true },
           Row{576,  true },
           Row{1024, false}
  }) {
    const Choice part(experts);
    const std::vector<KeptUntil> found = kept(part.g);
    INFO(experts << " experts");
    REQUIRE(found.size() == (fused ? 1 : 0));
    if (!fused) continue;
    CHECK(found[0].operation == part.after);
    CHECK(std::ranges::count(found[0].tensors, part.logits) == 1);
    CHECK(std::ranges::count(found[0].tensors, part.weights) == 1);
  }
}

TEST_CASE("what is read elsewhere is not fused") {
  Sum part(8, 8);
  const NodeId reader = scale(part.g, part.g.order()[0]);
  part.g.expand(reader);
  CHECK(kept(part.g).empty());
}

TEST_CASE("CUDA's fusions came with two builds") {
  struct Row {
    const char* release;
    Applies sum, choice;
  };
  using enum Applies;
  for (const auto& [release, sum, choice] : {
           Row{"",           yes,     yes    },
           Row{"0.5",        yes,     yes    },
           Row{"b11124",     yes,     yes    },
           Row{"2026-09-25", yes,     yes    },
           Row{"b11123",     yes,     no     },
           Row{"b10751",     yes,     no     },
           Row{"0.4",        yes,     no     },
           Row{"2026-09-10", yes,     no     },
           Row{"b10750",     no,      no     },
           Row{"0.3",        no,      no     },
           Row{"2026-08-30", no,      no     },
           Row{"2026-09-01", unknown, no     },
           Row{"2026-09",    unknown, unknown}
  }) {
    INFO(release);
    const ReleaseRules rules = release_rules("", release);
    CHECK(rules.fuses_sum_of_experts == sum);
    CHECK(rules.fuses_choice_of_experts == choice);
  }
  DeviceRules only_sums;
  only_sums.fuses_choice_of_experts = false;
  CHECK(kept(Choice(128).g, only_sums).empty());
  CHECK(kept(Sum(8, 8).g, only_sums).size() == 1);
}
