#include "runtime/llama_cpp/placed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "runtime/llama_cpp/automatic_flash_attention.hpp"
#include "runtime/llama_cpp/backend.hpp"
#include "runtime/llama_cpp/compute_buffer.hpp"
#include "runtime/llama_cpp/context.hpp"
#include "runtime/llama_cpp/recurrent_state.hpp"
#include "runtime/llama_cpp/tensor_split.hpp"
#include "runtime/llama_cpp/terms.hpp"
#include "runtime/llama_cpp/weights.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::llama_cpp {
namespace {

// The contents of one device or of the host.
struct DeviceContents {
  Bytes weights, state;
  Amount compute;
  std::vector<CacheTensor> cache;
  std::uint32_t layers = 0;  // blocks, not counting the output
};

class Devices {
 public:
  explicit Devices(std::int8_t count) : contents_(static_cast<std::size_t>(count) + 1) {}
  DeviceContents& operator[](std::int8_t device) {
    return device == DeviceMap::host ? contents_.back() : contents_[static_cast<std::size_t>(device)];
  }
  std::vector<DeviceContents>& all() { return contents_; }

 private:
  std::vector<DeviceContents> contents_;
};

// A cache is on its layer's device, or all caches are on the host (src/llama-kv-cache.cpp).
std::int8_t device_of_cache(const DeviceMap& map, const ContextParams& params, std::size_t layer) {
  return params.kv_offload ? map.of_layer(layer) : DeviceMap::host;
}

// Batches and windows are the same for all contexts that are longer than they are.
AskedContexts contexts_from(const Architecture& architecture, const ContextParams& params,
                            const ResolvedContext& resolved) {
  AskedContexts contexts{resolved.cells, resolved.cells, resolved.cells, [&](std::uint64_t cells) {
                           return graph_settings(architecture, params, with_cells(resolved, cells));
                         }};
  if (!only_cells_change(params, resolved)) return contexts;
  const std::uint64_t window = contexts.settings(resolved.cells).window_cells;
  const std::uint64_t least = round_up(std::max(params.batch, params.ubatch), cell_step);
  contexts.first = std::min(resolved.cells, std::max(least, window < resolved.cells ? window : 0));
  contexts.last =
      std::max(resolved.cells, round_up(architecture.context_length / resolved.streams, cell_step));
  return contexts;
}

// An equivalent placement by layer counts, since GPUs of different sizes may have the same split.
Placement by_layers(const Placement& placement, const DeviceMap& map) {
  Placement same = placement;
  same.free.assign(placement.free.size(), Bytes(0));
  same.split.assign(placement.free.size() + 1, 0);
  const auto count = [&](std::int8_t device) {
    ++same.split[device == DeviceMap::host ? placement.free.size() : static_cast<std::size_t>(device)];
  };
  std::ranges::for_each(map.layers, count);
  same.split.push_back(map.output);
  return same;
}

// Where a placement puts the tensors, which is found once and only if needed.
class TensorLocations {
 public:
  TensorLocations(const Architecture& architecture, const Weights& weights, const Placement& placement,
                  KnownOverrides& known)
      : architecture_(architecture), weights_(weights), placement_(placement), known_(known) {}

  const Locations& get() {
    if (!found_) found_ = locate(architecture_, weights_.tensors, weights_.types, placement_, known_);
    return *found_;
  }

