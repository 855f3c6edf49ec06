#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "vramcalc/element_type.hpp"

// A compute graph of shapes without data: what llama.cpp 0.5.0 (src/llama-graph.cpp, src/models/) has ggml
// compute for one micro-batch. Our allocator and scheduler process it as ggml-alloc.c and ggml-backend.cpp
// do, so buffer sizes are derived instead of fitted.
namespace vramcalc::llama_cpp::graph {

// Operations, distinguished by their use of memory: views cost nothing, some may overwrite an operand, some
// are moved to a device for large batches, and flash attention needs scratch memory.
enum class Op : std::uint8_t {
  none,
  view,
  reshape,
  permute,
  transpose,
  // may take over the memory of an operand (ggml-alloc.c, ggml_op_can_inplace)
  add,
  add_id,
  sub,
  mul,
  div,
  scale,
  unary,
  square,
  square_root,
  rms_norm,
  rope,
  clamp,
  fill,
  soft_max,
  // never
  norm,
  get_rows,
  mul_mat,
  mul_mat_id,
  glu,
  flash_attention,
  set_rows,
  copy,
  contiguous,
  concat,
  repeat,
  pad,
  sum_rows,
  argsort,
  top_k,
  ssm_conv,
  ssm_scan,
  gated_delta_net,
  lightning_indexer,
  other,
};

inline bool is_view_op(Op op) { return op >= Op::view && op <= Op::transpose; }
inline bool can_overwrite_operand(Op op) { return op >= Op::add && op <= Op::soft_max; }

using NodeId = std::int32_t;
inline constexpr NodeId no_node = -1;

// Devices are numbered from 0, and the CPU comes last (the scheduler's order of preference).
using BackendId = std::int8_t;
inline constexpr BackendId no_backend = -1;

using Extent = std::array<std::uint64_t, 4>;

// Who owns a tensor's memory: the graph (to be placed by the allocator), the model file, or the cache.
enum class Storage : std::uint8_t { graph, weight, cache };

// The operands by position, with no_node for a missing optional one. Iteration, which is frequent, ends after
// the last operand.
class Sources {
 public:
  Sources() = default;
  Sources(std::initializer_list<NodeId> ids) { append(ids); }

  void append(std::initializer_list<NodeId> ids) {
    std::copy(ids.begin(), ids.end(), ids_.begin() + count_);
    count_ = static_cast<std::uint8_t>(count_ + ids.size());
  }
  std::size_t size() const { return count_; }
  NodeId& operator[](std::size_t place) { return ids_[place]; }
  NodeId operator[](std::size_t place) const { return ids_[place]; }
  const NodeId* begin() const { return ids_.data(); }
  const NodeId* end() const { return ids_.data() + count_; }
  friend bool operator==(const Sources&, const Sources&) = default;

 private:
  std::array<NodeId, 8> ids_ = {no_node, no_node, no_node, no_node, no_node, no_node, no_node, no_node};
  std::uint8_t count_ = 0;
};

struct Node {
  Op op = Op::none;
  ElementType type = ElementType::f32;
  Storage storage = Storage::graph;
  bool input = false;            // filled by the host before each run
  bool output = false;           // read after the run: never freed, never overwritten
  bool visited = false;          // already in the graph's order
  bool alibi = false;            // attention with position biases
  std::uint32_t most_cells = 0;  // of flash attention, that a query reads; 0 for all
  BackendId pinned =
      no_backend;  // if set explicitly (the first norm of a layer, attention over a cache on the host)
  BackendId backend = no_backend;
  Sources sources;
  NodeId view_of = no_node;      // the tensor whose memory this one shows, which is never itself a view
  Extent ne = {1, 1, 1, 1};      // elements
  Extent nb = {0, 0, 0, 0};      // strides in bytes
  std::uint64_t first_byte = 0;  // offset of a view

  bool is_view() const { return view_of != no_node; }
};

// All tensors and the order of execution. Tensors are indexed and need no allocations of their own.
class Graph {
 public:
  Graph() {
    nodes_.reserve(512);
    order_.reserve(512);
  }

  void reserve(std::size_t nodes) {
    nodes_.reserve(nodes);
    order_.reserve(nodes);
  }

  Node& operator[](NodeId id) { return nodes_[static_cast<std::size_t>(id)]; }
  const Node& operator[](NodeId id) const { return nodes_[static_cast<std::size_t>(id)]; }
  std::size_t size() const { return nodes_.size(); }

  // Operations in order of execution; leaves (inputs, weights, cache) in order of first use.
  const std::vector<NodeId>& order() const { return order_; }
  const std::vector<NodeId>& leaves() const { return leaves_; }

  NodeId input(ElementType type, const Extent& ne);
  NodeId stored(Storage storage, BackendId backend, ElementType type, const Extent& ne);

  // A result with its own memory.
  NodeId compute(Op op, ElementType type, const Extent& ne, std::initializer_list<NodeId> sources);
  // A result with the type and shape of `like`, which is its first source.
  NodeId like(Op op, NodeId like, std::initializer_list<NodeId> further_sources = {});
  // A result written into `target`.
  NodeId into(Op op, NodeId target, std::initializer_list<NodeId> sources);

  NodeId view(NodeId of, const Extent& ne, const Extent& nb, std::uint64_t first_byte = 0);
  NodeId reshape(NodeId of, const Extent& ne);
  NodeId permute(NodeId of, const std::array<std::uint8_t, 4>& axes);
  NodeId transpose(NodeId of);

  // A tensor of the same layout, filled by a copy (the scheduler's transfers between backends).
  NodeId duplicate(NodeId of);
  // A step that keeps `of` alive until it is executed.
  NodeId dependency(NodeId of);

  // Appends `root` and what it needs, depth first over the sources (ggml.c, ggml_build_forward_expand).
  void expand(NodeId root);

 private:
  NodeId add(const Node& node);

  std::vector<Node> nodes_;
  std::vector<NodeId> order_;
  std::vector<NodeId> leaves_;
};

// Strides of a tensor without gaps.
Extent contiguous_strides(ElementType type, const Extent& ne);
bool is_contiguous(const Node& node);
bool laid_out_alike(const Node& a, const Node& b);
// From the first byte to the last (ggml.c, ggml_nbytes).
std::uint64_t bytes_of(const Node& node);
std::uint64_t elements_of(const Node& node);
std::uint64_t row_stride(ElementType type, std::uint64_t elements);

}  // namespace vramcalc::llama_cpp::graph
