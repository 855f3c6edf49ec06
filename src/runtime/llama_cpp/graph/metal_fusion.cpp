#include "runtime/llama_cpp/graph/metal_fusion.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace vramcalc::llama_cpp::graph {
namespace {

// GGML_METAL_FUSION_MAX, GGML_METAL_TOPK_MOE_MAX_EXPERTS, GGML_METAL_MOE_REDUCE_MAX_EXPERTS.
constexpr std::size_t most_fused = 16;
constexpr std::uint64_t most_choices = 1024;

// What has to be true besides the operations.
enum class Check : std::uint8_t { norm, sum, state, choice, experts, convolution };

struct Fusion {
  Check check;
  std::span<const Op> ops;  // with views
};

constexpr std::array norm_mul = {Op::norm, Op::mul};
constexpr std::array norm_mul_add = {Op::norm, Op::mul, Op::add};
constexpr std::array norm_scale = {Op::norm, Op::scale};
constexpr std::array rms_norm_mul = {Op::rms_norm, Op::mul};
constexpr std::array rms_norm_mul_add = {Op::rms_norm, Op::mul, Op::add};
constexpr std::array rms_norm_scale = {Op::rms_norm, Op::scale};
constexpr std::array adds = {Op::add, Op::add, Op::add, Op::add, Op::add, Op::add, Op::add};
constexpr std::array state_write = {Op::gated_delta_net, Op::copy};
constexpr std::array choice = {Op::soft_max, Op::reshape, Op::argsort, Op::view, Op::get_rows, Op::scale};
constexpr std::array normed_choice = {Op::soft_max, Op::reshape, Op::argsort,  Op::view,
                                      Op::get_rows, Op::reshape, Op::sum_rows, Op::clamp,
                                      Op::div,      Op::reshape, Op::scale};
constexpr std::array convolution = {Op::ssm_conv, Op::unary};

// A product, a view of each expert's part, and their sum.
template <std::size_t experts>
constexpr std::array<Op, 2 * experts> sum_of_experts() {
  std::array<Op, 2 * experts> ops{};
  ops[0] = Op::mul;
  for (std::size_t i = 1; i <= experts; ++i) ops[i] = Op::view;
  for (std::size_t i = experts + 1; i < 2 * experts; ++i) ops[i] = Op::add;
  return ops;
}
constexpr auto experts_2 = sum_of_experts<2>();
constexpr auto experts_3 = sum_of_experts<3>();
constexpr auto experts_4 = sum_of_experts<4>();
constexpr auto experts_5 = sum_of_experts<5>();
constexpr auto experts_6 = sum_of_experts<6>();
constexpr auto experts_7 = sum_of_experts<7>();
constexpr auto experts_8 = sum_of_experts<8>();

constexpr std::span<const Op> first(std::span<const Op> ops, std::size_t count) { return ops.first(count); }

constexpr std::array<Fusion, 25> fusions = {
    Fusion{Check::norm,          norm_mul                       },
    Fusion{Check::norm,          norm_mul_add                   },
    Fusion{Check::norm,          norm_scale                     },
    Fusion{Check::norm,          rms_norm_mul                   },
    Fusion{Check::norm,          rms_norm_mul_add               },
    Fusion{Check::norm,          rms_norm_scale                 },
    Fusion{Check::sum,           first(adds,                      2)},
    Fusion{Check::sum,                    first(adds,                                          3)},
    Fusion{Check::sum,                  first(adds,        4)},
    Fusion{Check::sum,first(adds,               5)},
    Fusion{Check::sum,           first(adds,                                        6)},
    Fusion{Check::sum,                    first(adds,                                          7)},
    Fusion{Check::state,                  state_write         },
    Fusion{Check::choice,first(choice,5)},
    Fusion{Check::choice,         first(choice,            6)},
    Fusion{Check::choice,        first(normed_choice,                                     10)},
    Fusion{Check::choice,                    first(normed_choice,                                       11)},
    Fusion{Check::experts,                  experts_2                                     },
    Fusion{Check::experts,experts_3},
    Fusion{Check::experts,        experts_4},
    Fusion{Check::experts,                    experts_5                                     },
    Fusion{Check::experts,                    experts_6},
    Fusion{Check::experts,                    experts_7                                                    },
    Fusion{Check::experts,                    experts_8                                     },
    Fusion{Check::convolution,                    convolution},
};

bool is_empty(Op op) { return op == Op::none || is_view_op(op); }

std::size_t computing(std::span<const Op> ops) {
  return static_cast<std::size_t>(std::ranges::count_if(ops, [](Op op) { return !is_empty(op); }));
}

bool is_plain(const Node& node, ElementType type) { return node.type == type && is_contiguous(node); }

class Matcher {
 public:
  Matcher(const Graph& graph, const Readers& readers, std::span<const NodeId> nodes)
      : graph_(graph), readers_(readers), nodes_(nodes) {}

