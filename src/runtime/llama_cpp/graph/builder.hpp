#pragma once

#include <string_view>
#include <variant>

#include "runtime/llama_cpp/compute_buffer.hpp"
#include "runtime/llama_cpp/device_map.hpp"
#include "runtime/llama_cpp/graph/operations.hpp"
#include "runtime/llama_cpp/graph/repetition.hpp"
#include "runtime/llama_cpp/graph/scheduler.hpp"

// From blocks to a graph, with one file per kind of block. Operations and their order are those of
// src/llama-graph.cpp and src/models/ of llama.cpp 0.5.0.
namespace vramcalc::llama_cpp::graph {

struct Heads {
  NodeId q = no_node, k = no_node, v = no_node;
};

// Host tensors of one KV cache: the cells of the tokens, the mask, and the rotations of a quantized cache.
struct CacheInputs {
  std::uint64_t cells = 0;
  NodeId key_rows = no_node;
  NodeId value_rows = no_node;
  NodeId mask = no_node;
  NodeId key_rotation = no_node;
  NodeId value_rotation = no_node;
};

// Host tensors of block-sparse attention.
struct SparseInputs {
  NodeId key_rows = no_node;
  NodeId bias = no_node;  // per block and token
  NodeId position_mask = no_node;
  NodeId slots = no_node;  // cell of each position
  NodeId blocks_of_cells = no_node;
  NodeId mask = no_node;  // the cache's, as f32
};

// Host tensors of lightning attention: the decay between tokens.
struct DecayInputs {
  NodeId slopes = no_node;
  NodeId query = no_node;
  NodeId key = no_node;
  NodeId diagonal = no_node;
};

// Host tensors of one kind of compressed rows.
struct CompressionInputs {
  NodeId positions = no_node;  // of the tokens in their blocks
  NodeId kept_from = no_node;  // tokens of unfinished blocks and their places
  NodeId kept_to = no_node;
  NodeId read = no_node;  // the contents of each block
  NodeId written_rows = no_node;
  NodeId written_positions = no_node;
  NodeId mask = no_node;
  NodeId rotation = no_node;
};

struct CompressedInputs {
  CacheInputs raw;
  CompressionInputs by_4;
  CompressionInputs by_128;
  CompressionInputs indexed;
};

using Names = std::initializer_list<TensorKind>;

struct Builder {
  Builder(const Architecture& architecture, const GraphSettings& settings, const DeviceMap& devices);

  const Architecture& a;
  const GraphSettings s;
  const DeviceMap& where;
  Backends backends;
  Graph g;
  std::uint64_t tokens;  // of the micro-batch, a multiple of the sequences
  std::uint64_t outputs;

  bool windowed = false;  // a second cache for sliding windows
  NodeId token_ids = no_node;
  NodeId positions = no_node;
  NodeId out_ids = no_node;
  NodeId temperature = no_node;  // of the attention, one value per token
  CacheInputs full;
  CacheInputs window;
  SparseInputs sparse;
  DecayInputs decay;
  CompressedInputs compressed;
  CacheInputs index;              // of the sparse attention's indexer
  NodeId chosen_cells = no_node;  // by the last indexer
  NodeId state_rows =
      no_node;  // recurrent states: the row of each sequence, and of the sequences not in the batch
  NodeId other_state_rows = no_node;
  NodeId stacked_embedding =
      no_node;  // of the tokens, with the towers' additions to the first layers (Qwen3-VL)
  NodeId residual_stack = no_node;    // checkpoints of the residual stream (Kimi K3)
  NodeId per_layer_inputs = no_node;  // width × tokens × layers
  std::vector<Heads> caches;          // of every layer so far
  std::vector<Step> attended;         // operations of flash attention and the backends of their layers
  std::size_t layer = 0;              // the one being built
  std::vector<std::size_t> marks;     // length of the graph's order before each layer
  BackendId layer_backend = 0;        // of the block being built
  bool in_layer = false;              // false before and after the layers

