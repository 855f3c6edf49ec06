#include "runtime/llama_cpp/graph/vulkan_order.hpp"

#include <algorithm>
#include <array>

namespace vramcalc::llama_cpp::graph {
namespace {

using Pattern = std::span<const Op>;

// Operations that one kernel computes together (ggml-vulkan-types.h). The choice of experts keeps its
// operands until it is complete.
constexpr std::array norm_of_softmax = {Op::soft_max, Op::reshape,  Op::argsort, Op::view, Op::get_rows,
                                        Op::reshape,  Op::sum_rows, Op::clamp,   Op::div,  Op::reshape};
constexpr std::array norm_of_sigmoid = {Op::unary, Op::reshape,  Op::add,     Op::argsort,
                                        Op::view,  Op::get_rows, Op::reshape, Op::sum_rows,
                                        Op::clamp, Op::div,      Op::reshape};
constexpr std::array norm_of_softplus = {Op::unary,    Op::square_root, Op::reshape,  Op::add,
                                         Op::argsort,  Op::view,        Op::get_rows, Op::reshape,
                                         Op::sum_rows, Op::clamp,       Op::div,      Op::reshape};
constexpr std::array early_softmax = {Op::soft_max, Op::reshape, Op::argsort, Op::view, Op::get_rows};
constexpr std::array late_softmax = {Op::argsort, Op::view,     Op::get_rows,
                                     Op::reshape, Op::soft_max, Op::reshape};
constexpr std::array norm_add_scale = {Op::rms_norm, Op::mul, Op::add, Op::mul};
constexpr std::array norm_add = {Op::rms_norm, Op::mul, Op::add};
constexpr std::array norm_rope_write = {Op::rms_norm, Op::mul, Op::rope, Op::view, Op::set_rows};
constexpr std::array norm_write = {Op::rms_norm, Op::view, Op::set_rows};
constexpr std::array rope_write = {Op::rope, Op::view, Op::set_rows};

constexpr std::array<Pattern, 5> choices = {norm_of_softmax, norm_of_sigmoid, norm_of_softplus, early_softmax,
                                            late_softmax};
constexpr std::array<Pattern, 5> chains = {norm_add_scale, norm_add, norm_rope_write, norm_write, rope_write};

// Two operations that one kernel computes.
struct Pair {
  Op first, second;
  bool adjacent;  // otherwise views or already computed operations may be between them
};
constexpr std::array pairs = {
    Pair{Op::rms_norm,   Op::mul,    false},
    Pair{Op::unary,      Op::mul,    false},
    Pair{Op::mul_mat,    Op::add,    true },
    Pair{Op::mul_mat_id, Op::add_id, true },
    Pair{Op::mul_mat_id, Op::mul,    true },
    Pair{Op::add,        Op::add,    true },
    Pair{Op::ssm_conv,   Op::add,    true },
    Pair{Op::ssm_conv,   Op::unary,  true },
};

constexpr std::size_t looks_ahead = 20, looks_for_partner = 15;
static_assert(looks_ahead <= 32);  // a bit for each

class Reordering {
 public:
  Reordering(const Graph& graph, std::span<const NodeId> nodes)
      : graph_(graph), nodes_(nodes), used_(nodes.size()), computed_(graph.size()) {
    dependencies_.reserve(nodes.size());
    for (std::size_t place = 0; place < nodes.size(); ++place) dependencies_.push_back(dependencies(place));
  }

  ReorderedRun run() {
    result_.nodes.reserve(nodes_.size());
    while (next_ < nodes_.size()) {
      if (!keep_pattern()) gather();
      while (next_ < nodes_.size() && used_[next_]) ++next_;
    }
    return std::move(result_);
  }

 private:
  const Node& node(std::size_t place) const { return graph_[nodes_[place]]; }
  Op op(std::size_t place) const { return node(place).op; }
  bool is_empty(std::size_t place) const { return op(place) == Op::none || is_view_op(op(place)); }
  NodeId owner(NodeId id) const { return graph_[id].is_view() ? graph_[id].view_of : id; }
  std::size_t until(std::size_t from, std::size_t length) const {
    return std::min(from + length, nodes_.size());
  }

