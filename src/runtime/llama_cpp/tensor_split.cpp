#include "runtime/llama_cpp/tensor_split.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>
#include <optional>

#include "runtime/llama_cpp/device_bytes.hpp"
#include "runtime/llama_cpp/device_map.hpp"
#include "runtime/llama_cpp/weights.hpp"
#include "model/cache_rows.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::llama_cpp {
namespace {

// ---- which models

// Names of src/llama-arch.cpp, llm_arch_supports_sm_tensor.
constexpr std::array<std::string_view, 30> refused = {
    "grok",       "mpt",         "plamo2",         "minicpm3",      "gemma3n",    "mamba",
    "mamba2",     "jamba",       "falcon-h1",      "olmo2",         "olmoe",      "deepseek2",
    "deepseek32", "hy_v4",       "dots3note",      "glm-dsa",       "bitnet",     "t5",
    "nemotron_h", "mistral4",    "nemotron_h_moe", "granitehybrid", "minimax-01", "minimax-m2",
    "minimax-m3", "kimi-linear", "bailingmoe3",    "kimi-k3",       "qwen3tts",   "qwen4exp"};

// Queries with a gate of their own width, which is cut with them.
bool has_gated_queries(const Architecture& architecture) {
  constexpr std::array<std::string_view, 3> names = {"qwen3next", "qwen35", "qwen35moe"};
  return std::ranges::find(names, architecture.gguf_name) != names.end();
}

bool is_sliced_here(const Block& block) {
  return std::holds_alternative<GroupedQueryAttention>(block.attention) ||
         std::holds_alternative<GatedDeltaNet>(block.attention) ||
         std::holds_alternative<ShortConvolution>(block.attention);
}

void require_sliceable(const Architecture& architecture, const Placement& placement) {
  if (std::ranges::find(refused, architecture.gguf_name) != refused.end())
    throw Error(
        ErrorCode::bad_value,
        fmt::format("-sm tensor: llama.cpp 0.5.0 does not have it for the architecture {}; use -sm layer",
                    architecture.gguf_name));
  if (!std::ranges::all_of(architecture.blocks, is_sliced_here))
    throw Error(ErrorCode::unsupported,
                fmt::format("-sm tensor is not calculated for the architecture {}; use -sm layer",
                            architecture.gguf_name));
  if (placement.layers || !placement.overrides.empty())
    throw Error(ErrorCode::unsupported,
                "-sm tensor is calculated for a model that is on the GPUs as a whole; leave out -ngl, -ot, "
                "-cmoe and -ncmoe");
}

// ---- what a layer is

// Facts that the slices of one layer depend on.
struct Layer {
  const Block* block = nullptr;
  std::size_t rotation = 0;  // evens out what rounding gives to the first GPUs
  // The types of the tensors that decide in which steps the others are cut.
  std::optional<ElementType> output, state_output, down, experts_down;