  // A matrix, or one for each of `ne2` experts or heads. Its role determines its device and type.
  NodeId weight(Role role, std::uint64_t ne0, std::uint64_t ne1 = 1, std::uint64_t ne2 = 1);
  // Vectors, which are never quantized. An architecture has one of the names.
  NodeId vectors(Names names, std::uint64_t ne0, std::uint64_t ne1);
  NodeId vector(std::uint64_t ne0, Names names) { return vectors(names, ne0, 1); }
  // A table that is looked up row by row: on the host unless it was moved.
  NodeId input_weight(Role role, ElementType type, std::uint64_t ne0, std::uint64_t ne1);
  NodeId cache(ElementType type, const Extent& ne) {
    return g.stored(Storage::cache, s.cache_on_device ? layer_backend : backends.cpu(), type, ne);
  }
  std::uint64_t states() const { return s.states == 0 ? s.sequences : s.states; }
  // Times a weight of `rows` rows.
  NodeId project(Role role, NodeId x, std::uint64_t rows, bool bias = false);

  // Releases without late rows drop them in the last block of every architecture.
  GraphTraits::RowSelection row_selection() const {
    return s.late_rows ? a.graph.row_selection : GraphTraits::RowSelection::in_last_block;
  }

  BackendId backend_of(std::int8_t device) const {
    return device == DeviceMap::host ? backends.cpu() : static_cast<BackendId>(device);
  }
  const MovedWeight* moved_weight(TensorKind kind) const;
  // The file's rope frequencies, if any: one tensor for all layers of a device.
  NodeId rope_factors(bool in_window = false);
  std::vector<NodeId> rope_tables;  // by backend

