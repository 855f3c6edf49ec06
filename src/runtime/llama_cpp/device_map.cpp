#include "runtime/llama_cpp/device_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "runtime/llama_cpp/tensor_pattern.hpp"
#include "vramcalc/error.hpp"
#include "vramcalc/weights.hpp"

namespace vramcalc::llama_cpp {
namespace {

// Cumulative shares of the devices, in floats as in llama.cpp, which matters for layers at a border.
std::vector<float> borders(const Placement& placement) {
  std::vector<float> result;
  const bool by_free_memory =
      std::all_of(placement.split.begin(), placement.split.end(), [](double share) { return share == 0; });
  float sum = 0;
  for (std::size_t d = 0; d < placement.free.size(); ++d) {
    if (by_free_memory) {
      sum += static_cast<float>(placement.free[d].count());
    } else if (d < placement.split.size()) {
      sum += static_cast<float>(placement.split[d]);
    }
    result.push_back(sum);
  }
  for (float& border : result) border /= sum;
  return result;
}

// The devices of the blocks and, last, of the output.
std::vector<std::int8_t> devices_of_layers(std::size_t blocks, const Placement& placement) {
  const auto share = borders(placement);
  const std::size_t all = blocks + 1;
  const std::size_t on_devices = std::min<std::size_t>(placement.layers.value_or(UINT32_MAX), all);
  std::vector<std::int8_t> result(all, DeviceMap::host);
  for (std::size_t i = 0; i < on_devices && !share.empty(); ++i) {
    const float position = static_cast<float>(i) / static_cast<float>(on_devices);
    const auto border = std::upper_bound(share.begin(), share.end(), position);
    result[all - on_devices + i] = static_cast<std::int8_t>(border - share.begin());
  }
  return result;
}

bool is_any_of(Role role, std::initializer_list<Role> others) {
  return std::ranges::find(others, role) != others.end();
}

// The roles that "ffn_up", "ffn_gate" and "ffn_down" match.
bool is_up(Role role) {
  return is_any_of(role, {Role::up, Role::expert_up, Role::chunk_expert_up, Role::shared_up});
}

bool is_gate(Role role) {
  return is_any_of(role,
                   {Role::gate, Role::router, Role::router_hash, Role::expert_gate, Role::expert_gate_up,
                    Role::chunk_expert_gate, Role::shared_router, Role::shared_gate});
}

bool is_down(Role role) {
  return is_any_of(role, {Role::down, Role::expert_down, Role::chunk_expert_down, Role::shared_down});
}

// The roles that the patterns of placement.cpp match.
bool belongs_to(TensorOverride::Part part, Role role) {
  switch (part) {
    case TensorOverride::Part::named: return false;
    case TensorOverride::Part::experts:
      return is_any_of(role, {Role::expert_up, Role::expert_down, Role::expert_gate, Role::expert_gate_up,
                              Role::chunk_expert_up, Role::chunk_expert_down, Role::chunk_expert_gate});
    case TensorOverride::Part::feed_forward: return is_feed_forward(role);
    case TensorOverride::Part::feed_forward_but_up: return is_gate(role) || is_down(role);
    case TensorOverride::Part::feed_forward_down: return is_down(role);
  }
  return false;
}

// Whether a tensor outside the layers is on the device of the first layer; the others are on that of the
// output (src/llama-arch.cpp, LLM_TENSOR_INFOS). LFM2's output norm has the name of the embedding's.
bool lies_with_first_layer(const Architecture& architecture, Role role) {
  return role != architecture.final_norm_role &&
         is_any_of(role, {Role::embedding_norm, Role::per_layer_projection, Role::per_layer_projection_norm});
}

bool comes_first(const MovedWeight& a, const MovedWeight& b) { return a.layer < b.layer; }

// By the tensor's layer; for input tensors, by the device that may have a copy.
std::int8_t device_of(const Architecture& architecture, const DeviceMap& map, const Tensor& tensor) {
  if (tensor.layer >= 0) return map.of_layer(static_cast<std::size_t>(tensor.layer));
  return lies_with_first_layer(architecture, tensor.kind.role) ? map.of_layer(0) : map.output;
}

struct Override {
  const TensorOverride* moved = nullptr;
  std::optional<TensorPattern> pattern;