  // One norm or sum.
  std::size_t fused_simply(std::size_t place) {
    if (is_empty(op(place)) || (op(place) != Op::norm && op(place) != Op::rms_norm && op(place) != Op::add))
      return 1;
    collect(place);
    const std::size_t count = longest(0);
    return places_[count - 1] - place + 1;
  }

  std::size_t fused(std::size_t place) {
    if (is_empty(op(place))) return 1;
    collect(place);
    std::size_t matched = 0;
    while (matched < places_.size()) {
      const std::size_t next = longest(matched);
      if (next == 1 || matched + next > most_fused) break;
      matched += next;
    }
    return matched == 0 ? 1 : std::min(most_fused, places_[matched - 1] - place + 1);
  }

 private:
  const Node& node(std::size_t place) const { return graph_[nodes_[place]]; }
  Op op(std::size_t place) const { return node(place).op; }

  // The places of the next operations, without views.
  void collect(std::size_t place) {
    places_.clear();
    for (; place < nodes_.size() && places_.size() < most_fused; ++place)
      if (!is_empty(op(place))) places_.push_back(place);
  }

  std::size_t longest(std::size_t start) const {
    std::size_t best = 1;
    for (const Fusion& fusion : fusions) {
      const std::size_t count = computing(fusion.ops);
      if (count > best && start + count <= places_.size() && matches(fusion, start, count)) best = count;
    }
    return best;
  }

  bool matches(const Fusion& fusion, std::size_t start, std::size_t count) const {
    const std::span places(places_.data() + start, count);
    std::size_t at = 0;
    for (const Op wanted : fusion.ops)
      if (!is_empty(wanted) && op(places[at++]) != wanted) return false;
    switch (fusion.check) {
      case Check::norm: return is_chain(places) && is_norm(places);
      case Check::sum: return is_chain(places) && is_sum(places);
      case Check::convolution: return is_chain(places) && node(places[1]).sources[0] == nodes_[places[0]];
      case Check::state: return writes_state(node(places[0]), nodes_[places[0]], node(places[1]));
      case Check::choice: return has_ops(places[0], fusion.ops) && is_choice(places[0], fusion.ops.size());
      case Check::experts:
        return has_ops(places[0], fusion.ops) && sums_experts(places[0], fusion.ops.size());
    }
    return false;
  }

  bool has_ops(std::size_t begin, std::span<const Op> ops) const {
    if (begin + ops.size() > nodes_.size()) return false;
    for (std::size_t i = 0; i < ops.size(); ++i)
      if (op(begin + i) != ops[i]) return false;
    return true;
  }

  // Each operation reads the one before, has its shape, and nothing else reads what is in between.
  bool is_chain(std::span<const std::size_t> places) const {
    for (std::size_t i = 1; i < places.size(); ++i) {
      const NodeId before = nodes_[places[i - 1]];
      const Node& now = node(places[i]);
      if (now.sources[0] != before && now.sources[1] != before) return false;
      if (now.ne != graph_[before].ne) return false;
    }
    return is_closed(places, {places.back()});
  }