  void enter_input();
  void enter_layer(std::size_t number);
  void enter_output();
  void pin(NodeId node, BackendId backend) {
    if (!where.dry_run) g[node].pinned = backend;
  }
  bool keeps_norms_in_place() const {
    return where.devices > 0 && (where.everything_on_devices() || tokens < 32);
  }
};

// inputs.cpp
struct CachedHeads {
  std::uint64_t count = 0;  // key-value heads
  std::uint64_t key = 0;
  std::uint64_t value = 0;
};
// The settings with flash attention as llama.cpp actually uses it for this architecture.
GraphSettings resolved(const Architecture& a, GraphSettings settings);
void make_inputs(Builder& b);
NodeId input_embedding(Builder& b);
NodeId with_stacked_embedding(Builder& b, NodeId x);
// Width of the blocks by which heads are rotated: the largest power of two, at least 64, that divides them.
std::uint64_t rotation_width(std::uint64_t head);
CompressedInputs compressed_inputs(Builder& b, const CompressedAttention& part, const Indexer& indexer);
std::uint64_t widest_cached_value(const Architecture& a);
std::uint64_t sparse_positions(const BlockSparseAttention& part);
bool has_window(const Block& block);
std::size_t trunk_layers(const Architecture& a);

// norms.cpp
NodeId norm(Builder& b, NodeId x, NormKind kind, Names names);
NodeId norm(Builder& b, NodeId x, Names names);  // of the architecture's kind
NodeId norm(Builder& b, NodeId x, NormKind kind, NodeId weight, Names names);

// cache.cpp, attend.cpp
void write_keys(Builder& b, NodeId k, NodeId cache, NodeId rows);
NodeId cached_keys(Builder& b, NodeId cache, std::uint64_t head, std::uint64_t heads);
void rotate_heads(Builder& b, Heads& h, const CacheInputs& in);
Heads through_cache(Builder& b, const CachedHeads& heads, const Heads& h, const CacheInputs& in);
Heads make_cache(Builder& b, const CachedHeads& heads, const CacheInputs& in);
Heads read_cache(Builder& b, const CachedHeads& heads, const Heads& cache);
NodeId attend(Builder& b, const Heads& heads, NodeId mask, NodeId sinks, NodeId value_decompression = no_node,
              std::uint64_t most_cells = 0);
NodeId attend_through_cache(Builder& b, const CachedHeads& heads, Heads h, const CacheInputs& in,
                            NodeId sinks = no_node);
NodeId attend_without_cache(Builder& b, const Heads& h, const CacheInputs& in, NodeId sinks);

// One file per kind of attention.
NodeId attention(Builder& b, const GroupedQueryAttention& part, NodeId x);
NodeId attention(Builder& b, const LatentAttention& part, NodeId x);
NodeId attention(Builder& b, const Mamba1& part, NodeId x);
NodeId attention(Builder& b, const Mamba2& part, NodeId x);
NodeId attention(Builder& b, const ShortConvolution& part, NodeId x);
NodeId attention(Builder& b, const GatedDeltaNet& part, NodeId x);
NodeId attention(Builder& b, const KimiDeltaAttention& part, NodeId x);
NodeId attention(Builder& b, const BlockSparseAttention& part, NodeId x);
NodeId attention(Builder& b, const LightningAttention& part, NodeId x);
NodeId attention(Builder& b, const CompressedAttention& part, NodeId x);
Heads projected_heads(Builder& b, const GroupedQueryAttention& part, NodeId x);
// Everything masked, then the chosen cells opened again, then the mask itself on top.
NodeId mask_of_choice(Builder& b, NodeId mask, NodeId choice, ElementType type);
bool uses_block_sparse_attention(const GraphSettings& s);

// per_layer_input.cpp, alternating_updates.cpp
void make_per_layer_inputs(Builder& b, NodeId x);
NodeId input_of_layer(Builder& b);
NodeId with_layer_input(Builder& b, NodeId x);
NodeId spread_streams(Builder& b, NodeId x);
NodeId gather_streams(Builder& b, NodeId all);  // and drops the rows without logits
NodeId alternating_block(Builder& b, const Block& block, NodeId all);

// prediction.cpp
void predict(Builder& b, std::size_t layer);
// The likeliest tokens of as many rows of each sequence.
void sample(Builder& b, NodeId logits, std::uint64_t rows = 1);

// draft_head.cpp
void draft(Builder& b, const DraftHead& head);

// feed_forward.cpp, mixture_of_experts.cpp
struct FeedForwardRoles {
  Role up = Role::up, gate = Role::gate, down = Role::down;
};
NodeId feed_forward(Builder& b, const DenseFeedForward& part, NodeId x, const FeedForwardRoles& roles = {});
NodeId situ(Builder& b, NodeId gate, NodeId up);
// `router_input` chooses the experts; by default it is their input.
NodeId experts(Builder& b, const MixtureOfExperts& part, NodeId x, NodeId router_input = no_node);

// hyper_connections.cpp
NodeId spread_residual(Builder& b, NodeId x);
NodeId hyper_connected_block(Builder& b, const Block& block, NodeId x);
NodeId gather_residual(Builder& b, NodeId x);  // and drops the rows without logits

// residual_scores.cpp
NodeId residual_score_block(Builder& b, const Block& block, NodeId x);
NodeId mix_residuals(Builder& b, NodeId x);

// blocks.cpp, output.cpp
[[noreturn]] void fail_unknown_layer(const Builder& b);

// The part that a wiring needs; Error (unsupported) if the layer has a different one or none.
template <class Part, class Variant>
const Part& required_part(const Builder& b, const Variant& part) {
  const Part* found = std::get_if<Part>(&part);
  if (found == nullptr) fail_unknown_layer(b);
  return *found;
}

NodeId attention_part(Builder& b, const Block& block, NodeId x);
NodeId feed_forward_part(Builder& b, const Block& block, NodeId x);
void build(Builder& b, const LayerPlan& plan);
// Only the attention of every kind of layer, which decides whether flash attention is used.
void build_attention(Builder& b);
void build(Builder& b);
void output(Builder& b, NodeId x);

}  // namespace vramcalc::llama_cpp::graph
