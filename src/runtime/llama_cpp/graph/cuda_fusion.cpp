#include "runtime/llama_cpp/graph/cuda_fusion.hpp"

#include <algorithm>
#include <bit>
#include <optional>

namespace vramcalc::llama_cpp::graph {
namespace {

// moe-weighted-reduction: MOE_WEIGHTED_REDUCTION_MAX_EXPERTS.
constexpr std::uint64_t most_summed_experts = 15;

// topk-moe.cu, ggml_cuda_should_use_topk_moe: the numbers of experts that there is a kernel for.
bool has_choice_kernel(std::uint64_t experts) {
  return (std::has_single_bit(experts) && experts <= 512) || experts == 288 || experts == 576;
}

bool same_shape(const Node& a, const Node& b) { return a.ne == b.ne; }
bool is_plain_f32(const Node& node) { return node.type == ElementType::f32 && is_contiguous(node); }

class Fusions {
 public:
  Fusions(const Graph& graph, const Readers& readers, const DeviceRules& rules, std::span<const NodeId> order,
          std::size_t first, std::size_t last)
      : graph_(graph), readers_(readers), rules_(rules), order_(order), last_(last), next_(first) {}

  std::vector<KeptUntil> run() {
    for (; next_ < last_; ++next_) {
      switch (op(next_)) {
        case Op::mul:
          if (rules_.fuses_sum_of_experts) keep_for_sum();
          break;
        case Op::unary:
        case Op::soft_max:
          if (rules_.fuses_choice_of_experts) keep_for_choice();
          break;
        default: break;
      }
    }
    return std::move(kept_);
  }

 private:
  // Consecutive operations of one kernel, from `next_` on.
  struct Choice {
    std::size_t length = 0;
    std::size_t chosen = 0, weights = 0;  // places of the two results
  };
  struct Product {
    NodeId experts = no_node, factors = no_node;
  };

  const Node& node(std::size_t place) const { return graph_[order_[place]]; }
  Op op(std::size_t place) const { return place < last_ ? node(place).op : Op::none; }
  bool reads(std::size_t place, std::size_t source, std::size_t from) const {
    return node(place).sources[source] == order_[from];
  }
  // An operation on the result right before it.
  bool continues(std::size_t place, Op with) const { return op(place) == with && reads(place, 0, place - 1); }

  // ggml.c, ggml_can_fuse_subgraph_ext: nothing outside reads what the kernel does not write.
  bool is_closed(std::size_t length, std::initializer_list<std::size_t> results) const {
    for (std::size_t place = next_; place < next_ + length; ++place) {
      if (std::ranges::find(results, place) != results.end()) continue;
      if (node(place).output || readers_inside(place, length) != readers_[index(order_[place])]) return false;
      if (node(place).is_view() && !is_inside(node(place).view_of, length)) return false;
    }
    return true;
  }
  std::size_t readers_inside(std::size_t place, std::size_t length) const {
    std::size_t count = 0;
    for (std::size_t later = place + 1; later < next_ + length; ++later)
      for (const NodeId source : node(later).sources) count += source == order_[place] ? 1 : 0;
    return count;
  }
  bool is_inside(NodeId id, std::size_t length) const {
    const auto inside = order_.subspan(next_, length);
    return graph_[id].storage == Storage::weight || std::ranges::find(inside, id) != inside.end();
  }
  static std::size_t index(NodeId id) { return static_cast<std::size_t>(id); }

  // The choice of experts by their scores, with the weights of the chosen ones.
  void keep_for_choice() {
    const std::optional<Choice> choice = match_choice();
    if (!choice || !is_closed(choice->length, {choice->chosen, choice->weights}) || !has_kernel(*choice))
      return;
    const std::size_t after = next_ + choice->length;
    if (after >= order_.size()) return;
    KeptUntil kept{order_[after], {}};
    for (std::size_t place = next_; place < after; ++place) {
      keep(kept, order_[place]);
      for (const NodeId source : node(place).sources) keep(kept, source);
    }
    kept_.push_back(std::move(kept));
    next_ = after - 1;
  }

  std::optional<Choice> match_choice() const {
    const bool rooted = op(next_) == Op::unary && continues(next_ + 1, Op::square_root);
    const std::size_t scores = next_ + (rooted ? 1 : 0), column = scores + 1;
    if (!continues(column, Op::reshape)) return std::nullopt;
    const bool biased = op(column + 1) == Op::add && reads(column + 1, 0, scores);
    const std::size_t sorted = column + (biased ? 2 : 1), chosen = sorted + 1, rows = sorted + 2;
    if (op(sorted) != Op::argsort || !reads(sorted, 0, biased ? sorted - 1 : scores)) return std::nullopt;
    if (!continues(chosen, Op::view) || op(rows) != Op::get_rows) return std::nullopt;
    if (!reads(rows, 0, column) || !reads(rows, 1, chosen)) return std::nullopt;
    std::size_t weights = is_normalized(rows + 1) ? rows + 5 : rows;
    if (continues(weights + 1, Op::scale)) ++weights;
    return Choice{weights + 1 - next_, chosen, weights};
  }

