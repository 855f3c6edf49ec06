#include "runtime/llama_cpp/device_map.hpp"

#include <algorithm>

namespace vramcalc::llama_cpp {
namespace {

// at a border.
std::vector<float> borders(const Offloading& offloading) {
  const auto devices = static_cast<std::size_t>(offloading.devices);
  std::vector<float> result;
  float sum = 0;
  for (std::size_t d = 0; d < devices; ++d) {
    sum += d < offloading.tensor_split.size() ? static_cast<float>(offloading.tensor_split[d])
                                              : (offloading.tensor_split.empty() ? 1.0F : 0.0F);
    result.push_back(sum);
  }
  for (float& border : result) border /= sum;
  return result;
}

// Of the blocks and, as the last one, of the output.
std::vector<std::int8_t> devices_of_layers(std::size_t blocks, const Offloading& offloading) {
  const auto share = borders(offloading);
  const std::size_t all = blocks + 1;
  const std::size_t on_devices = std::min<std::size_t>(offloading.layers.value_or(UINT32_MAX), all);
  std::vector<std::int8_t> result(all, DeviceMap::host);
  for (std::size_t i = 0; i < on_devices && offloading.devices > 0; ++i) {
    const float position = static_cast<float>(i) / static_cast<float>(on_devices);
    const auto border = std::upper_bound(share.begin(), share.end(), position);
    result[all - on_devices + i] = static_cast<std::int8_t>(border - share.begin());
  }
  return result;
}

std::string_view without_layer(const Tensor& tensor) {
  const std::string_view name = tensor.name;
  return tensor.layer < 0 ? name : name.substr(name.find('.', std::string_view("blk.").size()) + 1);
}

bool starts_with_any(std::string_view name, std::initializer_list<std::string_view> beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](std::string_view beginning) { return name.starts_with(beginning); });
}

// The patterns of common/common.h (LLM_FFN_EXPS_REGEX) and common/fit.cpp.
bool belongs_to(HostPart part, std::string_view name) {
  switch (part) {
    case HostPart::none: return false;
    case HostPart::experts:
      return starts_with_any(
          name, {"ffn_up_exps", "ffn_down_exps", "ffn_gate_exps", "ffn_gate_up_exps", "ffn_up_chexps",
                 "ffn_down_chexps", "ffn_gate_chexps", "ffn_gate_up_chexps"});
    case HostPart::feed_forward: return starts_with_any(name, {"ffn_gate", "ffn_up", "ffn_down"});
    case HostPart::feed_forward_but_up: return starts_with_any(name, {"ffn_gate", "ffn_down"});
    case HostPart::feed_forward_down: return starts_with_any(name, {"ffn_down"});
  }
  return false;
}

bool is_moved(const Offloading& offloading, std::int32_t layer, std::string_view name) {
  const auto index = static_cast<std::size_t>(layer);
  return layer >= 0 && index < offloading.host_parts.size() && belongs_to(offloading.host_parts[index], name);
}

// Tensors of no layer that lie where the first layer does; the others lie where the output does
// (src/llama-arch.cpp, LLM_TENSOR_INFOS).
bool lies_with_first_layer(std::string_view name) {
  return starts_with_any(name, {"token_embd_norm.", "per_layer_model_proj.", "per_layer_proj_norm."});
}

bool comes_first(const HostWeight& a, const HostWeight& b) { return a.layer < b.layer; }

}  // namespace

bool DeviceMap::everything_on_devices() const {
  return output != host && std::find(layers.begin(), layers.end(), host) == layers.end();
}

std::span<const HostWeight> DeviceMap::host_weights_of(std::int32_t layer) const {
  const auto [first, last] =
      std::equal_range(host_weights.begin(), host_weights.end(), HostWeight{layer, {}, {}}, comes_first);
  return {first, last};
}

DeviceMap device_map(const Architecture& architecture, std::span<const Tensor> tensors,
                     std::span<const ElementType> types, const Offloading& offloading) {
  DeviceMap map;
  map.devices = offloading.devices;
  map.layers = devices_of_layers(architecture.blocks.size(), offloading);
  map.output = map.layers.back();
  map.layers.pop_back();
  map.offload_operations = offloading.operations;
  map.overridden = !offloading.host_parts.empty();
  for (std::size_t i = 0; i < tensors.size() && map.devices > 0; ++i) {
    const std::int32_t layer = tensors[i].layer;
    const std::string_view name = without_layer(tensors[i]);
    const std::int8_t device = layer >= 0                    ? map.of_layer(static_cast<std::size_t>(layer))
                               : lies_with_first_layer(name) ? map.of_layer(0)
                                                             : map.output;
    if (is_moved(offloading, layer, name) || device == DeviceMap::host)
      map.host_weights.push_back({layer, name, types[i]});
  }
  std::stable_sort(map.host_weights.begin(), map.host_weights.end(), comes_first);
  return map;
}

}  // namespace vramcalc::llama_cpp