  const GroupedQueryAttention* attention() const {
    return std::get_if<GroupedQueryAttention>(&block->attention);
  }
  const GatedDeltaNet* delta_net() const { return std::get_if<GatedDeltaNet>(&block->attention); }
  bool is_recurrent() const { return attention() == nullptr; }
  bool is_windowed() const { return attention() != nullptr && attention()->window.has_value(); }
  std::uint64_t dense_width() const {
    const auto* dense = std::get_if<DenseFeedForward>(&block->feed_forward);
    if (dense != nullptr) return dense->width;
    const auto* experts = std::get_if<MixtureOfExperts>(&block->feed_forward);
    return experts != nullptr && experts->dense ? experts->dense->width : 0;
  }
  std::uint64_t expert_width() const {
    const auto* experts = std::get_if<MixtureOfExperts>(&block->feed_forward);
    return experts != nullptr ? experts->width : 0;
  }
};

using Layers = std::vector<Layer>;

void take_type(Layer& layer, Role role, ElementType type) {
  if (role == Role::o) layer.output = type;
  if (role == Role::ssm_out) layer.state_output = type;
  if (role == Role::down) layer.down = type;
  if (role == Role::expert_down) layer.experts_down = type;
}

// Layers of one kind take turns with who gets the larger slice.
void set_rotations(Layers& layers, std::size_t gpus) {
  for (std::size_t i = 0; i < layers.size(); ++i)
    layers[i].rotation = static_cast<std::size_t>(
                             std::count_if(layers.begin(), layers.begin() + static_cast<std::ptrdiff_t>(i),
                                           [&](const Layer& before) {
                                             return before.is_recurrent() == layers[i].is_recurrent() &&
                                                    before.is_windowed() == layers[i].is_windowed();
                                           })) %
                         gpus;
}

Layers layers_of(const Architecture& architecture, std::span<const Tensor> tensors,
                 std::span<const ElementType> types, std::size_t gpus) {
  Layers layers;
  for (const Block& block : architecture.blocks) layers.push_back({&block, 0, {}, {}, {}, {}});
  for (std::size_t i = 0; i < tensors.size(); ++i)
    if (tensors[i].layer >= 0 && tensors[i].kind.component == Component::weight)
      take_type(layers.at(static_cast<std::size_t>(tensors[i].layer)), tensors[i].kind.role, types[i]);
  set_rotations(layers, gpus);
  return layers;
}

// ---- how a dimension is cut

// A part of the dimension, which may follow itself several times, and the step that cuts are rounded to.
struct Segment {
  std::uint64_t elements = 0;
  std::uint64_t step = 1;
  std::uint64_t repeats = 1;
};

// Nothing is cut if there are no segments: every GPU has the whole.
struct Cut {
  std::size_t dimension = 0;
  std::vector<Segment> segments = {};
  std::size_t rotation = 0;
};

using Lengths = std::vector<std::uint64_t>;  // of each GPU

// As llama.cpp rounds, in single precision if there are shares.
Lengths lengths(const Cut& cut, const std::vector<float>& shares, std::size_t gpus) {
  std::vector<float> sums;
  for (std::size_t i = 0; i < gpus; ++i)
    sums.push_back((shares.empty() ? 0 : shares[(i + cut.rotation) % gpus]) + (i > 0 ? sums.back() : 0));
  Lengths result(gpus);
  for (const Segment& segment : cut.segments) {
    std::uint64_t low = 0;
    for (std::size_t i = 0; i < gpus; ++i) {
      std::uint64_t high = segment.elements;
      if (i + 1 < gpus) {
        high = sums.back() == 0
                   ? segment.elements * (i + 1) / gpus
                   : static_cast<std::uint64_t>(static_cast<float>(segment.elements) * sums[i] / sums.back());
        high -= high % segment.step;
      }
      result[(i + cut.rotation) % gpus] += (high - low) * segment.repeats;
      low = high;
    }
  }
  return result;
}

// ---- which dimension of which tensor

std::uint64_t block_of(std::optional<ElementType> type) { return type ? layout_of(*type).block_elements : 1; }

// Steps of attention that is not recurrent: whole groups of query heads, and whole blocks.
struct AttentionSteps {
  std::uint64_t queries = 1, gated_queries = 1, keys = 1, heads = 1;
};

AttentionSteps attention_steps(const Layer& layer, std::size_t gpus) {
  const GroupedQueryAttention& attention = *layer.attention();
  const std::uint64_t group = attention.heads / attention.kv_heads;
  const std::uint64_t of_group = group * attention.key_length;
  std::uint64_t block = block_of(layer.output);
  while (block < 128 && block * gpus < of_group) block *= 2;
  const std::uint64_t queries = std::lcm(of_group, block);
  return {queries, std::lcm(2 * of_group, block), queries / group, queries / attention.key_length};
}

std::uint64_t delta_step(const Layer& layer) {
  return std::lcm(std::lcm(block_of(layer.state_output), std::uint64_t{128}),
                  std::uint64_t{layer.delta_net()->key_head_dim});
}

std::uint64_t feed_forward_step(const Layer& layer) {
  return std::lcm(block_of(layer.down ? layer.down : layer.experts_down), std::uint64_t{128});
}

// Qwen3.5 groups its value heads by key heads; Qwen3-Next keeps them in a row.
struct DeltaSegments {
  const GatedDeltaNet& delta;
  std::uint64_t step = 1;