  bool matches(const Tensor& tensor) {
    return pattern ? pattern->matches(tensor.name)
                   : tensor.layer >= 0 && belongs_to(moved->part, tensor.kind.role);
  }
  std::uint64_t steps(const Tensor& tensor) const {
    return pattern ? pattern->steps_per_byte(tensor.name) * tensor.name.size() : 0;
  }
};

// The overrides that may match a tensor of a layer (-1: none), in order. -ncmoe makes one for every layer.
class OverridesByLayer {
 public:
  explicit OverridesByLayer(std::span<const TensorOverride> overrides) {
    for (const TensorOverride& moved : overrides) {
      Override& each = all_.emplace_back(Override{&moved, std::nullopt});
      if (moved.part == TensorOverride::Part::named) each.pattern.emplace(moved.pattern);
    }
  }

  std::span<Override* const> of(std::int32_t layer) {
    const auto [known, is_new] = by_layer_.try_emplace(layer);
    if (is_new)
      for (Override& each : all_)
        if (each.pattern || !each.moved->layer || std::int64_t{*each.moved->layer} == layer)
          known->second.push_back(&each);
    return known->second;
  }

 private:
  std::vector<Override> all_;
  std::unordered_map<std::int32_t, std::vector<Override*>> by_layer_;
};

// A hundred patterns that may match every tensor of the largest models need a tenth of this.
void require_few_steps(std::span<const Tensor> tensors, OverridesByLayer& overrides) {
  constexpr std::uint64_t most_steps = 50'000'000;
  std::uint64_t steps = 0;
  for (const Tensor& tensor : tensors) {
    for (const Override* each : overrides.of(tensor.layer)) steps += each->steps(tensor);
    if (steps > most_steps)
      throw Error(
          ErrorCode::bad_value,
          "-ot: matching these patterns against every tensor takes too long; use fewer patterns, or start "
          "each with literal text such as blk\\.3\\.ffn");
  }
}

OverriddenDevices matched(std::span<const Tensor> tensors, std::span<const TensorOverride> overrides) {
  OverriddenDevices result(tensors.size());
  if (overrides.empty()) return result;
  OverridesByLayer by_layer(overrides);
  require_few_steps(tensors, by_layer);
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const auto candidates = by_layer.of(tensors[i].layer);
    const auto first =
        std::ranges::find_if(candidates, [&](Override* each) { return each->matches(tensors[i]); });
    if (first != candidates.end()) result[i] = DeviceMap::device_of((*first)->moved->place);
  }
  return result;
}

// Cached, because patterns are slow to match and searches use the same ones repeatedly.
const OverriddenDevices& overridden_devices(std::span<const Tensor> tensors,
                                            const std::vector<TensorOverride>& overrides,
                                            KnownOverrides& known) {
  if (known.devices.size() == tensors.size() && known.overrides == overrides) return known.devices;
  known.devices = matched(tensors, overrides);
  known.overrides = overrides;
  return known.devices;
}

void require_devices(const Placement& placement) {
  for (const TensorOverride& moved : placement.overrides)
    if (!moved.place.is_host() && moved.place.gpu_index() >= placement.free.size())
      throw Error(ErrorCode::bad_value,
                  fmt::format("-ot sends \"{}\" to GPU {}, but the number of GPUs is {}", pattern_of(moved),
                              moved.place.gpu_index(), placement.free.size()));
}

std::vector<std::int8_t> devices_of(const Architecture& architecture, const DeviceMap& map,
                                    std::span<const Tensor> tensors, const OverriddenDevices& overridden) {
  std::vector<std::int8_t> result(tensors.size());
  for (std::size_t i = 0; i < tensors.size(); ++i)
    result[i] = overridden[i].value_or(
        is_input_tensor(tensors[i]) ? DeviceMap::host : device_of(architecture, map, tensors[i]));
  return result;
}

std::vector<MovedWeight> moved_weights(const Architecture& architecture, const DeviceMap& map,
                                       std::span<const Tensor> tensors, std::span<const ElementType> types,
                                       const OverriddenDevices& overridden) {
  std::vector<MovedWeight> moved;
  if (map.devices == 0) return moved;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const std::int8_t by_layer = device_of(architecture, map, tensors[i]);
    const std::int8_t device = overridden[i].value_or(by_layer);
    const bool is_weight = tensors[i].kind.component == Component::weight;
    if (device != by_layer || (is_weight && device == DeviceMap::host))
      moved.push_back({tensors[i].layer, tensors[i].kind, types[i], device});
  }
  std::stable_sort(moved.begin(), moved.end(), comes_first);
  return moved;
}

