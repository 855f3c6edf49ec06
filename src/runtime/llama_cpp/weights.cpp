#include "runtime/llama_cpp/weights.hpp"

#include <algorithm>

#include "runtime/llama_cpp/device_bytes.hpp"

namespace vramcalc::llama_cpp {

bool is_output_copy(const Architecture& architecture, const Tensor& tensor) {
  return architecture.has_output && !architecture.writes_output() && tensor.kind == Role::embedding &&
         tensor.layer < 0;
}

namespace {

bool is_rope_table(const Tensor& tensor) {
  const Role role = tensor.kind.role;
  return role == Role::rope_freqs || role == Role::rope_factors_long || role == Role::rope_factors_short;
}

bool is_windowed(const Block& block) {
  const auto* attention = std::get_if<GroupedQueryAttention>(&block.attention);
  return attention != nullptr && attention->window.has_value();
}

// Weights on the devices and, last, on the host.
class BytesByDevice {
 public:
  explicit BytesByDevice(std::int8_t devices) : bytes_(static_cast<std::size_t>(devices) + 1) {}
  void add(std::int8_t device, ElementType type, const Shape& shape) {
    const bool host = device == DeviceMap::host;
    (host ? bytes_.back() : bytes_[static_cast<std::size_t>(device)]) +=
        host ? host_bytes(type, shape) : device_bytes(type, shape);
  }
  std::vector<Bytes> take() { return std::move(bytes_); }

 private:
  std::vector<Bytes> bytes_;
};

// Every layer uses the copy of the table on its own device (src/models/*.cpp: TENSOR_DUPLICATED).
std::vector<std::int8_t> devices_with_rope_table(const Architecture& architecture, const DeviceMap& map,
                                                 bool load_mtp) {
  std::vector<std::int8_t> devices;
  for (std::size_t i = 0; i < architecture.blocks.size(); ++i) {
    const Block& block = architecture.blocks[i];
    if ((block.mtp && !load_mtp) || (architecture.graph.plain_rope_in_windows && is_windowed(block)))
      continue;
    if (std::find(devices.begin(), devices.end(), map.of_layer(i)) == devices.end())
      devices.push_back(map.of_layer(i));
  }
  return devices;
}

// A tied output needs a copy of the embedding on its own device, unless there is one. An override goes by the
// name, which both share, so it moves both.
bool needs_output_copy(const Architecture& architecture, const Locations& where, std::size_t tensor) {
  const bool elsewhere = !where.overridden[tensor] && where.map.output != where.tensors[tensor];
  return elsewhere || architecture.output_before_embedding;
}

// What estimates of speed tell apart.
void add_by_reading(WeightBytes& bytes, const Tensor& tensor, ElementType type, Bytes on_gpu) {
  constexpr double low_bits = 3.5;
  const ElementLayout& layout = layout_of(type);
  const double bits = 8.0 * layout.block_bytes / layout.block_elements;
  if (is_routed_expert(tensor.kind.role) && tensor.kind.component == Component::weight) {
    bytes.experts += on_gpu;
    if (bits == 16) bytes.half_experts += on_gpu;
  } else if (bits < low_bits) {
    bytes.low_bit += on_gpu;
  }
}

// Adds up the tensors by device.
void add_up(WeightBytes& bytes, const Architecture& architecture, std::span<const Tensor> tensors,
            std::span<const ElementType> types, bool load_mtp) {
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const Tensor& tensor = tensors[i];
    if (!tensor.loaded && !load_mtp) continue;
    const bool input = is_input_tensor(tensor);
    if (input) bytes.host += host_bytes(types[i], tensor.shape);
    if (input && !is_output_copy(architecture, tensor)) continue;
    const Bytes on_gpu = device_bytes(types[i], tensor.shape);
    bytes.gpu += on_gpu;
    add_by_reading(bytes, tensor, types[i], on_gpu);
  }
}

}  // namespace

WeightBytes weight_bytes(const Architecture& architecture, const Weights& weights, bool load_mtp) {
  WeightBytes bytes{weights.tensor_bytes,      weights.file_bytes, Bytes(0), Bytes(0),
                    weights.bits_per_weight(), weights.imatrix};
  add_up(bytes, architecture, weights.tensors, weights.types, load_mtp);
  return bytes;
}

std::vector<Bytes> placed_weights(const Architecture& architecture, std::span<const Tensor> tensors,
                                  std::span<const ElementType> types, const Locations& where, bool load_mtp) {
  BytesByDevice bytes(where.map.devices);
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const Tensor& tensor = tensors[i];
    if (!tensor.loaded && !load_mtp) continue;
    if (is_rope_table(tensor)) {
      for (const std::int8_t device : devices_with_rope_table(architecture, where.map, load_mtp))
        bytes.add(device, types[i], tensor.shape);
      continue;
    }
    bytes.add(where.tensors[i], types[i], tensor.shape);
    if (is_output_copy(architecture, tensor) && needs_output_copy(architecture, where, i))
      bytes.add(where.map.output, types[i], tensor.shape);
  }
  return bytes.take();
}

std::vector<Bytes> weights_of_layers(const Architecture& architecture, std::span<const Tensor> tensors,
                                     std::span<const ElementType> types, const Locations& where,
                                     bool load_mtp) {
  const std::size_t output = shape_facts(architecture).block_count;
  std::vector<Bytes> bytes(architecture.blocks.size() + 1);
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const Tensor& tensor = tensors[i];
    if (!tensor.loaded && !load_mtp) continue;
    const Bytes here = device_bytes(types[i], tensor.shape);
    if (is_output_copy(architecture, tensor) && needs_output_copy(architecture, where, i))
      bytes[output] += here;
    if (is_input_tensor(tensor)) continue;
    const std::size_t layer =
        tensor.layer < 0 ? output : std::min(static_cast<std::size_t>(tensor.layer), bytes.size() - 1);
    if (where.tensors[i] == (tensor.layer < 0 ? where.map.output : where.map.of_layer(layer)))
      bytes[layer] += here;
  }
  return bytes;
}

namespace {

// Bytes that a block has more (llama.cpp 0.5.0, ggml/src/ggml-cpu/amx/mmq.cpp, get_row_size): sums of Q8_0,
// and scales of Q4_K, Q5_K and IQ4_XS that are no longer packed into six bits.
std::uint64_t more_per_block(ElementType type) {
  switch (type) {
    case ElementType::q8_0:
    case ElementType::q4_K:
    case ElementType::q5_K: return 4;
    case ElementType::iq4_xs: return 2;
    default: return 0;
  }
}

}  // namespace

Bytes second_copy_of_output(const Architecture& architecture, const Weights& weights) {
  Bytes copies;
  if (!architecture.output_before_embedding) return copies;
  for (std::size_t i = 0; i < weights.tensors.size(); ++i)
    if (is_output_copy(architecture, weights.tensors[i]))
      copies += host_bytes(weights.types[i], weights.tensors[i].shape);
  return copies;
}

Bytes amx_packing(const Weights& weights, bool load_mtp) {
  Bytes more;
  for (std::size_t i = 0; i < weights.tensors.size(); ++i) {
    const Tensor& tensor = weights.tensors[i];
    if (tensor.shape.rank() != 2 || (!tensor.loaded && !load_mtp)) continue;
    const std::uint64_t blocks = tensor.shape.elements() / layout_of(weights.types[i]).block_elements;
    more += Bytes(more_per_block(weights.types[i])) * blocks;
  }
  return more;
}

}  // namespace vramcalc::llama_cpp