  std::uint64_t keys() const { return std::uint64_t{delta.key_heads} * delta.key_head_dim; }
  std::uint64_t values() const { return std::uint64_t{delta.value_heads} * delta.value_head_dim; }
  std::uint64_t ratio() const { return delta.value_heads / delta.key_heads; }
  bool by_keys() const { return !delta.fused_beta_alpha; }

  // Keys, queries and values together, `per_channel` elements each.
  std::vector<Segment> channels(std::uint64_t per_channel) const {
    const std::uint64_t steps = step * per_channel;
    if (by_keys())
      return {
          {keys() * per_channel, steps, 2 + ratio()}
      };
    return {
        {keys() * per_channel,   steps, 2},
        {values() * per_channel, steps, 1}
    };
  }
  // What there is `per_value` times for each value.
  std::vector<Segment> of_values(std::uint64_t per_value) const {
    if (by_keys())
      return {
          {keys() * per_value, step * per_value, ratio()}
      };
    return {
        {values() * per_value, step * per_value, 1}
    };
  }
  // One value, or several, for each value head.
  std::vector<Segment> of_heads(std::uint64_t per_head) const {
    const std::uint64_t steps = step / delta.key_head_dim * per_head;
    if (by_keys())
      return {
          {delta.key_heads * per_head, steps, ratio()}
      };
    return {
        {delta.value_heads * per_head, steps, 1}
    };
  }
};

class Cutting {
 public:
  Cutting(const Architecture& architecture, const Layers& layers, std::size_t gpus)
      : layers_(layers), gpus_(gpus), gated_queries_(has_gated_queries(architecture)) {
    outside_ = static_cast<std::size_t>(std::ranges::count_if(
                   architecture.blocks, [](const Block& block) { return !block.mtp; })) %
               gpus;
  }

  Cut of(const Tensor& tensor) const {
    if (tensor.layer < 0) return of_output(tensor);
    const Layer& layer = layers_.at(static_cast<std::size_t>(tensor.layer));
    const std::size_t dimension = tensor.kind.component == Component::weight ? 1 : 0;
    Cut cut{dimension, {}, layer.rotation};
    if (layer.delta_net() != nullptr) cut_delta(cut, tensor, layer);
    if (layer.attention() != nullptr) cut_attention(cut, tensor, layer);
    cut_feed_forward(cut, tensor, layer);
    return cut;
  }

  Cut of(const CacheTensor& cache) const {
    const Layer& layer = layers_.at(cache.layer);
    return {0, {{cache.row, attention_steps(layer, gpus_).keys, 1}}, layer.rotation};
  }

  // The inputs that a convolution still needs, and the state itself.
  Cut of_convolution(std::size_t layer) const {
    return {0, delta(layers_[layer]).channels(layers_[layer].delta_net()->conv_kernel - 1),
            layers_[layer].rotation};
  }
  Cut of_recurrence(std::size_t layer) const {
    return {0, delta(layers_[layer]).of_values(layers_[layer].delta_net()->value_head_dim),
            layers_[layer].rotation};
  }

 private:
  Cut of_output(const Tensor& tensor) const {
    if (tensor.kind.role != Role::output) return {};
    const std::size_t dimension = tensor.kind.component == Component::weight ? 1 : 0;
    return {dimension, {{tensor.shape[dimension], 1, 1}}, outside_};
  }

  static DeltaSegments delta(const Layer& layer) { return {*layer.delta_net(), delta_step(layer)}; }

