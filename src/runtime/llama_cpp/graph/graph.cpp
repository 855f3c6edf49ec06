#include "runtime/llama_cpp/graph/graph.hpp"

#include <algorithm>

namespace vramcalc::llama_cpp::graph {

std::uint64_t row_stride(ElementType type, std::uint64_t elements) {
  const ElementLayout& layout = layout_of(type);
  return checked_multiply(elements, layout.block_bytes) / layout.block_elements;
}

Extent contiguous_strides(ElementType type, const Extent& ne) {
  const std::uint64_t row = row_stride(type, ne[0]);
  const std::uint64_t plane = checked_multiply(row, ne[1]);
  return {layout_of(type).block_bytes, row, plane, checked_multiply(plane, ne[2])};
}

bool laid_out_alike(const Node& a, const Node& b) { return a.type == b.type && a.ne == b.ne && a.nb == b.nb; }

bool is_contiguous(const Node& node) {
  const ElementLayout& layout = layout_of(node.type);
  std::uint64_t expected = layout.block_bytes;
  if (node.ne[0] != layout.block_elements && node.nb[0] != expected) return false;
  expected = row_stride(node.type, node.ne[0]);
  for (std::size_t d = 1; d < 4; ++d) {
    if (node.ne[d] != 1 && node.nb[d] != expected)
      return false;  // the stride of a single row does not matter
    expected = checked_multiply(expected, node.ne[d]);
  }
  return true;
}

std::uint64_t elements_of(const Node& node) {
  return checked_multiply(checked_multiply(node.ne[0], node.ne[1]), checked_multiply(node.ne[2], node.ne[3]));
}

std::uint64_t bytes_of(const Node& node) {
  if (node.ne[0] == 0 || node.ne[1] == 0 || node.ne[2] == 0 || node.ne[3] == 0) return 0;
  const ElementLayout& layout = layout_of(node.type);
  std::uint64_t bytes = layout.block_elements == 1
                            ? checked_add(layout.block_bytes, checked_multiply(node.ne[0] - 1, node.nb[0]))
                            : checked_multiply(node.ne[0], node.nb[0]) / layout.block_elements;
  for (std::size_t d = 1; d < 4; ++d)
    bytes = checked_add(bytes, checked_multiply(node.ne[d] - 1, node.nb[d]));
  return bytes;
}

NodeId Graph::add(const Node& node) {
  nodes_.push_back(node);
  return static_cast<NodeId>(nodes_.size() - 1);
}

NodeId Graph::input(ElementType type, const Extent& ne) {
  const NodeId id = compute(Op::none, type, ne, {});
  (*this)[id].input = true;
  return id;
}

NodeId Graph::stored(Storage storage, BackendId backend, ElementType type, const Extent& ne) {
  const NodeId id = compute(Op::none, type, ne, {});
  (*this)[id].storage = storage;
  (*this)[id].backend = backend;
  return id;
}

NodeId Graph::compute(Op op, ElementType type, const Extent& ne, std::initializer_list<NodeId> sources) {
  Node node;
  node.op = op;
  node.type = type;
  node.ne = ne;
  node.nb = contiguous_strides(type, ne);
  node.sources = sources;
  return add(node);
}

NodeId Graph::like(Op op, NodeId like, std::initializer_list<NodeId> further_sources) {
  const Node& first = (*this)[like];
  const NodeId id = compute(op, first.type, first.ne, {like});
  (*this)[id].sources.append(further_sources);
  return id;
}

NodeId Graph::view(NodeId of, const Extent& ne, const Extent& nb, std::uint64_t first_byte) {
  Node node;
  node.first_byte = checked_add((*this)[of].first_byte, first_byte);
  node.op = Op::view;
  node.type = (*this)[of].type;
  node.ne = ne;
  node.nb = nb;
  node.sources = {of};
  node.view_of = (*this)[of].is_view() ? (*this)[of].view_of : of;
  return add(node);
}

NodeId Graph::into(Op op, NodeId target, std::initializer_list<NodeId> sources) {
  const NodeId id = view(target, (*this)[target].ne, (*this)[target].nb);
  (*this)[id].op = op;
  (*this)[id].sources = sources;
  return id;
}

NodeId Graph::reshape(NodeId of, const Extent& ne) {
  const NodeId id = view(of, ne, contiguous_strides((*this)[of].type, ne));
  (*this)[id].op = Op::reshape;
  return id;
}

NodeId Graph::permute(NodeId of, const std::array<std::uint8_t, 4>& axes) {
  const Node from = (*this)[of];
  Extent ne{}, nb{};
  for (std::size_t d = 0; d < 4; ++d) {
    ne[axes[d]] = from.ne[d];
    nb[axes[d]] = from.nb[d];
  }
  const NodeId id = view(of, ne, nb);
  (*this)[id].op = Op::permute;
  return id;
}

NodeId Graph::transpose(NodeId of) {
  const NodeId id = permute(of, {1, 0, 2, 3});
  (*this)[id].op = Op::transpose;
  return id;
}

NodeId Graph::duplicate(NodeId of) {
  Node node;
  node.type = (*this)[of].type;
  node.ne = (*this)[of].ne;
  node.nb = (*this)[of].nb;
  return add(node);
}

NodeId Graph::dependency(NodeId of) {
  const NodeId id = view(of, (*this)[of].ne, (*this)[of].nb);
  (*this)[id].op = Op::none;
  return id;
}

void Graph::expand(NodeId root) {
  if ((*this)[root].visited) return;
  (*this)[root].visited = true;
  for (const NodeId source : (*this)[root].sources) {
    if (source != no_node) expand(source);
  }
  ((*this)[root].op == Op::none ? leaves_ : order_).push_back(root);
}

}  // namespace vramcalc::llama_cpp::graph