  // ggml.c, ggml_can_fuse_subgraph_ext.
  bool is_closed(std::span<const std::size_t> places, std::initializer_list<std::size_t> results) const {
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (std::ranges::find(results, places[i]) != results.end()) continue;
      const Node& each = node(places[i]);
      if (each.output || readers_among(places.subspan(i + 1), nodes_[places[i]]) != readers_of(places[i]))
        return false;
      if (each.is_view() && !is_among(places, each.view_of)) return false;
    }
    return true;
  }
  std::size_t readers_of(std::size_t place) const {
    return readers_[static_cast<std::size_t>(nodes_[place])];
  }
  std::size_t readers_among(std::span<const std::size_t> places, NodeId id) const {
    std::size_t count = 0;
    for (const std::size_t place : places)
      count += static_cast<std::size_t>(std::ranges::count(node(place).sources, id));
    return count;
  }
  bool is_among(std::span<const std::size_t> places, NodeId id) const {
    return graph_[id].storage == Storage::weight ||
           std::ranges::any_of(places, [&](std::size_t place) { return nodes_[place] == id; });
  }

  // Weight and bias have the width of the norm and are its second operands.
  bool is_norm(std::span<const std::size_t> places) const {
    for (std::size_t i = 1; i < places.size(); ++i) {
      const Node& each = node(places[i]);
      if (each.type != ElementType::f32 || each.sources[0] != nodes_[places[i - 1]]) return false;
      if (each.op == Op::scale) return true;
      const Node& weight = graph_[each.sources[1]];
      if (weight.ne[0] != node(places[0]).ne[0] || weight.nb[0] != layout_of(weight.type).block_bytes)
        return false;
    }
    return true;
  }

  bool is_sum(std::span<const std::size_t> places) const {
    for (std::size_t i = 1; i < places.size(); ++i) {
      const Node &each = node(places[i]), &before = node(places[i - 1]);
      if (each.sources[0] != nodes_[places[i - 1]]) return false;
      if (!laid_out_alike(graph_[each.sources[1]], graph_[before.sources[1]])) return false;
    }
    return true;
  }

  // The states behind the results go straight to the cache.
  bool writes_state(const Node& rule, NodeId id, const Node& copy) const {
    const Node &from = graph_[copy.sources[0]], &to = graph_[copy.sources[1]];
    const Extent& values = graph_[rule.sources[2]].ne;
    const std::uint64_t results = 4 * values[0] * values[1] * values[2] * values[3];
    if (rule.output || copy.output || from.op != Op::view || from.view_of != id) return false;
    if (from.first_byte != results || !is_contiguous(from) || to.type != ElementType::f32) return false;
    const std::uint64_t state = values[0] * values[0] * values[1];
    return to.ne[0] == state && to.ne[1] == values[3] && to.nb[0] == 4 && to.nb[1] == 4 * state;
  }

  bool is_choice(std::size_t begin, std::size_t length) const {
    const auto reads = [&](std::size_t place, std::size_t source, std::size_t from) {
      return node(begin + place).sources[source] == nodes_[begin + from];
    };
    const Node &scores = node(begin), &chosen = node(begin + 3), &weights = node(begin + length - 1);
    const Node& logits = graph_[scores.sources[0]];
    if (scores.sources[1] != no_node || scores.sources[2] != no_node) return false;
    if (!is_plain(logits, ElementType::f32) || !is_plain(weights, ElementType::f32)) return false;
    const std::uint64_t all = logits.ne[0], tokens = logits.ne[1], used = chosen.ne[0];
    if (all > most_choices || logits.ne[2] != 1 || logits.ne[3] != 1) return false;
    if (chosen.ne != Extent{used, tokens, 1, 1} || weights.ne != Extent{1, used, tokens, 1}) return false;
    if (chosen.nb[0] != 4 || chosen.nb[1] != 4 * all) return false;
    if (!reads(1, 0, 0) || !reads(2, 0, 0) || !reads(3, 0, 2) || !reads(4, 0, 1) || !reads(4, 1, 3))
      return false;
    const bool normed = length > 6;
    if (normed && (!reads(5, 0, 4) || !reads(6, 0, 5) || !reads(7, 0, 6) || !reads(8, 0, 5) ||
                   !reads(8, 1, 7) || !reads(9, 0, 8)))
      return false;
    if (node(begin + length - 1).op == Op::scale && !reads(length - 1, 0, length - 2)) return false;
    return is_closed(all_places(begin, length), {begin + 3, begin + length - 1});
  }