  static void cut_delta(Cut& cut, const Tensor& tensor, const Layer& layer) {
    const DeltaSegments segments = delta(layer);
    switch (tensor.kind.role) {
      case Role::qkv:
      case Role::ssm_conv1d: cut.segments = segments.channels(1); break;
      case Role::attn_gate: cut.segments = segments.of_values(1); break;
      case Role::ssm_out: cut = {0, segments.of_values(1), cut.rotation}; break;
      case Role::ssm_dt:
      case Role::ssm_a:
      case Role::ssm_alpha:
      case Role::ssm_beta: cut.segments = segments.of_heads(1); break;
      case Role::ssm_ba: cut.segments = segments.of_heads(2); break;
      default: break;
    }
  }

  void cut_attention(Cut& cut, const Tensor& tensor, const Layer& layer) const {
    const AttentionSteps steps = attention_steps(layer, gpus_);
    const std::uint64_t query_step = gated_queries_ ? steps.gated_queries : steps.queries;
    const std::uint64_t length = tensor.shape[cut.dimension];
    switch (tensor.kind.role) {
      case Role::q:
        cut.segments = {
            {length, query_step, 1}
        };
        break;
      case Role::k:
      case Role::v:
        cut.segments = {
            {length, steps.keys, 1}
        };
        break;
      case Role::qkv: cut.segments = fused(layer, length, query_step, steps.keys); break;
      case Role::q_norm:
      case Role::k_norm:
        if (tensor.shape.rank() > 1 && tensor.shape[1] > 1)
          cut.segments = {
              {tensor.shape[1], 1, 1}
          };
        break;
      case Role::attn_sinks: cut = {0, {{tensor.shape.row(), steps.heads, 1}}, cut.rotation}; break;
      case Role::attn_gate:
        cut.segments = {
            {length, length == layer.attention()->heads ? steps.heads : steps.queries, 1}
        };
        break;
      case Role::o:
        if (tensor.kind.component == Component::weight)
          cut = {0, {{tensor.shape.row(), steps.queries, 1}}, cut.rotation};
        break;
      default: break;
    }
  }

  static std::vector<Segment> fused(const Layer& layer, std::uint64_t length, std::uint64_t query_step,
                                    std::uint64_t key_step) {
    const GroupedQueryAttention& attention = *layer.attention();
    const std::uint64_t values = std::uint64_t{attention.kv_heads} * attention.value_length;
    return {
        {length - 2 * values, query_step, 1},
        {values,              key_step,   2}
    };
  }

  static void cut_feed_forward(Cut& cut, const Tensor& tensor, const Layer& layer) {
    const std::uint64_t step = feed_forward_step(layer), length = tensor.shape[cut.dimension];
    const bool is_weight = tensor.kind.component == Component::weight;
    switch (tensor.kind.role) {
      case Role::up:
      case Role::expert_up:
        cut.segments = length == 2 * layer.dense_width() ? std::vector<Segment>{{length / 2, step, 2}}
                                                         : std::vector<Segment>{{length, step, 1}};
        break;
      case Role::gate:
      case Role::expert_gate:
        cut.segments = {
            {length, step, 1}
        };
        break;
      case Role::expert_gate_up:
        cut.segments = {
            {layer.expert_width(), step, 2}
        };
        break;
      case Role::down:
      case Role::expert_down:
        if (is_weight) cut = {0, {{tensor.shape.row(), step, 1}}, cut.rotation};
        break;
      default: break;
    }
  }

  const Layers& layers_;
  std::size_t gpus_;
  bool gated_queries_;  // Q carries a gate of its own width
  std::size_t outside_ = 0;
};

// ---- what each GPU holds

Shape with_length(const Shape& shape, std::size_t dimension, std::uint64_t length) {
  std::array<std::uint64_t, 4> sizes = {shape[0], shape[1], shape[2], shape[3]};
  sizes[dimension] = length;
  return {sizes[0], sizes[1], sizes[2], sizes[3]};
}

class Slicing {
 public:
  Slicing(const Cutting& cutting, const Placement& placement)
      : cutting_(cutting), slices_(placement.free.size()) {
    for (const double share : placement.split) shares_.push_back(static_cast<float>(share));
    if (!shares_.empty()) shares_.resize(slices_.size(), 0);
  }