// Tensors that are looked up row by row stay on the host unless they were moved.
std::vector<MovedWeight> moved_inputs(std::span<const Tensor> tensors, std::span<const ElementType> types,
                                      const OverriddenDevices& overridden) {
  std::vector<MovedWeight> moved;
  for (std::size_t i = 0; i < tensors.size(); ++i)
    if (overridden[i].value_or(DeviceMap::host) != DeviceMap::host && is_input_tensor(tensors[i]))
      moved.push_back({tensors[i].layer, tensors[i].kind, types[i], *overridden[i]});
  return moved;
}

}  // namespace

bool DeviceMap::everything_on_devices() const {
  return output != host && std::find(layers.begin(), layers.end(), host) == layers.end();
}

std::span<const MovedWeight> DeviceMap::moved_weights_of(std::int32_t layer) const {
  const auto [first, last] =
      std::equal_range(moved_weights.begin(), moved_weights.end(), MovedWeight{layer, {}, {}}, comes_first);
  return {first, last};
}

bool is_feed_forward(Role role) { return is_gate(role) || is_up(role) || is_down(role); }

// The list of a draft head's tokens has 64-bit numbers, in which no GPU looks up rows.
bool is_input_tensor(const Tensor& tensor) {
  if (tensor.kind.role == Role::draft_tokens) return true;
  return tensor.layer < 0 && tensor.kind.component == Component::weight &&
         is_any_of(tensor.kind.role, {Role::embedding, Role::per_layer_embedding, Role::position_embedding,
                                      Role::token_type_embedding});
}

DeviceMap map_of_layers(const Architecture& architecture, const Placement& placement) {
  DeviceMap map;
  map.devices = static_cast<std::int8_t>(placement.free.size());
  // Blocks that are not in the file come last and are not counted.
  map.layers = devices_of_layers(shape_facts(architecture).block_count, placement);
  map.output = map.layers.back();
  map.layers.pop_back();
  map.layers.resize(architecture.blocks.size(), map.output);
  map.offload_operations = placement.offload_operations;
  map.overridden = !placement.overrides.empty();
  map.dry_run = placement.as_fit_estimates;
  return map;
}

std::vector<std::int8_t> devices_of_tensors(const Architecture& architecture, std::span<const Tensor> tensors,
                                            const Placement& placement) {
  require_devices(placement);
  return devices_of(architecture, map_of_layers(architecture, placement), tensors,
                    matched(tensors, placement.overrides));
}

Locations locate(const Architecture& architecture, std::span<const Tensor> tensors,
                 std::span<const ElementType> types, const Placement& placement, KnownOverrides& known) {
  require_devices(placement);
  const OverriddenDevices& overridden = overridden_devices(tensors, placement.overrides, known);
  Locations result{map_of_layers(architecture, placement), {}, {}};
  result.tensors = devices_of(architecture, result.map, tensors, overridden);
  result.map.moved_weights = moved_weights(architecture, result.map, tensors, types, overridden);
  result.map.moved_inputs = moved_inputs(tensors, types, overridden);
  result.overridden.reserve(tensors.size());
  for (const auto& device : overridden) result.overridden.push_back(device.has_value());
  return result;
}

Locations locate(const Architecture& architecture, std::span<const Tensor> tensors,
                 std::span<const ElementType> types, const Placement& placement) {
  KnownOverrides unknown;
  return locate(architecture, tensors, types, placement, unknown);
}

}  // namespace vramcalc::llama_cpp