  // One bit for each of the operations within reach before it, the nearest one first.
  std::uint32_t dependencies(std::size_t place) const {
    std::uint32_t bits = 0;
    for (std::size_t back = 1; back <= std::min(place, looks_ahead); ++back)
      if (reads_or_overwrites(place, place - back)) bits |= 1U << (back - 1);
    return bits;
  }

  bool depends_on(std::size_t later, std::size_t earlier) const {
    return (dependencies_[later] >> (later - earlier - 1) & 1U) != 0;
  }

  bool reads_or_overwrites(std::size_t later, std::size_t earlier) const {
    const NodeId to = nodes_[later], from = nodes_[earlier];
    const bool both_compute = !is_empty(later) && !is_empty(earlier);
    for (const NodeId source : node(later).sources)
      if (source == from || (both_compute && source != no_node && owner(source) == owner(from))) return true;
    if (both_compute)
      for (const NodeId source : node(earlier).sources)
        if (source != no_node && owner(to) == owner(source)) return true;
    return owner(to) == owner(from);
  }

  bool matches(Pattern pattern, std::size_t start) const {
    if (start + pattern.size() > nodes_.size()) return false;
    for (std::size_t i = 0; i < pattern.size(); ++i)
      if (op(start + i) != pattern[i] || used_[start + i]) return false;
    return true;
  }
  bool begins_pattern(std::size_t place) const {
    const auto begins = [&](Pattern pattern) { return matches(pattern, place); };
    return std::ranges::any_of(choices, begins) || std::ranges::any_of(chains, begins);
  }

  void take(std::size_t place) {
    result_.nodes.push_back(nodes_[place]);
    used_[place] = true;
    computed_[static_cast<std::size_t>(nodes_[place])] = true;
  }

  bool keep_pattern() {
    for (const Pattern pattern : choices) {
      if (!matches(pattern, next_)) continue;
      keep_operands(pattern);
      for (std::size_t i = 0; i < pattern.size(); ++i) take(next_ + i);
      return true;
    }
    for (const Pattern pattern : chains) {
      if (!matches(pattern, next_)) continue;
      for (std::size_t i = 0; i < pattern.size(); ++i) take(next_ + i);
      return true;
    }
    return false;
  }

  void keep_operands(Pattern pattern) {
    std::size_t last = next_ + pattern.size() - 1;
    if (last + 1 < nodes_.size() && op(last + 1) == Op::scale) ++last;
    KeptUntil kept{nodes_[last], {}};
    std::vector<NodeId> seen;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      for (const NodeId source : node(next_ + i).sources) {
        if (source == no_node || std::ranges::find(seen, source) != seen.end()) continue;
        seen.push_back(source);
        kept.tensors.push_back(source);
      }
      seen.push_back(nodes_[next_ + i]);
    }
    result_.kept.push_back(std::move(kept));
  }

  bool only_views_between(std::size_t from, std::size_t end) const {
    for (std::size_t place = from; place < end; ++place)
      if (!used_[place] && !is_empty(place)) return false;
    return true;
  }

  bool makes_pair(std::size_t first, std::size_t second) const {
    return std::ranges::any_of(pairs, [&](const Pair& pair) {
      if (op(first) != pair.first || op(second) != pair.second) return false;
      return pair.adjacent ? second == first + 1 : only_views_between(first + 1, second);
    });
  }

  bool can_join(std::size_t place) const {
    for (std::size_t before = next_; before < place; ++before) {
      if (used_[before] || !depends_on(place, before)) continue;
      if (before != set_.back() || !makes_pair(before, place)) return false;
    }
    return true;
  }

  void join(std::size_t place) {
    set_.push_back(place);
    used_[place] = true;
  }

  // All operations within reach whose dependencies are computed, followed by their views.
  void gather() {
    set_ = {next_};
    for (std::size_t place = next_ + 1; place < until(next_, looks_ahead); ++place) {
      if (used_[place] || is_empty(place) || begins_pattern(place) || !can_join(place)) continue;
      set_.push_back(place);
      bring_partners(place);
    }
    if (op(set_.back()) != Op::add) gather_views();
    for (const std::size_t place : set_) take(place);
  }