  void add_whole(ElementType type, const Shape& shape) {
    for (Slice& slice : slices_) slice.weights += device_bytes(type, shape);
  }

  void add(const Tensor& tensor, ElementType type) {
    const Cut cut = cutting_.of(tensor);
    if (cut.segments.empty()) return add_whole(type, tensor.shape);
    const Lengths length = lengths(cut, shares_, slices_.size());
    // The last row is padded even if there is none.
    for (std::size_t gpu = 0; gpu < slices_.size(); ++gpu)
      slices_[gpu].weights += device_bytes(type, with_length(tensor.shape, cut.dimension, length[gpu]));
  }

  void add(const CacheTensor& tensor) {
    const Lengths length = lengths(cutting_.of(tensor), shares_, slices_.size());
    for (std::size_t gpu = 0; gpu < slices_.size(); ++gpu) {
      if (length[gpu] == 0) continue;
      slices_[gpu].cache.push_back(tensor);
      slices_[gpu].cache.back().row = length[gpu];
    }
  }

  void add_state(const Cut& cut, std::uint64_t rows) {
    const Lengths length = lengths(cut, shares_, slices_.size());
    for (std::size_t gpu = 0; gpu < slices_.size(); ++gpu)
      if (length[gpu] > 0) slices_[gpu].state += device_bytes(ElementType::f32, Shape{length[gpu], rows});
  }

  void add_whole_state(std::uint64_t elements, std::uint64_t rows) {
    for (Slice& slice : slices_) slice.state += device_bytes(ElementType::f32, Shape{elements, rows});
  }

  std::vector<Slice> take() { return std::move(slices_); }

 private:
  const Cutting& cutting_;
  std::vector<float> shares_;
  std::vector<Slice> slices_;
};

void add_states(Slicing& slicing, const Cutting& cutting, const Architecture& architecture,
                const Layers& layers, std::uint64_t rows) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (layers[i].block->mtp) continue;
    const SequenceState state = sequence_state(layers[i].block->attention, architecture.hidden_size);
    if (layers[i].delta_net() != nullptr) {
      slicing.add_state(cutting.of_convolution(i), rows);
      slicing.add_state(cutting.of_recurrence(i), rows);
    } else if (!state.empty()) {
      slicing.add_whole_state(state.convolution(), rows);
    }
  }
}

}  // namespace

std::vector<Slice> tensor_slices(const Architecture& architecture, std::span<const Tensor> tensors,
                                 std::span<const ElementType> types, std::span<const CacheTensor> cache,
                                 const ResolvedContext& resolved, const Placement& placement) {
  require_sliceable(architecture, placement);
  const std::size_t gpus = placement.free.size();
  const Layers layers = layers_of(architecture, tensors, types, gpus);
  const Cutting cutting(architecture, layers, gpus);
  Slicing slicing(cutting, placement);
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (!tensors[i].loaded) continue;
    if (is_output_copy(architecture, tensors[i])) slicing.add_whole(types[i], tensors[i].shape);
    if (!is_input_tensor(tensors[i])) slicing.add(tensors[i], types[i]);
  }
  for (const CacheTensor& tensor : cache) slicing.add(tensor);
  add_states(slicing, cutting, architecture, layers,
             std::uint64_t{resolved.sequences} * resolved.states_per_sequence);
  return slicing.take();
}

Bytes reduction_buffers(const Architecture& architecture, std::uint32_t ubatch, std::size_t gpus) {
  if (gpus < 2) return {};
  const std::uint64_t steps = std::bit_width(gpus - 1);
  return Bytes(32 * MiB) + Bytes(checked_multiply(4 * steps * ubatch, architecture.hidden_size));
}

}  // namespace vramcalc::llama_cpp