  bool is_normalized(std::size_t flat) const {
    return continues(flat, Op::reshape) && continues(flat + 1, Op::sum_rows) &&
           continues(flat + 2, Op::clamp) && op(flat + 3) == Op::div && reads(flat + 3, 0, flat) &&
           reads(flat + 3, 1, flat + 2) && continues(flat + 4, Op::reshape);
  }

  bool has_kernel(const Choice& choice) const {
    const Node &chosen = node(choice.chosen), &scores = node(next_), &logits = graph_[scores.sources[0]];
    if (!has_choice_kernel(chosen.nb[1] / chosen.nb[0])) return false;
    if (!is_contiguous(logits) || !is_contiguous(node(choice.weights))) return false;
    const auto missing = [&](std::size_t source) { return scores.sources[source] == no_node; };
    return scores.op != Op::soft_max || (missing(1) && missing(2));
  }

  // The sum of the experts' results, each times its weight, and before that perhaps times its own scale.
  void keep_for_sum() {
    const std::optional<Product> first = product(next_);
    if (!first) return;
    const std::optional<Product> second = op(next_ + 1) == Op::mul ? product(next_ + 1) : std::nullopt;
    const bool scaled = second && second->experts == order_[next_];
    const std::size_t weighted = next_ + (scaled ? 1 : 0);
    const std::uint64_t experts = node(weighted).ne[1];
    if (experts < 2 || experts > most_summed_experts) return;
    const std::size_t length = 2 * experts - 1 + (weighted - next_ + 1);
    const std::size_t sum = next_ + length - 1;
    if (sum >= last_ || !sums_views(weighted, experts, sum) || !is_closed(length, {sum})) return;
    KeptUntil kept{
        order_[sum], {first->experts, scaled ? second->factors : first->factors}
    };
    if (scaled) keep(kept, first->factors);
    kept_.push_back(std::move(kept));
    next_ = sum;
  }

  std::optional<Product> product(std::size_t place) const {
    const Node& result = node(place);
    if (!is_plain_f32(result)) return std::nullopt;
    const auto are_experts = [&](NodeId id) {
      return is_plain_f32(graph_[id]) && same_shape(graph_[id], result);
    };
    const auto are_factors = [&](NodeId id) {
      const Extent& ne = graph_[id].ne;
      return is_plain_f32(graph_[id]) && ne[0] == 1 && std::equal(ne.begin() + 1, ne.end(), &result.ne[1]);
    };
    const NodeId a = result.sources[0], b = result.sources[1];
    if (are_experts(a) && are_factors(b)) return Product{a, b};
    if (are_experts(b) && are_factors(a)) return Product{b, a};
    return std::nullopt;
  }

  // A view of every expert's part, added one after another in any interleaving.
  bool sums_views(std::size_t weighted, std::uint64_t experts, std::size_t sum) const {
    std::vector<NodeId> views;
    std::size_t added = 0;
    NodeId total = no_node;
    for (std::size_t place = weighted + 1; place <= sum; ++place) {
      if (op(place) == Op::view) {
        if (views.size() == experts || !is_part(node(place), weighted, views.size())) return false;
        if (views.empty()) total = order_[place];
        views.push_back(order_[place]);
        continue;
      }
      const Node& next = node(place);
      if (next.op != Op::add || views.size() < 2 || added + 1 >= views.size()) return false;
      if (next.sources[0] != total || next.sources[1] != views[++added]) return false;
      total = order_[place];
    }
    return views.size() == experts && added + 1 == experts && is_plain_f32(graph_[total]);
  }

  bool is_part(const Node& view, std::size_t weighted, std::size_t expert) const {
    const Node& all = node(weighted);
    const Extent of_tokens = {all.ne[0], all.ne[2] * all.ne[3], 1, 1};
    return view.view_of == order_[weighted] && view.sources[0] == order_[weighted] && view.ne == of_tokens &&
           view.nb[1] == all.nb[2] && view.first_byte == expert * all.nb[1];
  }

  static void keep(KeptUntil& kept, NodeId id) {
    if (id != no_node && std::ranges::find(kept.tensors, id) == kept.tensors.end())
      kept.tensors.push_back(id);
  }

  const Graph& graph_;
  const Readers& readers_;
  const DeviceRules& rules_;
  std::span<const NodeId> order_;
  std::size_t last_;
  std::size_t next_;
  std::vector<KeptUntil> kept_;
};

}  // namespace

Readers count_readers(const Graph& graph) {
  Readers readers(graph.size());
  for (const NodeId id : graph.order())
    for (const NodeId source : graph[id].sources)
      if (source != no_node) ++readers[static_cast<std::size_t>(source)];
  return readers;
}

std::vector<KeptUntil> kept_by_cuda(const Graph& graph, const Readers& readers, const DeviceRules& rules,
                                    std::span<const NodeId> order, std::size_t first, std::size_t last) {
  return Fusions(graph, readers, rules, order, first, last).run();
}

}  // namespace vramcalc::llama_cpp::graph