  void gather_views() {
    for (std::size_t place = next_ + 1; place < until(next_, looks_ahead); ++place) {
      if (used_[place] || !is_empty(place)) continue;
      bool ok = true;
      for (std::size_t before = next_; ok && before < place; ++before)
        ok = used_[before] || !depends_on(place, before) || std::ranges::find(set_, before) != set_.end();
      if (ok) set_.push_back(place);
    }
  }

  bool is_ready(NodeId id) const {
    return id == no_node || graph_[id].op == Op::none || computed_[static_cast<std::size_t>(id)];
  }

  void bring_partners(std::size_t place) {
    std::size_t last = place;
    const Op before = op(place - 1);
    if (op(place) == Op::mul && before == Op::rms_norm) last = bring_rope(place);
    if (op(last) == Op::rope || op(last) == Op::rms_norm) bring_write(last);
    if (op(place) == Op::add_id && before == Op::mul_mat_id) bring_reader(place, Op::mul);
    if (op(place) == Op::add && before == Op::mul_mat) bring_reader(place, Op::add);
    if (op(place) == Op::add && before == Op::ssm_conv) bring_activation(place);
    if (op(place) == Op::unary) bring_product(place);
  }

  std::size_t bring_rope(std::size_t place) {
    for (std::size_t next = place + 1; next < until(place, looks_for_partner); ++next) {
      if (op(next) != Op::rope || node(next).sources[0] != nodes_[place]) continue;
      const NodeId positions = node(next).sources[1], factors = node(next).sources[2];
      if (graph_[positions].op != Op::none || (factors != no_node && graph_[factors].op != Op::none))
        continue;
      join(next);
      return next;
    }
    return place;
  }

  std::size_t readers_of(std::size_t place) const {
    std::size_t count = 0;
    for (const NodeId each : nodes_)
      for (const NodeId source : graph_[each].sources) count += source == nodes_[place] ? 1 : 0;
    return count;
  }

  void bring_write(std::size_t from) {
    std::size_t view = 0;
    for (std::size_t next = from + 1; next < until(from, looks_for_partner); ++next) {
      if (used_[next]) continue;
      if (view == 0 && op(next) == Op::view && node(next).sources[0] == nodes_[from]) {
        view = next;
      } else if (view != 0 && op(next) == Op::set_rows && node(next).sources[0] == nodes_[view]) {
        if (can_write(from, view, next)) {
          join(view);
          join(next);
        }
        return;
      }
    }
  }

  bool can_write(std::size_t from, std::size_t view, std::size_t write) const {
    if (readers_of(from) != 1 || readers_of(view) != 1) return false;
    for (std::size_t place = from + 1; place < write; ++place)
      if (!used_[place] && place != view && !is_empty(place) && depends_on(write, place)) return false;
    return true;
  }

  void bring_reader(std::size_t place, Op reader) {
    for (std::size_t next = place + 1; next < until(place, looks_for_partner); ++next) {
      if (op(next) != reader || node(next).sources[0] != nodes_[place]) continue;
      if (!is_ready(node(next).sources[1])) continue;
      join(next);
      return;
    }
  }

  void bring_activation(std::size_t place) {
    for (std::size_t next = place + 1; next < until(place, looks_for_partner); ++next) {
      if (op(next) != Op::unary || node(next).sources[0] != nodes_[place]) continue;
      join(next);
      return;
    }
  }

  void bring_product(std::size_t place) {
    for (std::size_t next = place + 1; next < until(place, looks_for_partner); ++next) {
      if (op(next) != Op::mul) continue;
      const NodeId first = node(next).sources[0], second = node(next).sources[1];
      if (first != nodes_[place] && second != nodes_[place]) continue;
      if (!is_ready(first == nodes_[place] ? second : first)) continue;
      join(next);
      return;
    }
  }

  const Graph& graph_;
  std::span<const NodeId> nodes_;
  std::vector<bool> used_;
  std::vector<bool> computed_;  // by tensor, in an earlier set
  std::vector<std::uint32_t> dependencies_;
  std::vector<std::size_t> set_;
  std::size_t next_ = 0;
  ReorderedRun result_;
};

}  // namespace

ReorderedRun in_vulkan_order(const Graph& graph, std::span<const NodeId> nodes) {
  return Reordering(graph, nodes).run();
}

}  // namespace vramcalc::llama_cpp::graph