 private:
  const Architecture& architecture_;
  const Weights& weights_;
  const Placement& placement_;
  KnownOverrides& known_;
  std::optional<Locations> found_;
};

// Cached, because searches use a placement at many contexts and a split on many machines.
KnownWeights& weights_placed(const Architecture& architecture, const Weights& weights, const Placement& asked,
                             TensorLocations& where, bool load_mtp, KnownPlacements& known) {
  constexpr std::size_t most_kept = 64;  // two splits of each number of GPUs
  const Placement placement = by_layers(asked, map_of_layers(architecture, asked));
  for (KnownWeights& each : known.weights)
    if (each.placement == placement && std::ranges::equal(each.types, weights.types)) return each;
  if (known.weights.size() == most_kept) known.weights.erase(known.weights.begin());
  return known.weights.emplace_back(KnownWeights{
      placement,
      {weights.types.begin(), weights.types.end()},
      placed_weights(architecture, weights.tensors, weights.types, where.get(), load_mtp),
      {                     }
  });
}

const std::vector<Bytes>& layers_placed(const Architecture& architecture, const Weights& weights,
                                        const Placement& asked, bool load_mtp, KnownPlacements& known) {
  TensorLocations where(architecture, weights, asked, known.overrides);
  std::vector<Bytes>& layers = weights_placed(architecture, weights, asked, where, load_mtp, known).layers;
  if (layers.empty())
    layers = weights_of_layers(architecture, weights.tensors, weights.types, where.get(), load_mtp);
  return layers;
}

// Resolving "auto" flash attention needs a graph, and only buffers depend on it.
ContextParams without_buffers(const Architecture& architecture, ContextParams params) {
  if (params.flash_attention == FlashAttention::automatic && !architecture.graph.never_flash_attention)
    params.flash_attention = FlashAttention::on;
  return params;
}

// "auto" flash attention depends on where the layers are.
ResolvedContext resolve_at(const Architecture& architecture, const ContextParams& params,
                           std::uint64_t tokens, const Placement& placement, TensorLocations& where,
                           KnownPlacements& known) {
  if (!depends_on_kernels(architecture, params) || placement.split_tensors)
    return resolve(architecture, params, tokens);
  ResolvedContext resolved = resolve(architecture, without_buffers(architecture, params), tokens);
  const GraphSettings settings = graph_settings(architecture, params, resolved);
  resolved.flash_attention =
      may_part_attention(settings, map_of_layers(architecture, placement))
          ? flash_attention_runs_with_layers(architecture, settings, where.get().map, known)
          : flash_attention_runs_on_device(architecture, settings);
  return resolved;
}

std::vector<DeviceContents> contents_by_device(const Architecture& architecture, const Weights& weights,
                                               const ContextParams& params, const ResolvedContext& resolved,
                                               const Placement& placement, TensorLocations& where,
                                               Buffers buffers, KnownPlacements& known) {
  const std::vector<Bytes>& placed =
      weights_placed(architecture, weights, placement, where, params.load_mtp, known).devices;
  const DeviceMap map = map_of_layers(architecture, placement);
  Devices devices(map.devices);
  for (CacheTensor& tensor : cache_tensors(architecture, params, resolved))
    devices[device_of_cache(map, params, tensor.layer)].cache.push_back(tensor);
  const auto states = recurrent_state_of_layers(architecture, resolved);
  for (std::size_t layer = 0; layer < states.size(); ++layer) {
    devices[device_of_cache(map, params, layer)].state += states[layer];
    devices[map.of_layer(layer)].layers += architecture.blocks[layer].mtp ? 0 : 1;
  }
  std::vector<DeviceContents>& contents = devices.all();
  for (std::size_t i = 0; i < contents.size(); ++i) contents[i].weights = placed[i];
  if (buffers == Buffers::none) return std::move(contents);
  const auto compute = compute_amounts(architecture, params, contexts_from(architecture, params, resolved),
                                       where.get().map, placement, buffers, known);
  for (std::size_t i = 0; i < contents.size(); ++i) contents[i].compute = compute[i];
  return std::move(contents);
}

// The device that stands for all GPUs adds no dependencies for fused operations
// (ggml/src/ggml-backend-meta.cpp has no graph_optimize).
ContextParams without_fusions(ContextParams params) {
  params.rules.fuses_sum_of_experts = params.rules.fuses_choice_of_experts = Applies::no;
  return params;
}

// -sm tensor: every GPU computes the same graph, as a single one would, on slices.
std::vector<DeviceContents> contents_by_slice(const Architecture& architecture, const Weights& weights,
                                              const ContextParams& params, const ResolvedContext& resolved,
                                              const Placement& placement, TensorLocations&, Buffers buffers,
                                              KnownPlacements& known) {
  if (params.load_mtp)
    throw Error(ErrorCode::unsupported, "-sm tensor with prediction layers is not calculated");
  std::vector<DeviceContents> contents;
  for (Slice& slice : tensor_slices(architecture, weights.tensors, weights.types,
                                    cache_tensors(architecture, params, resolved), resolved, placement))
    contents.push_back({slice.weights, slice.state, {}, std::move(slice.cache), 0});
  DeviceContents host;
  host.weights = weight_bytes(architecture, weights, false).host;
  if (!params.kv_offload) {
    host.cache = cache_tensors(architecture, params, resolved);
    host.state = recurrent_state_bytes(architecture, resolved);
    for (DeviceContents& gpu : contents) gpu.cache.clear(), gpu.state = Bytes(0);
  }
  contents.push_back(std::move(host));
  if (buffers == Buffers::none) return contents;
  const ContextParams unfused = without_fusions(params);
  const auto compute = compute_amounts(architecture, unfused, contexts_from(architecture, unfused, resolved),
                                       {}, placement, buffers, known);
  for (std::size_t i = 0; i < contents.size(); ++i)
    contents[i].compute = i + 1 < contents.size() ? compute.front() : compute.back();
  return contents;
}

std::string why_weights(const DeviceContents& contents, bool host) {
  std::string what = host ? "tensors looked up or kept on the host" : "tensors of the output or moved here";
  if (contents.layers > 0) what = fmt::format("{} layers{}", contents.layers, host ? " and " + what : "");
  return fmt::format("{} bytes: {} (llama.cpp {}, src/llama-model.cpp)", grouped(contents.weights.count()),
                     what, version);
}

// Releases after 0.5.0 read a tied output from the embedding where 0.5.0 has a second copy on the same device
// (b12211, measured with Gemma 3n and 4, and 0.07 MiB less with Gemma 4 E4B for a reason that was not found).
Amount weights_without_gpu(Bytes bytes, const Architecture& architecture, const Weights& weights,
                           const ContextParams& params) {
  const Bytes most = bytes + amx_packing(weights, params.load_mtp);
  if (params.rules.mixed_inputs == Applies::no) return {bytes, bytes, most};
  const Bytes once = bytes - second_copy_of_output(architecture, weights);
  return {once - Bytes(once.count() / 1000), once, most};
}

std::string why_weights_without_gpu(Bytes bytes) {
  return fmt::format(
      "{} bytes: all tensors; a CPU with AMX packs matrices into more (llama.cpp {}, "
      "ggml/src/ggml-cpu/amx/mmq.cpp)",
      grouped(bytes.count()), version);
}

}  // namespace