  bool sums_experts(std::size_t begin, std::size_t length) const {
    const std::size_t used = length / 2;
    const Node& product = node(begin);
    const Node &experts = graph_[product.sources[0]], &weights = graph_[product.sources[1]],
               &sum = node(begin + length - 1);
    const std::uint64_t width = experts.ne[0], tokens = experts.ne[2];
    if (begin + 1 + used < nodes_.size() && op(begin + 1 + used) == Op::view) return false;
    if (experts.ne != Extent{width, used, tokens, 1} || weights.ne != Extent{1, used, tokens, 1})
      return false;
    if (sum.ne != Extent{width, tokens, 1, 1}) return false;
    for (const Node* each : {&experts, &weights, &sum})
      if (!is_plain(*each, ElementType::f32)) return false;
    for (std::size_t i = 1; i <= used; ++i) {
      const Node& part = node(begin + i);
      if (part.view_of != nodes_[begin] || part.sources[0] != nodes_[begin]) return false;
      if (part.first_byte != (i - 1) * product.nb[1] || part.nb[1] != product.nb[2]) return false;
      if (part.ne[0] != width || part.ne[1] != tokens) return false;
    }
    for (std::size_t i = 1; i < used; ++i) {
      const Node& add = node(begin + used + i);
      const NodeId left = i == 1 ? nodes_[begin + 1] : nodes_[begin + used + i - 1];
      if (add.sources[0] != left || add.sources[1] != nodes_[begin + i + 1]) return false;
    }
    return is_closed(all_places(begin, length), {begin + length - 1});
  }

  static std::vector<std::size_t> all_places(std::size_t begin, std::size_t length) {
    std::vector<std::size_t> places(length);
    for (std::size_t i = 0; i < length; ++i) places[i] = begin + i;
    return places;
  }

  const Graph& graph_;
  const Readers& readers_;
  std::span<const NodeId> nodes_;
  std::vector<std::size_t> places_;
};

// The longest pattern of operations from `place` on, whatever they read.
std::size_t looks_fused(const Graph& graph, std::span<const NodeId> nodes, std::size_t place) {
  std::size_t longest = 0;
  for (const Fusion& fusion : fusions) {
    if (fusion.ops.size() <= longest || place + fusion.ops.size() > nodes.size()) continue;
    const auto same = [&](std::size_t i) { return graph[nodes[place + i]].op == fusion.ops[i]; };
    std::size_t i = 0;
    while (i < fusion.ops.size() && same(i)) ++i;
    if (i == fusion.ops.size()) longest = i;
  }
  return longest;
}

void add_unseen(std::vector<NodeId>& seen, std::vector<NodeId>& kept, NodeId id) {
  if (id == no_node || std::ranges::find(seen, id) != seen.end()) return;
  seen.push_back(id);
  kept.push_back(id);
}

}  // namespace

std::size_t fused_by_metal(const Graph& graph, const Readers& readers, std::span<const NodeId> nodes,
                           std::size_t place) {
  return Matcher(graph, readers, nodes).fused(place);
}

std::size_t fused_by_older_metal(const Graph& graph, const Readers& readers, std::span<const NodeId> nodes,
                                 std::size_t place) {
  return Matcher(graph, readers, nodes).fused_simply(place);
}

std::vector<KeptUntil> kept_by_metal(const Graph& graph, std::span<const NodeId> nodes) {
  std::vector<KeptUntil> result;
  for (std::size_t place = 0; place < nodes.size(); ++place) {
    const std::size_t length = looks_fused(graph, nodes, place);
    if (length == 0) continue;
    KeptUntil kept{nodes[place + length - 1], {}};
    std::vector<NodeId> seen;
    for (std::size_t i = 0; i < length; ++i) {
      for (const NodeId source : graph[nodes[place + i]].sources) add_unseen(seen, kept.tensors, source);
      seen.push_back(nodes[place + i]);
    }
    result.push_back(std::move(kept));
    place += length - 1;
  }
  return result;
}

}  // namespace vramcalc::llama_cpp::graph