std::vector<PlaceEstimate> place(const Architecture& architecture, const Weights& weights,
                                 const ContextParams& asked, std::uint64_t tokens, const Placement& placement,
                                 Reasons reasons, Buffers buffers, KnownPlacements& known) {
  require_gguf(architecture);
  const bool only_held = buffers == Buffers::none && reasons == Reasons::none;
  const ContextParams params =
      only_held ? without_buffers(architecture, asked) : on_backend(architecture, asked, placement.backend);
  TensorLocations where(architecture, weights, placement, known.overrides);
  const ResolvedContext resolved = resolve_at(architecture, params, tokens, placement, where, known);
  const auto contents_of = placement.split_tensors ? contents_by_slice : contents_by_device;
  const std::vector<DeviceContents> contents =
      contents_of(architecture, weights, params, resolved, placement, where, buffers, known);
  const auto if_asked = [&](auto why) { return reasons == Reasons::full ? why() : std::string(); };

  std::vector<PlaceEstimate> devices;
  for (std::size_t i = 0; i < contents.size(); ++i) {
    const bool host = i + 1 == contents.size();
    const DeviceContents& here = contents[i];
    PlaceEstimate device{host ? Place::host() : Place::gpu(i), {}};
    const auto add = [&](TermKind kind, const Amount& amount, Basis basis, auto why) {
      if (amount.high > Bytes(0)) device.terms.push_back({kind, amount, basis, if_asked(why)});
    };
    const auto add_exactly = [&](TermKind kind, Bytes bytes, auto why) {
      add(kind, Amount::exactly(bytes), Basis::exact, why);
    };
    const auto add_padded = [&](TermKind kind, Bytes bytes, Bytes padding, auto why) {
      add(kind, {bytes - padding, bytes, bytes}, padding > Bytes(0) ? Basis::derived : Basis::exact, why);
    };
    const Backend driving = host ? Backend::cuda : placement.backend;
    if (placement.backend == Backend::cpu) {
      const Amount amount = weights_without_gpu(here.weights, architecture, weights, params);
      add(TermKind::weights, amount, amount.low < amount.high ? Basis::derived : Basis::exact,
          [&] { return why_weights_without_gpu(here.weights); });
    } else {
      add_padded(TermKind::weights, here.weights, weight_padding(here.weights, driving),
                 [&] { return why_weights(here, host); });
    }
    add_padded(TermKind::kv_cache, kv_cache_bytes(here.cache, device.place),
               cache_padding(here.cache, driving), [&] { return why_cache(here.cache, params, resolved); });
    add_exactly(TermKind::recurrent_state, here.state, [&] { return why_state(resolved); });
    add(TermKind::compute_buffer, here.compute, Basis::derived,
        [&] { return why_compute(architecture, resolved, params, placement.backend); });
    if (host)
      add_exactly(TermKind::output_buffer, output_buffer_bytes(architecture, params, resolved),
                  [&] { return why_output(architecture, params, resolved); });
    devices.push_back(std::move(device));
  }
  return devices;
}

std::vector<Bytes> bytes_of_layers(const Architecture& architecture, const Weights& weights,
                                   const ContextParams& asked, std::uint64_t tokens,
                                   const Placement& placement, KnownPlacements& known) {
  const ContextParams params = without_buffers(architecture, asked);
  std::vector<Bytes> bytes = layers_placed(architecture, weights, placement, params.load_mtp, known);
  if (params.kv_offload) {
    const ResolvedContext resolved = resolve(architecture, params, tokens);
    for (const CacheTensor& tensor : cache_tensors(architecture, params, resolved))
      bytes[tensor.layer] += kv_cache_bytes(tensor, Place::gpu(0));
    const auto states = recurrent_state_of_layers(architecture, resolved);
    for (std::size_t layer = 0; layer < states.size(); ++layer) bytes[layer] += states[layer];
  }
  bytes.resize(shape_facts(architecture).block_count + 1);
  return bytes;
}

}  // namespace vramcalc::llama_cpp
